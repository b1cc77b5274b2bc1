"""What follows from the events of the other services, once and twice?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.routing.handlers import REACTIONS
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.propose_resolution import ProposeResolution
from shared.errors import Conflict, NotYet
from shared.events.intake import AmendedFacts, ComplaintAmended, Flags
from shared.events.routing import ComplaintAssigned, ComplaintResumed
from shared.events.surveys import SurveyAnswered
from shared.lifecycle import Status
from tests.routing.builders import (
    COMPLAINT,
    HANDLER,
    NOW,
    NUMBER,
    a_fulfilled_case,
    a_proposed_case,
    after,
    an_accepted_case,
    an_agreed_case,
    an_answered_case,
    an_assigned_case,
    an_investigated_case,
    breached,
    declined,
    do,
    hear,
    registered,
    reopened,
    replied,
    withdrawn,
)


def amended(sealed="new-contact", **facts):
    told = AmendedFacts(**facts) if facts else None
    changed = tuple(facts) or ("phone",)
    return ComplaintAmended(
        complaint_no=NUMBER, at=NOW, by="agent", changed=changed, facts=told, sealed=sealed
    )


def answered_survey(form_no="F-1", score=80.0):
    return SurveyAnswered(
        complaint_no=NUMBER, survey="after", form_no=form_no, at=NOW, score=score, satisfied=True
    )


def test_a_registered_complaint_is_assigned_and_told():
    decision = hear(None, registered(category="refund", accused_refs=("li",)))

    (told,) = decision.tells
    assert isinstance(told, ComplaintAssigned)
    assert (told.department, told.assignee, told.rule) == ("billing", "sun", "refunds")
    assert (told.policy_version, told.recused, told.round) == ("policy-1", ("li",), 1)
    assert decision.state.status is Status.ASSIGNED
    assert decision.notices == ()


def test_flags_of_the_event_reach_the_rules():
    told = hear(None, registered(flags=Flags(staff_conduct=True))).tells[0]

    assert told.rule == "conduct"


def test_a_complaint_of_the_past_is_assigned_as_history():
    decision = hear(None, registered(history=True))

    assert decision.tells[0].history
    assert decision.state.history
    assert decision.notices == ()


def test_registering_twice_changes_nothing():
    case = an_accepted_case()

    again = hear(case, registered())

    assert again.state is case
    assert again.tells == ()


@pytest.mark.parametrize(
    "data",
    [amended(), withdrawn(), declined(), reopened(), replied(), breached(), answered_survey()],
    ids=lambda data: data.type_name,
)
def test_what_comes_before_the_registration_waits_for_it(data):
    with pytest.raises(NotYet):
        hear(None, data)


def test_an_amendment_brings_the_newest_contact():
    assert hear(an_assigned_case(), amended()).state.sealed == "new-contact"


def test_an_amendment_of_open_fields_keeps_the_contact():
    assert hear(an_assigned_case(), amended(sealed=None)).state.sealed == "sealed-contact"


def test_a_person_accused_later_loses_the_case_to_somebody_else():
    case = an_assigned_case()
    accused = case.placement.assignee

    decision = hear(case, amended(sealed=None, accused_refs=(accused,)))

    (told,) = decision.tells
    assert isinstance(told, ComplaintAssigned)
    assert (told.department, told.recused) == (case.department, (accused,))
    assert told.assignee not in {None, accused}
    assert decision.state.former == (case.placement,)


def test_somebody_else_accused_later_is_told_and_the_handler_goes_on():
    case = an_assigned_case()

    decision = hear(case, amended(accused_refs=("wang",)))

    assert [told.recused for told in decision.tells] == [("wang",)]
    assert decision.state.placement.assignee == case.placement.assignee


def test_a_safety_flag_set_later_sends_it_where_such_go():
    decision = hear(an_assigned_case(), amended(flags=Flags(safety=True)))

    (told,) = decision.tells
    assert (told.department, told.severity, told.rule) == ("quality", "critical", "safety")
    assert decision.state.facts.flags == {"safety"}


def test_new_facts_that_belong_to_the_same_desk_move_nothing():
    case = an_assigned_case()

    decision = hear(case, amended(customer_grade="vip", language="en", order_ref="A-2"))

    assert decision.tells == ()
    assert (decision.state.facts.grade, decision.state.language) == ("vip", "en")
    assert decision.state.placement == case.placement


def test_what_the_customer_has_agreed_to_is_not_placed_anew():
    case = replace(an_assigned_case(), status=Status.AGREED)

    decision = hear(case, amended(flags=Flags(safety=True), accused_refs=("li",)))

    assert decision.tells == ()
    assert (decision.state.status, decision.state.recused) == (Status.AGREED, ("li",))


def test_an_amendment_of_facts_twice_changes_nothing():
    case = hear(an_assigned_case(), amended(flags=Flags(safety=True))).state

    again = hear(case, amended(flags=Flags(safety=True)))

    assert (again.state, again.tells) == (case, ())


def test_an_amendment_after_the_end_changes_how_the_customer_is_reached_and_nothing_else():
    case = hear(an_assigned_case(), withdrawn()).state

    decision = hear(case, amended())

    counted = {"version": case.version + 1, "changes": decision.state.changes}
    assert decision.state == replace(case, sealed="new-contact", **counted)
    assert decision.tells == ()


def test_amending_twice_changes_nothing():
    case = hear(an_assigned_case(), amended()).state

    assert hear(case, amended()).state == case


@pytest.mark.parametrize(("data", "status"), [(withdrawn(), "withdrawn"), (declined(), "declined")])
def test_a_complaint_that_intake_ends_is_ended_here(data, status):
    decision = hear(an_accepted_case(), data)

    assert decision.state.status == status
    assert decision.state.ended_at == NOW
    assert decision.tells == ()


@pytest.mark.parametrize("data", [withdrawn(), declined()])
def test_ending_twice_changes_nothing(data):
    case = hear(an_assigned_case(), data).state

    assert hear(case, data).state is case


@pytest.mark.parametrize(
    "case",
    [
        an_investigated_case(),
        a_proposed_case(),
        an_answered_case(),
        after(an_accepted_case(), PauseCase(COMPLAINT, HANDLER, "parts", "supplier")),
    ],
    ids=lambda case: case.status,
)
def test_a_decline_that_crosses_with_the_desks_work_still_ends_the_case(case):
    assert hear(case, declined()).state.status is Status.DECLINED


@pytest.mark.parametrize(
    "case",
    [an_agreed_case(), a_fulfilled_case(), hear(an_answered_case(), replied(accepts=False)).state],
    ids=lambda case: case.status,
)
def test_a_decline_after_the_customers_reply_contradicts_the_table_and_is_refused(case):
    with pytest.raises(Conflict) as refused:
        hear(case, declined())

    assert refused.value.code == "status-forbids"


def test_a_withdrawal_ends_a_case_that_waits():
    paused = after(an_accepted_case(), PauseCase(COMPLAINT, HANDLER, "parts", "supplier"))

    case = hear(paused, withdrawn()).state

    assert (case.status, case.pause) == (Status.WITHDRAWN, None)


def test_a_withdrawal_that_crosses_with_the_closing_leaves_it_closed():
    case = after(a_fulfilled_case(), CloseCase(COMPLAINT, HANDLER))

    assert hear(case, withdrawn()).state is case


def test_a_reopened_case_is_placed_anew_in_the_next_round():
    closed = after(a_fulfilled_case(history=True), CloseCase(COMPLAINT, HANDLER))

    decision = hear(closed, reopened())

    case = decision.state
    assert (case.status, case.round, case.reopenings) == (Status.ASSIGNED, 2, 1)
    assert case.former == (closed.placement,)
    assert not case.history, "it is live work now"
    assert decision.tells[0].round == 2
    assert case.ended_at is None


def test_reopening_twice_changes_nothing():
    closed = after(a_fulfilled_case(), CloseCase(COMPLAINT, HANDLER))
    case = hear(closed, reopened()).state

    again = hear(case, reopened())

    assert again.state is case
    assert again.tells == ()


def test_a_customer_who_agrees_makes_the_case_agreed():
    case = hear(an_answered_case(), replied()).state

    assert (case.status, case.agreed_round, case.round) == (Status.AGREED, 1, 1)


def test_a_customer_who_refuses_opens_the_next_round():
    case = hear(an_answered_case(), replied(accepts=False)).state

    assert (case.status, case.round, case.refusals) == (Status.REFUSED, 2, 1)
    assert case.proposal is None, "the refused proposal does not count any more"


def test_a_second_proposal_follows_a_refusal():
    case = hear(an_answered_case(), replied(accepts=False)).state

    told = do(case, ProposeResolution(COMPLAINT, HANDLER, ("rework",))).tells[0]

    assert told.round == 2


@pytest.mark.parametrize("accepts", [True, False])
def test_a_reply_heard_twice_changes_nothing(accepts):
    case = hear(an_answered_case(), replied(accepts=accepts)).state

    assert hear(case, replied(accepts=accepts)).state is case


def test_a_reply_to_an_older_round_changes_nothing():
    case = hear(an_answered_case(), replied(accepts=False)).state
    case = after(case, ProposeResolution(COMPLAINT, HANDLER, ("rework",)))

    assert hear(case, replied(in_round=1)).state is case


def test_consent_to_an_older_answer_is_no_consent_to_the_present_one():
    case = hear(an_answered_case(), replied(accepts=False)).state
    case = after(case, ProposeResolution(COMPLAINT, HANDLER, ("rework",)))
    case = after(case, AnswerCustomer(COMPLAINT, HANDLER, "written"))

    assert hear(case, replied(in_round=1)).state is case


def test_a_reply_to_no_answer_is_no_consent():
    case = a_proposed_case()

    assert hear(case, replied()).state is case


def test_a_reply_ends_the_pause_of_an_answered_case():
    paused = after(an_answered_case(), PauseCase(COMPLAINT, HANDLER, "thinks", "customer"))

    decision = hear(paused, replied())

    assert (decision.state.status, decision.state.pause) == (Status.AGREED, None)
    assert isinstance(decision.tells[0], ComplaintResumed)


def test_a_breach_is_on_record():
    assert hear(an_assigned_case(), breached("answer")).state.breaches[0].clock == "answer"


def test_a_breach_heard_twice_changes_nothing():
    case = hear(an_assigned_case(), breached()).state

    assert hear(case, breached()).state is case


def test_the_customers_verdict_is_on_record():
    case = hear(an_assigned_case(), answered_survey(score=80)).state

    assert (case.verdicts[0].score, case.verdicts[0].satisfied) == (80, True)


def test_a_verdict_heard_twice_changes_nothing():
    case = hear(an_assigned_case(), answered_survey()).state

    assert hear(case, answered_survey()).state is case


def test_every_event_that_the_service_announces_has_a_reaction():
    assert {data.type_name for data in REACTIONS} == {
        "complaint.registered.v1",
        "complaint.amended.v1",
        "complaint.withdrawn.v1",
        "complaint.declined.v1",
        "complaint.merged.v1",
        "complaint.reopened.v1",
        "customer.replied.v1",
        "clock.breached.v1",
        "escalation.decided.v1",
        "survey.answered.v1",
    }


def test_a_case_taken_up_again_needs_a_new_consent():
    closed = after(a_fulfilled_case(), CloseCase(COMPLAINT, HANDLER))
    case = hear(closed, reopened()).state

    case = after(case, AcceptCase(COMPLAINT, HANDLER))

    assert case.agreed_round != case.round


def test_history_that_had_ended_is_placed_for_the_figures_and_given_to_no_desk():
    decision = hear(None, registered(history=True, closed_at=NOW))

    assert decision.state.status is Status.CLOSED
    assert decision.state.ended_at == NOW
    assert [told.type_name for told in decision.tells] == ["complaint.assigned.v1"]
