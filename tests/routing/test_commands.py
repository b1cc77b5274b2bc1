"""How does a case move under the hands of the desk, and what may it not do?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.decide_proposal import ApproveProposal, RejectProposal
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.resume_case import ResumeCase
from shared.deciding import SYSTEM
from shared.errors import Conflict, Forbidden, NotFound, Rejected
from shared.events.routing import ComplaintAssigned, ComplaintClosed, ComplaintReclassified
from shared.lifecycle import Status
from shared.policy.model import RouteRule, SeverityRule, When
from tests.routing.builders import (
    COMPLAINT,
    DIRECTOR,
    HANDLER,
    MANAGER,
    NOW,
    a_finding,
    a_fulfilled_case,
    a_proposal,
    a_proposed_case,
    a_rulebook,
    after,
    an_accepted_case,
    an_actor,
    an_agreed_case,
    an_answered_case,
    an_assigned_case,
    an_investigated_case,
    do,
    euros,
    hear,
    replied,
    withdrawn,
)

PAUSE = PauseCase(COMPLAINT, HANDLER, "parts", "supplier")
ANSWER = AnswerCustomer(COMPLAINT, HANDLER, "written")
APPROVE = ApproveProposal(COMPLAINT, DIRECTOR, 1)
REJECT = RejectProposal(COMPLAINT, DIRECTOR, 1, "too-much")
FULFIL = FulfilResolution(COMPLAINT, HANDLER)
CLOSE = CloseCase(COMPLAINT, HANDLER)
TO_REFUND = ReclassifyCase(COMPLAINT, HANDLER, "complaint", "refund", "double-charge")


def refused(case, command, kind=Rejected) -> str:
    with pytest.raises(kind) as caught:
        do(case, command)
    return caught.value.code


def test_whoever_takes_the_case_up_has_it():
    decision = do(an_assigned_case(), AcceptCase(COMPLAINT, an_actor("zhou")))

    assert decision.state.status is Status.ACCEPTED
    assert decision.state.placement.assignee == "zhou"
    assert decision.tells[0].by == "zhou"


def test_the_suite_itself_takes_up_a_case_without_becoming_its_assignee():
    assert after(an_assigned_case(), AcceptCase(COMPLAINT, SYSTEM)).placement.assignee == "chen"


def test_taking_up_twice_is_a_conflict():
    assert refused(an_accepted_case(), AcceptCase(COMPLAINT, HANDLER), Conflict) == "status-forbids"


def test_a_pause_names_whom_it_waits_for_and_ends_where_it_began():
    paused = do(an_investigated_case(), PAUSE)
    resumed = do(paused.state, ResumeCase(COMPLAINT, HANDLER))

    assert paused.state.status is Status.PAUSED
    assert (paused.tells[0].waiting_for, paused.state.pause.since) == ("supplier", NOW)
    assert resumed.state.status is Status.INVESTIGATED
    assert resumed.state.pause is None


def test_a_case_that_waits_for_nobody_cannot_resume():
    assert refused(an_accepted_case(), ResumeCase(COMPLAINT, HANDLER), Conflict) == "status-forbids"


def test_a_case_that_waits_cannot_be_investigated():
    assert refused(after(an_accepted_case(), PAUSE), a_finding(), Conflict) == "status-forbids"


def test_a_finding_is_kept_and_told():
    decision = do(an_accepted_case(), a_finding(liability="supplier", valid=False))

    assert decision.state.finding.liability == "supplier"
    assert (decision.tells[0].liability, decision.tells[0].valid) == ("supplier", False)


def test_without_compensation_the_handler_answers_alone():
    decision = do(a_proposed_case(), ANSWER)

    assert decision.state.status is Status.ANSWERED
    assert decision.tells[0].form == "written"


def test_compensation_waits_for_a_signature():
    assert refused(a_proposed_case(euros()), ANSWER, Conflict) == "signature-missing"


def test_signed_compensation_goes_to_the_customer():
    case = after(a_proposed_case(euros()), APPROVE)

    assert after(case, ANSWER).status is Status.ANSWERED


def test_nobody_signs_a_proposal_of_their_own():
    case = after(an_investigated_case(), a_proposal(euros(), actor=DIRECTOR))

    assert refused(case, APPROVE, Forbidden) == "own-proposal"


@pytest.mark.parametrize("role", ["handler", "manager", "admin", "auditor"])
def test_only_a_director_signs(role):
    command = ApproveProposal(COMPLAINT, an_actor("wang", role), 1)

    assert refused(a_proposed_case(euros()), command, Forbidden) == "role-missing"


def test_a_director_who_is_complained_about_signs_nothing():
    case = a_proposed_case(euros(), accused_refs=("zhao",))

    assert refused(case, APPROVE, Forbidden) == "recused"


def test_a_signature_does_not_pass_to_the_next_proposal():
    case = after(a_proposed_case(euros("10")), APPROVE)
    case = after(case, a_proposal(euros("10000")))

    assert refused(case, ANSWER, Conflict) == "signature-missing"


def test_a_signature_for_a_proposal_that_was_replaced_is_a_conflict():
    case = after(a_proposed_case(euros("10")), a_proposal(euros("10000")))

    assert refused(case, APPROVE, Conflict) == "proposal-superseded"


def test_one_director_does_not_sign_twice():
    assert refused(after(a_proposed_case(euros()), APPROVE), APPROVE, Conflict) == "already-signed"


def test_a_rejected_proposal_goes_back_with_its_reason():
    decision = do(a_proposed_case(euros()), REJECT)

    assert decision.state.status is Status.INVESTIGATED
    assert decision.tells[0].reason_code == "too-much"


@pytest.mark.parametrize("amount", ["0", "-1", "NaN"])
def test_compensation_is_more_than_nothing(amount):
    command = a_proposal(euros(amount))

    assert refused(an_investigated_case(), command) == "compensation-not-positive"


def test_a_proposal_names_a_remedy():
    assert refused(an_investigated_case(), a_proposal(remedies=())) == "no-remedy"


def test_the_answer_sends_the_customer_a_link_to_reply_by():
    (notice,) = do(a_proposed_case(language="en"), ANSWER).notices

    assert (notice.to, notice.template, notice.language) == ("customer", "answer-apology", "en")
    assert notice.sealed == "sealed-contact"
    assert notice.values["link"] == f"case:{COMPLAINT}"


@pytest.mark.parametrize("given", [{"history": True}, {"sealed": None}], ids=["history", "no contact"])
def test_no_notice_for_the_past_nor_to_nowhere(given):
    assert do(a_proposed_case(**given), ANSWER).notices == ()


def test_nothing_is_fulfilled_before_the_customer_agreed():
    assert refused(an_answered_case(), FULFIL, Conflict) == "status-forbids"


def test_nothing_is_closed_before_it_is_fulfilled():
    assert refused(an_agreed_case(), CLOSE, Conflict) == "status-forbids"


def test_a_closed_case_tells_how_it_ended():
    decision = do(a_fulfilled_case(euros()), CLOSE)

    (told,) = decision.tells
    assert isinstance(told, ComplaintClosed)
    assert (told.outcome, told.valid, told.liability) == ("settled", True, "own")
    assert (told.remedies, told.rounds, told.compensation.currency) == (("replacement",), 1, "EUR")
    assert (decision.state.status, decision.state.ended_at) == (Status.CLOSED, NOW)


def test_a_withdrawn_case_is_not_closed_by_the_desk():
    case = hear(a_fulfilled_case(), withdrawn()).state

    assert refused(case, CLOSE, Conflict) == "case-ended"


@pytest.mark.parametrize(
    ("lacking", "code"),
    [
        ({"agreed_round": None}, "not-agreed"),
        ({"fulfilled_round": None}, "not-fulfilled"),
        ({"finding": None}, "not-investigated"),
        ({"proposals": ()}, "no-proposal"),
        ({"signatures": ()}, "signature-missing"),
    ],
)
def test_closing_asks_for_every_proof_once_more(lacking, code):
    case = replace(a_fulfilled_case(euros()), **lacking)

    assert refused(case, CLOSE, Conflict) == code


def test_who_pays_checks_the_signature_once_more():
    case = replace(an_agreed_case(euros()), signatures=())

    assert refused(case, FULFIL, Conflict) == "signature-missing"


def test_a_proposers_own_signature_counts_for_nothing():
    case = an_agreed_case(euros())
    own = replace(case.signatures[0], by=case.proposals[0].by)

    assert refused(replace(case, signatures=(own,)), FULFIL, Conflict) == "signature-missing"


def test_the_answer_takes_the_form_that_policy_asks_for():
    assert do(a_proposed_case(), AnswerCustomer(COMPLAINT, HANDLER)).tells[0].form == "written"


def test_a_case_handed_over_keeps_its_status_and_its_past():
    before = an_accepted_case()

    decision = do(before, ReassignCase(COMPLAINT, MANAGER, "quality", "needs-lab"))

    case = decision.state
    assert (case.status, case.department, case.placement.assignee) == ("accepted", "quality", "qian")
    assert (case.placement.reason, case.former) == ("needs-lab", (before.placement,))
    assert isinstance(decision.tells[0], ComplaintAssigned)


def test_a_case_is_handed_to_a_named_person():
    command = ReassignCase(COMPLAINT, MANAGER, "sales", "knows-customer", "zhou")

    assert after(an_assigned_case(), command).placement.assignee == "zhou"


@pytest.mark.parametrize(
    ("department", "assignee", "code"),
    [
        ("moon", None, "unknown-department"),
        ("sales", "nobody", "unknown-person"),
        ("sales", "zhou", "assignee-recused"),
        ("sales", "qian", "assignee-elsewhere"),
    ],
)
def test_a_case_is_not_handed_to_whom_it_cannot_go(department, assignee, code):
    case = an_assigned_case(accused_refs=("zhou",))

    assert refused(case, ReassignCase(COMPLAINT, MANAGER, department, "why", assignee)) == code


def test_a_handler_hands_nothing_over():
    command = ReassignCase(COMPLAINT, HANDLER, "quality", "why")

    assert refused(an_assigned_case(), command, Forbidden) == "role-missing"


def test_a_case_that_turns_out_to_be_something_else_goes_where_such_cases_go():
    decision = do(an_accepted_case(), TO_REFUND)

    told, moved = decision.tells
    assert isinstance(told, ComplaintReclassified)
    assert (told.previous.category, told.current.category) == ("quality", "refund")
    assert (moved.department, moved.assignee) == ("billing", "sun")
    assert decision.state.status is Status.ACCEPTED


def test_a_new_name_alone_leaves_the_case_in_its_hands():
    command = ReclassifyCase(COMPLAINT, HANDLER, "complaint", "quality", "scratch")

    decision = do(after(an_assigned_case(), AcceptCase(COMPLAINT, an_actor("zhou"))), command)

    assert len(decision.tells) == 1
    assert decision.state.facts.type == "scratch"
    assert decision.state.placement.assignee == "zhou"


def test_a_case_that_grows_serious_in_its_department_stays_in_its_hands():
    rules = a_rulebook(
        routing=(RouteRule("rest", "sales"),),
        severity=(SeverityRule("deep", "serious", 2, When(type=("crack",))),),
    )
    case = after(an_assigned_case(), AcceptCase(COMPLAINT, an_actor("zhou")))

    decision = do(case, ReclassifyCase(COMPLAINT, HANDLER, "complaint", "quality", "crack"), rules)

    assert decision.state.placement.severity == "serious"
    assert decision.state.placement.assignee == "zhou"
    assert decision.tells[1].severity == "serious"


def test_an_agreed_case_changes_its_name_but_not_its_hands():
    decision = do(an_agreed_case(), TO_REFUND)

    assert len(decision.tells) == 1
    assert decision.state.department == "sales"


def test_reclassifying_to_the_same_is_refused():
    command = ReclassifyCase(COMPLAINT, HANDLER, "complaint", "quality", "defect")

    assert refused(an_assigned_case(), command) == "nothing-changed"


def test_a_case_that_is_not_there_is_not_found():
    assert refused(None, AcceptCase(COMPLAINT, HANDLER), NotFound) == "unknown-case"


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (an_actor("chen", sites=("by02",)), "out-of-scope"),
        (an_actor("chen", departments=("billing",)), "out-of-scope"),
        (an_actor("chen", "auditor"), "role-missing"),
        (an_actor("zhou"), "recused"),
        (an_actor("zhou", "admin", sites=("*",)), "recused"),
    ],
    ids=["other site", "other department", "other role", "recused", "recused administrator"],
)
def test_who_has_no_business_with_a_case_is_refused(actor, code):
    case = an_assigned_case(accused_refs=("zhou",))

    assert refused(case, AcceptCase(COMPLAINT, actor), Forbidden) == code


def test_an_assisting_department_investigates_but_does_not_propose():
    case = an_accepted_case(flags={"safety": True})
    helper = an_actor("chen", departments=("sales",))

    assert after(case, a_finding(actor=helper)).finding.by == "chen"
    assert refused(after(case, a_finding()), a_proposal(actor=helper), Forbidden) == "out-of-scope"


def test_a_refused_case_may_be_investigated_anew():
    case = hear(an_answered_case(), replied(accepts=False)).state

    assert after(case, a_finding(liability="supplier")).finding.liability == "supplier"
