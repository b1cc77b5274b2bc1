"""Does a case find other hands when its owner or department leaves the organisation? (issue 17, fault 5)"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

from services.routing import metrics
from services.routing.domain.action import Action
from services.routing.domain.placing import waits_at_triage, why_stranded
from services.routing.domain.succession import TAKEN_OVER, orphaned_actions
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.hand_down import HandDown
from services.routing.handlers.place_again import PlaceAgain
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.jobs.leaving import compared, main
from services.routing.jobs.succession import keep_manned, look_through
from shared.errors import NotFound, Rejected
from shared.events.routing import ComplaintAssigned
from shared.host.keeping import keep
from shared.ids import derived_id
from shared.lifecycle import Status
from shared.policy.loader import load_again
from shared.policy.model import Organisation, Rulebook
from shared.policy.organisation import Successors
from tests.routing.builders import (
    COMPLAINT,
    HANDLER,
    MANAGER,
    NOW,
    RULES,
    a_person,
    a_proposed_case,
    a_rulebook,
    after,
    an_accepted_case,
    an_agreed_case,
    an_assigned_case,
    an_event,
    an_investigated_case,
    do,
    euros,
    registered,
)
from tests.shared.policy import files
from tests.support.waiting import eventually

REFUND = {"category": "refund"}
COMPANY = Path(__file__).parents[2] / "deploy" / "organisation" / "organisation.yaml"
SMALL = yaml.safe_load(files.ORGANISATION.replace("wang", "sun"))
OWN = yaml.safe_load(files.PROFILE)
OWNER = an_assigned_case(**REFUND).placement.assignee


def changed(rules: Rulebook = RULES, **given) -> Rulebook:
    organisation: Organisation = replace(rules.organisation, version="later", **given)
    return replace(rules, organisation=organisation)


def without_person(*gone: str, rules: Rulebook = RULES, **heirs: str) -> Rulebook:
    people = {one: person for one, person in rules.organisation.people.items() if one not in gone}
    departments = {
        name: replace(
            one,
            members=tuple(member for member in one.members if member not in gone),
            manager=one.manager if one.manager not in gone else None,
        )
        for name, one in rules.organisation.departments.items()
    }
    return changed(rules, people=people, departments=departments, successors=Successors(people=heirs))


def without_department(gone: str, **heirs: str) -> Rulebook:
    departments = {name: one for name, one in RULES.organisation.departments.items() if name != gone}
    return changed(departments=departments, successors=Successors(departments=heirs))


def test_the_successor_who_is_named_has_it():
    case = an_assigned_case(**REFUND)

    decision = do(case, HandDown(COMPLAINT), without_person(OWNER, **{OWNER: "wang"}))

    placed = decision.state
    assert (placed.placement.assignee, placed.department, placed.status) == (
        "wang",
        "billing",
        Status.ASSIGNED,
    )
    assert (placed.placement.reason, placed.former) == ("owner-left", (case.placement,))
    assert [type(one) for one in decision.tells] == [ComplaintAssigned]
    assert [(one.to, one.template) for one in decision.notices] == [("wang", "case-inherited")]


def test_without_a_successor_somebody_of_the_department_has_it():
    rules = a_rulebook(a_person("new"))
    billing = rules.organisation.departments["billing"]
    rules = changed(
        rules,
        departments={
            **rules.organisation.departments,
            "billing": replace(billing, members=(*billing.members, "new")),
        },
    )

    placed = do(an_assigned_case(**REFUND), HandDown(COMPLAINT), without_person(OWNER, rules=rules)).state

    assert placed.department == "billing"
    assert placed.placement.assignee in placed_people(rules, "billing") - {OWNER}


def placed_people(rules: Rulebook, department: str) -> set[str]:
    return set(rules.organisation.departments[department].members)


def nobody_of_billing(**heirs: str) -> Rulebook:
    return without_department("billing", **heirs)


@pytest.mark.parametrize(
    "case",
    [
        an_assigned_case(**REFUND),
        an_accepted_case(**REFUND),
        an_investigated_case(**REFUND),
        a_proposed_case(**REFUND),
    ],
    ids=lambda case: case.status,
)
def test_what_nobody_can_take_is_stranded_at_any_status_until_somebody_takes_it_up(case):
    rules = nobody_of_billing()

    decision = do(case, HandDown(COMPLAINT), rules)

    stranded = decision.state
    assert (stranded.department, why_stranded(stranded), stranded.status) == (
        "desk",
        "department-left",
        case.status,
    )
    assert decision.notices
    assert {one.template for one in decision.notices} == {"case-inherited"}
    again = do(stranded, HandDown(COMPLAINT), rules)
    assert (again.state, again.tells) == (stranded, ())
    assert do(stranded, PlaceAgain(COMPLAINT), rules).state is stranded
    back = do(stranded, PlaceAgain(COMPLAINT)).state
    assert (back.department, back.status, why_stranded(back)) == ("billing", case.status, None)
    taken = after(stranded, ReassignCase(COMPLAINT, MANAGER, "desk", "taken"))
    assert not waits_at_triage(taken)


def test_who_accepts_it_at_the_desk_has_taken_it_up():
    stranded = do(an_assigned_case(**REFUND), HandDown(COMPLAINT), nobody_of_billing()).state

    accepted = after(stranded, AcceptCase(COMPLAINT, HANDLER))

    assert why_stranded(accepted) is None


def test_the_department_that_follows_has_it_and_the_owner_stays_if_still_there():
    case = an_accepted_case(**REFUND)

    placed = do(case, HandDown(COMPLAINT), nobody_of_billing(billing="desk")).state

    assert (placed.department, placed.placement.assignee) == ("desk", case.placement.assignee)
    assert (placed.placement.rule, placed.placement.reason) == ("succeeded", "department-left")
    assert placed.status is Status.ACCEPTED


def test_who_works_at_another_site_by_now_has_it_no_more():
    moved = a_rulebook(a_person(OWNER, sites=("ber1",)))

    placed = do(an_assigned_case(**REFUND), HandDown(COMPLAINT), moved).state

    assert placed.placement.assignee != OWNER
    assert why_stranded(placed) == "owner-left"


def test_a_manager_of_another_site_who_took_it_over_keeps_it():
    case = an_assigned_case(**REFUND)
    case = replace(case, placement=replace(case.placement, rule=TAKEN_OVER))

    assert do(case, HandDown(COMPLAINT), a_rulebook(a_person(OWNER, sites=("ber1",)))).state is case


def test_once_the_customer_has_agreed_other_hands_are_told_without_an_assignment():
    case = an_agreed_case(**REFUND)

    decision = do(case, HandDown(COMPLAINT), without_person("chen", chen="wang"))

    assert (decision.state.placement.assignee, decision.state.status) == ("wang", Status.AGREED)
    assert decision.tells == ()
    assert [one.to for one in decision.notices] == ["wang"]


def test_nothing_changes_while_everybody_is_there_or_after_the_end():
    case = an_assigned_case(**REFUND)
    ended = replace(case, status=Status.CLOSED)

    assert do(case, HandDown(COMPLAINT)).state is case
    assert do(ended, HandDown(COMPLAINT), nobody_of_billing()).state is ended
    with pytest.raises(NotFound):
        do(None, HandDown(COMPLAINT))


def test_a_successor_who_is_complained_about_does_not_have_it():
    case = an_assigned_case(accused_refs=("wang",), **REFUND)

    placed = do(case, HandDown(COMPLAINT), without_person(OWNER, **{OWNER: "wang"})).state

    assert placed.placement.assignee != "wang"


def test_corrective_actions_go_with_their_department_and_their_owner():
    action = Action("a-1", 1, "CAPA", "corrective", "billing", NOW, "li", owner=OWNER)
    case = replace(an_assigned_case(**REFUND), actions=(action,))

    by_person = do(case, HandDown(COMPLAINT), without_person(OWNER, **{OWNER: "wang"})).state
    by_department = do(case, HandDown(COMPLAINT), nobody_of_billing(billing="desk")).state

    assert [(one.department, one.owner) for one in by_person.actions] == [("billing", "wang")]
    assert [(one.department, one.owner) for one in by_department.actions] == [("desk", OWNER)]
    assert not orphaned_actions(by_person, without_person(OWNER))


def test_a_proposal_asks_those_who_may_sign_now():
    case = replace(a_proposed_case(euros(), **REFUND), unsignable_since=NOW)

    decision = do(case, HandDown(COMPLAINT), without_person("chen", chen="wang"))

    assert (decision.state.status, decision.state.placement.assignee) == (Status.PROPOSED, "wang")
    assert decision.state.unsignable_since is None


async def assigned(workplace, count: int) -> list:
    found = []
    for number in range(count):
        complaint = derived_id(NOW, str(number))
        work = await workplace.shell.submit(an_event(registered(**REFUND), complaint=complaint))
        assert work.error is None, work.error
        found.append(complaint)
    return found


async def test_all_cases_of_one_who_left_are_in_other_hands_and_the_rest_stays(workplace):
    complaints = await assigned(workplace, 3)
    workplace.rules.append(without_person(OWNER, **{OWNER: "wang"}))

    moved = await look_through(workplace.desk)

    owners = {(await workplace.queries.find(one)).placement.assignee for one in complaints}
    assert (moved, owners) == (3, {"wang"})
    assert await look_through(workplace.desk) == 0


async def test_a_running_service_moves_them_by_itself_and_shows_what_is_stranded(workplace):
    (complaint,) = await assigned(workplace, 1)
    job = asyncio.create_task(keep_manned(None, workplace.desk))
    workplace.rules.append(nobody_of_billing())

    async def is_stranded() -> bool:
        case = await workplace.queries.find(complaint)
        return why_stranded(case) == "department-left"

    await eventually(is_stranded)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job
    await metrics.refresh(workplace.queries)

    labels = {"site": "sh01", "reason": "department-left"}
    assert REGISTRY.get_sample_value("kesu_complaints_stranded", labels) == 1


async def test_who_leaves_is_told_with_their_open_cases(workplace):
    await assigned(workplace, 2)
    content = {"organisation": SMALL, "profiles": {"own": OWN}}
    await keep(workplace.database, workplace.sealer, content, NOW)
    organisation = load_again(content).organisation
    later = replace(organisation, sites={}, people={}, successors=Successors(people={OWNER: "nobody"}))
    after = replace(load_again(content), organisation=later)

    found = await compared(workplace.database, workplace.sealer, after, NOW)

    assert {(one.leaving.part, one.leaving.id): one.open_cases for one in found} == {
        ("sites", "sh01"): 2,
        ("people", "boss"): 0,
        ("people", OWNER): 2,
    }
    assert [one.leaving.id for one in found if one.is_refused] == ["sh01"]


async def test_without_anything_in_force_it_says_so(workplace):
    with pytest.raises(Rejected, match="nothing-in-force"):
        await compared(workplace.database, workplace.sealer, RULES, NOW)


def test_the_program_says_in_one_sentence_which_settings_it_lacks(monkeypatch, capsys, tmp_path):
    for name in ("DATABASE_URL", "AMQP_URL", "SECRET", "SEAL_KEYS", "ORGANISATION"):
        monkeypatch.delenv(f"KESU_{name}", raising=False)
    monkeypatch.chdir(tmp_path)

    status = main(["--organisation", str(COMPANY)])

    assert status == 2
    assert "KESU_DATABASE_URL" in capsys.readouterr().err
