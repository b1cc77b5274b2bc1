"""Do clocks, alarms and their links stay closed to whoever takes no part, and act for nobody else? (RCS-01)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.escalation.domain.clock import ClockState
from services.escalation.handlers.recompute_clocks import RecomputeClocks, recompute_clocks
from services.escalation.handlers.scope import require_sheet
from shared.errors import Forbidden, Rejected
from shared.events.intake import AmendedFacts, ComplaintAmended
from shared.policy.model import Extension
from tests.escalation.builders import (
    COMPLAINT,
    DAY,
    NOW,
    NUMBER,
    RULES,
    a_context,
    a_manager,
    a_person,
    a_rulebook,
    acknowledge,
    after,
    assigned,
    away,
    decide,
    extend,
    fire,
    registered,
    shanghai,
    withdrawn,
)

MONDAY, LATE = shanghai(2, 9), shanghai(5, 17)
INFORMING = Extension(max=2, inform=("department.manager", "site.manager", "director"))
BROWSER = {"Accept": "text/html", "Accept-Language": "en"}
ELSEWHERE = a_person("far", sites=("bj01",), departments=("sales",))
READS = ("/complaints/{id}/clocks", "/complaints/{id}/ledger")
WRITES = {
    "/complaints/{id}/extensions": {"clock": "answer", "reason_code": "more-time", "target": "40 wh"},
    "/complaints/{id}/agreed-dates": {"clock": "answer", "due_at": (NOW + DAY).isoformat()},
    "/complaints/{id}/escalations": None,
    "/escalations/{alarm}/acknowledge": None,
    "/escalations/{alarm}/decisions": {"decision": "take_over"},
}


def an_alarm(rules=RULES, **given):
    return fire(after(registered(MONDAY, **given), assigned(), rules=rules), LATE, rules).state


def amended(*accused: str) -> ComplaintAmended:
    facts = AmendedFacts(accused_refs=accused)
    return ComplaintAmended(complaint_no=NUMBER, at=NOW, by="li", changed=("accused_refs",), facts=facts)


def refused_to(person: str, sheet) -> bool:
    with pytest.raises(Forbidden) as told:
        extend(sheet, actor=a_manager(person), target="40 wh")
    return told.value.code == "recused"


@pytest.mark.parametrize("path", READS)
async def test_the_person_complained_about_reads_neither_clocks_nor_ledger(stand, path):
    escalation = await stand.alarm(accused_refs=("mao",))
    mao = stand.token("manager", "director", "auditor", person="mao")

    answer = await stand.client.get(path.format(id=COMPLAINT), headers=mao)
    listed = await stand.client.get("/escalations", headers=mao)

    assert (answer.status_code, answer.json()["code"]) == (403, "recused")
    assert listed.json()["items"] == []
    others = await stand.client.get("/escalations", headers=stand.token())
    assert [one["escalation_id"] for one in others.json()["items"]] == [str(escalation.id)]


@pytest.mark.parametrize("path", WRITES)
async def test_and_neither_extends_agrees_answers_nor_decides(stand, path):
    escalation = await stand.alarm(accused_refs=("mao",))
    mao = stand.token("manager", "director", person="mao")

    address = path.format(id=COMPLAINT, alarm=escalation.id)
    answer = await stand.client.post(address, headers=mao, json=WRITES[path])

    assert (answer.status_code, answer.json()["code"]) == (403, "recused")


async def test_a_kept_answer_is_not_given_to_whoever_was_accused_since(stand):
    escalation = await stand.alarm()
    path = f"/escalations/{escalation.id}/acknowledge"
    zhou = stand.token("manager", person="zhou") | {"Idempotency-Key": "k"}
    assert (await stand.client.post(path, headers=zhou)).status_code == 200

    await stand.hear(amended("zhou"))
    answer = await stand.client.post(path, headers=zhou)

    assert (answer.status_code, answer.json()["code"]) == (403, "recused")


def test_an_accused_manager_is_not_told_of_the_extension_nor_who_stands_in_for_one():
    rules = a_rulebook(away("wang", stand_in="zhou"), a_person("zhou"), extension=INFORMING)
    sheet = after(registered(MONDAY, accused_refs=("li", "wang")), assigned(), rules=rules)

    notices = extend(sheet, target="40 wh", rules=rules, actor=a_manager("dong")).notices

    assert [one.to for one in notices if one.to != "customer"] == ["dong"]


def test_the_stand_in_of_an_absent_manager_is_told_of_the_extension():
    rules = a_rulebook(away("wang", stand_in="zhou"), a_person("zhou"), extension=INFORMING)
    sheet = after(registered(MONDAY), assigned(), rules=rules)

    notices = extend(sheet, target="40 wh", rules=rules, actor=a_manager("dong")).notices

    assert [one.to for one in notices if one.to != "customer"] == ["li", "zhou", "dong"]


def test_no_alarm_reaches_anybody_through_a_person_complained_about():
    rules = a_rulebook(away("li", stand_in="mid"), away("mid", stand_in="end"), a_person("end"))

    assert an_alarm(rules).escalations[0].alerts[0].to == ("end",)
    assert "end" not in an_alarm(rules, accused_refs=("mid",)).escalations[0].told


def test_who_is_accused_by_a_correction_is_outside_at_once_and_back_when_it_is_taken_back():
    sheet = after(registered(MONDAY), assigned(), amended("zhou"))
    assert refused_to("zhou", sheet)

    cleared = after(
        registered(MONDAY, accused_refs=("zhou",)), assigned(recused=("zhou",)), amended(), assigned()
    )
    assert extend(cleared, actor=a_manager("zhou"), target="40 wh").state is not None


def test_a_correction_does_not_bring_back_whom_the_desk_recused():
    assert refused_to("zhou", after(registered(MONDAY), assigned(recused=("zhou",)), amended()))


def test_recomputing_passes_over_what_the_director_takes_no_part_in():
    sheet = after(registered(MONDAY, accused_refs=("dong",)), assigned())
    command = RecomputeClocks(COMPLAINT, a_manager("dong"))

    decision = recompute_clocks(sheet, command, a_context(MONDAY, a_rulebook(clocks=())))

    assert (decision.state, decision.answer) == (sheet, 0)


def test_scope_comes_before_the_name_of_a_clock():
    sheet = after(registered(MONDAY), assigned())

    with pytest.raises(Forbidden):
        extend(
            sheet, clock="no-such-clock", actor=a_manager(departments=frozenset({"quality"})), target="40 wh"
        )


def test_what_ended_without_a_department_is_open_to_none():

    narrow = a_manager(departments=frozenset({"sales"}))
    assert require_sheet(after(registered(MONDAY)), narrow)
    for sheet in (
        after(registered(MONDAY), withdrawn()),
        after(registered(MONDAY, history=True, category="x")),
    ):
        with pytest.raises(Forbidden):
            require_sheet(replace(sheet, department=None), narrow)


@pytest.mark.parametrize("department", [None, "sales"])
def test_a_case_is_not_given_to_somebody_of_another_site(department):
    rules = a_rulebook(ELSEWHERE)

    with pytest.raises(Rejected) as told:
        decide(an_alarm(rules), "reassign", assignee="far", department=department, now=LATE, rules=rules)

    assert (told.value.code, told.value.field) == ("assignee-elsewhere", "assignee")
    assert "sh01" in (told.value.remedy or "")


def test_nor_taken_over_by_somebody_of_another_site():
    rules = a_rulebook(ELSEWHERE)

    with pytest.raises(Rejected) as told:
        decide(an_alarm(rules), "take_over", by="far", now=LATE, rules=rules)

    assert told.value.code == "actor-elsewhere"


async def answers_of(stand, path: str) -> list[int]:
    shown = await stand.client.get(path, headers=BROWSER)
    posted = await stand.client.post(path, headers=BROWSER, data={"decision": "take_over"})
    return [shown.status_code, posted.status_code]


CHANGED = {
    "gone": a_rulebook(manager="wang"),
    "demoted": a_rulebook(manager="quentin"),
    "moved": a_rulebook(a_person("li", sites=("bj01",))),
}
del CHANGED["gone"].organisation.people["li"]


@pytest.mark.parametrize("why", CHANGED)
async def test_a_link_ends_with_what_made_it_act(stand, why):
    escalation = await stand.alarm()
    path = stand.path(f"{escalation.id}~li")
    assert (await stand.client.get(path, headers=BROWSER)).status_code == 200

    stand.process.rules._rules = CHANGED[why]

    assert await answers_of(stand, path) == [403, 403]
    sheet = await stand.queries.sheet(COMPLAINT)
    assert sheet.escalations[0].acknowledged_by is None
    assert "no longer works" in (await stand.client.get(path, headers=BROWSER)).text


async def test_a_link_ends_when_its_reader_is_accused(stand):
    escalation = await stand.alarm()

    await stand.hear(amended("li"))

    assert await answers_of(stand, stand.path(f"{escalation.id}~li")) == [403, 403]


async def test_a_link_ends_with_time_also_one_without_a_person(stand):
    escalation = await stand.alarm()
    at = escalation.alerts[-1].at
    own, anybody = stand.path(f"{escalation.id}~li"), stand.path(escalation.id)

    stand.clock.moment = at + timedelta(days=29)
    assert (await stand.client.get(own, headers=BROWSER)).status_code == 200
    stand.clock.moment = at + timedelta(days=30)

    assert await answers_of(stand, own) == await answers_of(stand, anybody) == [403, 403]


async def test_a_link_to_an_alarm_that_told_nobody_opens_nothing(escalation_url, a_stand):
    rules = a_rulebook(*(a_person(one, present=False) for one in ("li", "wang", "quentin", "dong")))
    async with a_stand(escalation_url, rules) as stand:
        escalation = await stand.alarm()

        assert escalation.told == frozenset()
        assert await answers_of(stand, stand.path(escalation.id)) == [403, 403]


async def test_a_link_without_a_person_acts_for_nobody_who_was_demoted_since(stand):
    escalation = await stand.alarm()
    stand.process.rules._rules = CHANGED["demoted"]

    answer = await stand.client.post(stand.path(escalation.id), headers=BROWSER, data={"person": "li"})

    assert answer.status_code == 403


async def test_whoever_gave_the_case_to_another_department_still_sees_what_was_decided(stand):
    escalation = await stand.alarm()
    path = stand.path(f"{escalation.id}~li")
    chosen = {"decision": "reassign", "department": "quality"}
    assert (await stand.client.post(path, headers=BROWSER, data=chosen)).status_code == 303
    await stand.hear(assigned(department="quality"))

    assert (await stand.client.get(path, headers=BROWSER)).status_code == 200


async def test_a_reassignment_by_link_to_another_site_is_refused_on_the_page(stand):
    escalation = await stand.alarm()
    stand.process.rules._rules = a_rulebook(ELSEWHERE)
    chosen = {"decision": "reassign", "assignee": "far"}

    answer = await stand.client.post(stand.path(f"{escalation.id}~li"), headers=BROWSER, data=chosen)

    assert answer.status_code == 422
    assert "does not work at sh01" in answer.text


def test_an_acknowledgement_of_a_recused_person_stops_no_ladder():
    sheet = an_alarm(accused_refs=("zhou",))

    with pytest.raises(Forbidden):
        acknowledge(sheet, by="zhou")
    assert sheet.clock_named("answer").state is ClockState.BREACHED
