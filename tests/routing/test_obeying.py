"""Does routing do what a manager decided on an alarm, once, and say so where it cannot?"""

from __future__ import annotations

import pytest

from shared.errors import NotYet
from shared.events.escalation import EscalationDecided
from shared.events.routing import ComplaintAssigned
from shared.lifecycle import Status
from tests.routing.builders import (
    COMPLAINT,
    NOW,
    NUMBER,
    a_fulfilled_case,
    a_rulebook,
    an_accepted_case,
    an_assigned_case,
    away,
    hear,
    registered,
    withdrawn,
)

ALARM = "01951111-0000-5000-8000-00000000aaaa"


def decided(decision: str = "take_over", **given) -> EscalationDecided:
    defaults = {
        "complaint_no": NUMBER,
        "escalation_id": ALARM,
        "clock": "answer",
        "level": 1,
        "decision": decision,
        "by": "wang",
        "at": NOW,
    }
    return EscalationDecided(**{**defaults, **given})


def test_whoever_takes_over_is_the_assignee_and_the_status_stays():
    case = an_accepted_case()

    decision = hear(case, decided())

    after = decision.state
    assert (after.placement.assignee, after.placement.rule, after.department) == (
        "wang",
        "taken-over",
        "sales",
    )
    assert after.status is Status.ACCEPTED
    assert after.former[-1] == case.placement
    (told,) = decision.tells
    assert isinstance(told, ComplaintAssigned)
    assert told.assignee == "wang"


def test_a_decision_heard_twice_is_carried_out_once():
    once = hear(an_accepted_case(), decided()).state

    again = hear(once, decided())

    assert again.state is once
    assert again.tells == again.notices == ()


def test_reassigning_to_a_department_chooses_somebody_who_is_there():
    decision = hear(an_accepted_case(), decided("reassign", department="quality", reason_code="wrong-desk"))

    placement = decision.state.placement
    assert (placement.department, placement.assignee) == ("quality", "qian")
    assert (placement.by, placement.reason) == ("wang", "wrong-desk")
    assert [type(data) for data in decision.tells] == [ComplaintAssigned]


def test_reassigning_to_a_person_gives_it_to_that_person():
    placement = hear(
        an_accepted_case(), decided("reassign", department="sales", assignee="zhou")
    ).state.placement

    assert (placement.department, placement.assignee) == ("sales", "zhou")


def test_an_instruction_is_on_record_and_its_reader_is_told_without_its_words():
    case = an_assigned_case()

    decision = hear(case, decided("instruct", sealed="sealed-words"))

    assert decision.state.orders[-1].sealed == "sealed-words"
    assert decision.state.placement == case.placement
    (notice,) = decision.notices
    assert (notice.to, notice.template) == (case.placement.assignee, "manager-instructed")
    assert "sealed-words" not in notice.values.values()


def test_an_instruction_about_a_case_of_nobody_goes_to_the_head_of_the_department():
    case = hear(an_accepted_case(), decided("reassign", department="archive")).state
    assert case.placement.assignee is None

    assert hear(case, decided("instruct", sealed="x", escalation_id="other")).notices == ()


def test_more_time_changes_nothing_but_the_record():
    case = an_accepted_case()

    decision = hear(case, decided("extend", due_at=NOW))

    assert decision.state.placement == case.placement
    assert [order.decision for order in decision.state.orders] == ["extend"]
    assert decision.tells == ()


def test_what_can_no_longer_be_done_is_recorded_and_its_author_told():
    rules = a_rulebook(away("qian"))

    decision = hear(an_accepted_case(), decided("reassign", department="quality"), rules)

    assert decision.state.orders[-1].refusal == "nobody-present"
    assert decision.state.department == "sales"
    (notice,) = decision.notices
    assert (notice.to, notice.template, notice.values["reason"]) == (
        "wang",
        "manager-not-obeyed",
        "nobody-present",
    )


def test_a_decision_that_meets_an_ended_case_is_recorded_only():
    ended = hear(an_accepted_case(), withdrawn()).state

    for case in (ended, a_fulfilled_case()):
        decision = hear(case, decided())

        assert decision.state.orders[-1].refusal == "status-forbids"
        assert decision.state.placement == case.placement
        assert decision.tells == ()


def test_a_person_complained_about_takes_over_nothing():
    case = an_assigned_case(accused_refs=("wang",))

    decision = hear(case, decided(by="wang"))

    assert decision.state.orders[-1].refusal == "recused"
    assert decision.state.placement == case.placement
    assert decision.notices == ()


def test_a_decision_that_is_ahead_of_the_registration_waits():
    with pytest.raises(NotYet):
        hear(None, decided())


async def test_the_words_are_shown_to_those_who_handle_the_case_and_to_nobody_else(workplace):
    words = workplace.sealer.seal({"instruction": "Call Mrs Fang at once"}, about=COMPLAINT)
    await workplace.hears(registered(accused_refs=("zhou",)))
    await workplace.hears(decided("instruct", sealed=words))
    path = f"/cases/{COMPLAINT}/instructions"

    shown = await workplace.client.get(path, headers=workplace.token("chen", "handler"))
    accused = await workplace.client.get(path, headers=workplace.token("zhou", "handler"))
    auditor = await workplace.client.get(path, headers=workplace.token("dora", "auditor"))
    case = await workplace.client.get(f"/cases/{COMPLAINT}", headers=workplace.token("chen", "handler"))

    assert [item["instruction"] for item in shown.json()["items"]] == ["Call Mrs Fang at once"]
    assert (accused.status_code, auditor.status_code) == (403, 403)
    assert [order["decision"] for order in case.json()["orders"]] == ["instruct"]
    assert "Fang" not in case.text
