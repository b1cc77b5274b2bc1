"""Are cases given to nobody who would be refused, kept answers to nobody outside, and do links end? (RCS-01)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.routing.domain.action_rights import owner_for
from services.routing.domain.presence import link_name
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.recuse_person import RecusePerson
from services.routing.handlers.told_actions import decider_notices
from shared.errors import Rejected
from shared.events.escalation import EscalationDecided
from shared.events.intake import AmendedFacts, ComplaintAmended, Flags
from tests.routing.actions import a_step, an_order
from tests.routing.builders import (
    COMPLAINT,
    MANAGER,
    NOW,
    NUMBER,
    a_context,
    a_person,
    a_rulebook,
    an_agreed_case,
    an_assigned_case,
    away,
    do,
    hear,
    registered,
)
from tests.routing.workplace import a_workplace

ELSEWHERE = a_rulebook(a_person("chen", sites=("ber1",), departments=("sales",)))
PATH = f"/cases/{COMPLAINT}"


def decided(**given) -> EscalationDecided:
    defaults = {"complaint_no": NUMBER, "escalation_id": "e", "clock": "answer", "level": 1, "at": NOW}
    return EscalationDecided(**{**defaults, "decision": "take_over", "by": "li", **given})


def amended(*accused: str) -> ComplaintAmended:
    facts = AmendedFacts(accused_refs=accused)
    return ComplaintAmended(complaint_no=NUMBER, at=NOW, by="li", changed=("accused_refs",), facts=facts)


def test_a_case_is_not_given_to_somebody_of_another_site():
    case = an_assigned_case(ELSEWHERE)

    with pytest.raises(Rejected) as told:
        do(case, ReassignCase(COMPLAINT, MANAGER, "sales", "x", "chen"), ELSEWHERE)

    assert (told.value.code, told.value.field) == ("assignee-elsewhere", "assignee")
    assert "sh01" in (told.value.remedy or "")


@pytest.mark.parametrize("order", [{"by": "chen"}, {"decision": "reassign", "assignee": "chen"}])
def test_nor_by_a_decision_on_an_alarm_which_says_so(order):
    after = hear(an_assigned_case(ELSEWHERE), decided(department="sales", **order), ELSEWHERE)

    assert after.state is not None
    assert after.state.orders[-1].refusal in {"by-elsewhere", "assignee-elsewhere"}
    assert after.state.placement.assignee != "chen"


def test_nor_does_somebody_of_another_site_own_an_action():
    with pytest.raises(Rejected) as told:
        owner_for(an_assigned_case(ELSEWHERE), "sales", "chen", ELSEWHERE, NOW)
    assert told.value.code == "owner-elsewhere"


def test_a_recusal_is_told_in_any_status_so_that_everybody_closes_the_case_to_the_person():
    decision = do(an_agreed_case(), RecusePerson(COMPLAINT, MANAGER, "zhou"))

    assert [one.recused for one in decision.tells] == [("zhou",)]


@pytest.mark.parametrize(
    ("people", "recused", "told"),
    [
        ((), (), ["li"]),
        ((), ("li",), []),
        ((away("li", stand_in="zhou"),), (), ["zhou"]),
        ((away("li", stand_in="zhou"),), ("li",), []),
        ((away("li", stand_in="zhou"),), ("zhou",), []),
    ],
)
def test_a_proposed_action_is_told_to_nobody_through_a_person_complained_about(people, recused, told):
    case = do(an_assigned_case(), an_order(a_step())).state
    assert case is not None
    case = replace(case, recused=recused)

    notices = decider_notices(case, case.actions[0], a_context(a_rulebook(*people)))

    assert [one.to for one in notices] == told


async def test_a_kept_answer_is_not_given_to_whoever_was_accused_or_lost_the_scope_since(workplace):
    await workplace.hears(registered())
    key = {"Idempotency-Key": "k1"}
    first = await workplace.client.post(f"{PATH}/accept", headers=workplace.token("zhou") | key)
    again = await workplace.client.post(f"{PATH}/accept", headers=workplace.token("zhou") | key)
    assert (first.status_code, again.json()) == (200, first.json())

    for scope in ({"sites": ("ber1",)}, {"sites": ()}, {"departments": ("billing",)}):
        refused = await workplace.client.post(
            f"{PATH}/accept", headers=workplace.token("zhou", **scope) | key
        )
        assert refused.status_code == 403, scope
    await workplace.hears(amended("zhou"), sequence=2)
    answer = await workplace.client.post(f"{PATH}/accept", headers=workplace.token("zhou") | key)
    assert (answer.status_code, answer.json()["code"]) == (403, "recused")


async def test_whoever_handed_the_case_over_may_ask_again_whether_that_was_done(workplace):
    await workplace.hears(registered())
    manager = workplace.token("li", "manager", departments=("sales",)) | {"Idempotency-Key": "k1"}
    body = {"department": "quality", "reason": "wrong-desk"}

    first = await workplace.client.post(f"{PATH}/reassign", json=body, headers=manager)
    again = await workplace.client.post(f"{PATH}/reassign", json=body, headers=manager)
    anew = await workplace.client.post(
        f"{PATH}/reassign", json=body, headers=manager | {"Idempotency-Key": "k2"}
    )

    assert [first.status_code, again.status_code, anew.status_code] == [200, 200, 403]


@pytest.mark.parametrize("path", ["actions/none/verify", "actions/none/complete", "records", "accept"])
async def test_scope_comes_before_what_the_case_holds(workplace, path):
    await workplace.hears(registered())
    bodies = {
        "actions/none/verify": {"effective": True},
        "actions/none/complete": {},
        "records": {"record": "x"},
    }

    for reference in (COMPLAINT, NUMBER):
        for scope in ({"sites": ("ber1",)}, {"departments": ("billing",)}):
            if path == "records" and "departments" in scope:
                continue  # who writes a record is policy's to say
            headers = workplace.token("zhou", "manager", **scope)
            answer = await workplace.client.post(
                f"/cases/{reference}/{path}", json=bodies.get(path), headers=headers
            )
            assert answer.status_code == 403, (reference, scope, answer.text)


async def test_what_changed_meanwhile_is_told_to_nobody_outside(workplace):
    await workplace.hears(registered(accused_refs=("zhou",)))
    headers = workplace.token("zhou") | {"If-Match": '"99"'}

    answer = await workplace.client.post(f"{PATH}/accept", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "recused")
    assert "changes" not in answer.json()


async def test_a_token_without_departments_sees_no_case(workplace):
    await workplace.hears(registered())
    actor_of = workplace.desk.tokens.read
    none = replace(actor_of(workplace.token()["Authorization"].split()[1]), departments=frozenset())
    workplace.desk.tokens.read = lambda _token: none

    listed = await workplace.client.get("/cases", headers=workplace.token())
    one = await workplace.client.get(PATH, headers=workplace.token())

    assert (listed.json()["items"], one.status_code) == ([], 403)


async def test_the_link_of_a_presence_switch_ends_with_its_last_day_and_with_the_person(routing_database):
    async with a_workplace(routing_database) as place:
        own = (await place.client.get("/presence/chen", headers=place.token("chen"))).json()["page"]
        assert (await place.client.get(own)).status_code == 200
        old = f"chen.{place.links.secret('presence', 'chen')}"
        assert (await place.client.get(f"/p/{old}")).status_code == 404
        forged = own.replace("~2026", "~2036")
        assert (await place.client.get(forged)).status_code == 404

        place.clock.moment = NOW + timedelta(days=30)
        assert (await place.client.get(own)).status_code == 200
        place.clock.moment = NOW + timedelta(days=31)
        answers = [await place.client.get(own), await place.client.post(own, data={"present": "no"})]
        assert [one.status_code for one in answers] == [404, 404]

        name = link_name("ghost", place.clock.moment)
        gone = f"/p/{name}.{place.links.secret('presence', name)}"
        assert (await place.client.post(gone, data={"present": "no"})).status_code == 404


ACCUSED_LEADER = a_rulebook(away("li", stand_in="outsider"), a_person("outsider"))


def test_who_stands_in_for_a_person_complained_about_gets_no_case_in_their_place():
    rules = a_rulebook(
        *(away(one, stand_in="outsider") for one in ("chen", "li", "zhou")), a_person("outsider")
    )

    assert an_assigned_case(rules).placement.assignee == "outsider"
    placed = an_assigned_case(rules, accused_refs=("chen", "li", "zhou")).placement
    assert placed.assignee != "outsider"


def test_nor_hears_of_one_that_the_rules_inform_that_person_of():
    told = an_assigned_case(ACCUSED_LEADER, flags=Flags(safety=True)).placement.informed
    away_leader = a_rulebook(away("qian", stand_in="outsider"), a_person("outsider"))

    assert told == ("wang", "qian")
    assert an_assigned_case(away_leader, flags=Flags(safety=True)).placement.informed == ("wang", "outsider")
    accused = an_assigned_case(away_leader, flags=Flags(safety=True), accused_refs=("qian",))
    assert accused.placement.informed == ("wang",)


def test_an_instruction_is_read_by_the_stand_in_of_an_absent_leader_and_by_nobody_for_an_accused_one():
    unmanned = replace(
        an_assigned_case(ACCUSED_LEADER), placement=replace(an_assigned_case().placement, assignee=None)
    )
    order = decided(decision="instruct", by="wang", sealed="words")

    read = hear(unmanned, order, ACCUSED_LEADER)
    unread = hear(replace(unmanned, recused=("li",)), order, ACCUSED_LEADER)

    assert [one.to for one in read.notices] == ["outsider"]
    assert unread.notices == ()


async def test_who_is_no_manager_does_not_learn_which_people_there_are(workplace):
    narrow, wide = (
        workplace.token("chen", "manager", departments=("sales",)),
        workplace.token("wang", "director"),
    )

    for who, codes in ((narrow, {403}), (wide, {404})):
        shown = await workplace.client.get("/presence/ghost", headers=who)
        said = await workplace.client.put("/presence/ghost", json={"present": True}, headers=who)
        assert {shown.status_code, said.status_code} == codes
