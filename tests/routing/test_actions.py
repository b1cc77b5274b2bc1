"""How are causes removed? 8D and CAPA: order, rights, effect, recurrence (CAP rows)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.routing.domain.action import MOVES, ActionState, Move, next_state
from services.routing.domain.action_causes import cause_of, require_actions
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.propose_action import ProposeAction
from services.routing.handlers.verify_action import RecheckAction
from shared.errors import Conflict, Forbidden, KesuError, NotFound, Rejected
from shared.events.routing import (
    ActionCancelled,
    ActionCompleted,
    ActionOpened,
    ActionProposed,
    ActionVerified,
)
from shared.lifecycle import Status
from shared.policy.liability import LiabilityRule
from shared.policy.model import Department
from tests.routing.actions import (
    DUE,
    QIAN,
    SUN,
    WEEK,
    a_capa,
    a_step,
    adoption,
    an_order,
    cancellation,
    completion,
    decide,
    judgement,
    rules_with,
    then,
)
from tests.routing.builders import (
    COMPLAINT,
    DIRECTOR,
    HANDLER,
    MANAGER,
    NOW,
    RULES,
    a_finding,
    a_person,
    an_accepted_case,
    an_actor,
    an_agreed_case,
    an_assigned_case,
    an_investigated_case,
    away,
    hear,
    reopened,
)
from tests.routing.builders import a_fulfilled_case as fulfilled

OUT_OF_TURN = {"containment-first", "step-out-of-order"}
CLOSE = CloseCase(COMPLAINT, HANDLER)


def refused(case, command, rules=None, now=NOW) -> KesuError:
    with pytest.raises(KesuError) as caught:
        decide(case, command, rules, now)
    return caught.value


def test_the_eight_steps_are_opened_at_once_with_owners_and_due_dates_of_their_own():
    """CAP-01: the sheet is opened promptly and the responsible departments are organised."""
    steps = (a_step("D1", department="sales"), a_step("D3"), a_step("D4", due_at=DUE + WEEK, owner="sun"))

    decision = decide(an_investigated_case(), an_order(*steps))

    actions = decision.state.actions
    assert [(one.id, one.step, one.owner, one.due_at, one.sheet) for one in actions] == [
        ("a-1", "D1", "li", DUE, 1),
        ("a-2", "D3", "qian", DUE, 1),
        ("a-3", "D4", "sun", DUE + WEEK, 1),
    ]
    assert [type(told) for told in decision.tells] == [ActionOpened] * 3
    assert [notice.to for notice in decision.notices] == ["li", "qian", "sun"]
    assert decision.tells[1].measure == "containment"


def test_containment_is_done_before_the_cause():
    """D3 before D4: the customer is protected first."""
    case = then(an_investigated_case(), an_order(a_step("D3"), a_step("D4")))

    assert refused(case, completion("a-2")).code == "containment-first"
    done = then(case, completion("a-1"), completion("a-2"))
    assert [one.state for one in done.actions] == [ActionState.COMPLETED] * 2


def test_a_cause_without_any_containment_is_refused_in_8d():
    case = then(an_investigated_case(), an_order(a_step("D4")))

    assert refused(case, completion()).code == "containment-first"


def test_the_steps_of_8d_follow_each_other_and_the_thanks_come_last():
    names = ("D1", "D3", "D4", "D5", "D6", "D7", "D8")
    case = then(an_investigated_case(), an_order(*(a_step(one) for one in names)))
    for number in range(1, len(names) + 1):
        # Containment may be done before all others: it protects the customer.
        waiting = [later for later in range(number + 1, len(names) + 1) if names[later - 1] != "D3"]
        assert all(refused(case, completion(f"a-{later}")).code in OUT_OF_TURN for later in waiting)
        case = then(case, completion(f"a-{number}"))

    assert all(one.is_done for one in case.actions)


def test_a_plain_capa_needs_no_containment_but_waits_for_one_that_was_begun():
    alone = then(an_investigated_case(), an_order(a_capa("cause")))
    both = then(an_investigated_case(), an_order(a_capa("containment"), a_capa("cause")))

    assert then(alone, completion()).actions[0].is_done
    assert refused(both, completion("a-2")).code == "containment-first"


def test_a_step_is_added_to_a_sheet_that_is_there():
    case = then(an_investigated_case(), an_order(a_step("D3")), an_order(a_step("D4"), sheet=1))

    assert [one.sheet for one in case.actions] == [1, 1]
    assert refused(case, an_order(a_step("D3"), sheet=1)).code == "step-exists"
    assert refused(case, an_order(a_capa(), sheet=1)).code == "sheet-of-another"
    assert refused(case, an_order(a_step("D5"), sheet=7)).code == "unknown-sheet"


@pytest.mark.parametrize(
    ("step", "code", "field"),
    [
        (a_step(department="nowhere"), "unknown-department", "department"),
        (a_step(owner="nobody"), "unknown-person", "owner"),
        (a_step(department="archive"), "owner-missing", "owner"),
        (a_step(due_at=NOW), "due-in-the-past", "due_at"),
        (a_step(due_at=NOW.replace(year=9999)), "due-too-far", "due_at"),
        (a_step("CAPA"), "measure-missing", "measure"),
        (a_step("D3", measure="cause"), "measure-superfluous", "measure"),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_its_field(step, code, field):
    error = refused(an_investigated_case(), an_order(step))

    assert isinstance(error, Rejected)
    assert (error.code, error.field) == (code, field)


def test_a_person_complained_about_owns_no_action_and_does_nothing_to_one():
    """RCS-01."""
    case = then(an_investigated_case(accused_refs=("qian",)), an_order(a_step(department="sales")))

    assert refused(case, an_order(a_step(owner="qian"))).code == "owner-recused"
    assert refused(case, completion(actor=QIAN)).code == "recused"
    assert refused(case, judgement(actor=an_actor("qian", "manager"))).code == "recused"


def test_the_department_of_an_action_completes_it_without_rights_to_the_case():
    case = then(an_investigated_case(), an_order(a_step()))
    scoped = an_actor("qian", departments=("quality",))

    assert then(case, completion(actor=scoped)).actions[0].attempt.completed_by == "qian"
    stranger = an_actor("sun", departments=("billing",))
    assert refused(case, completion(actor=stranger)).code == "out-of-scope"


def test_somebody_of_another_department_judges_whether_it_works():
    """CAP-03, CAP-06: the responsible department acts, another confirms."""
    case = then(an_investigated_case(), an_order(a_step()), completion())

    assert refused(case, judgement(actor=QIAN)).code == "own-action"
    decision = decide(case, judgement(actor=SUN))
    assert decision.state.actions[0].state is ActionState.VERIFIED
    assert isinstance(decision.tells[0], ActionVerified)
    assert (decision.tells[0].effective, decision.tells[0].by) == (True, "sun")


def test_whoever_carried_it_out_for_the_owner_does_not_judge_it_either():
    case = then(an_investigated_case(), an_order(a_step()), completion(actor=HANDLER))

    assert refused(case, judgement(actor=HANDLER)).code == "own-action"


def test_where_policy_names_who_verifies_nobody_else_does():
    rules = rules_with(verified_by=("billing",))
    case = then(an_investigated_case(), an_order(a_step()), completion())

    assert refused(case, judgement(actor=HANDLER), rules).code == "not-the-verifier"
    assert then(case, judgement(actor=SUN), rules=rules).actions[0].state is ActionState.VERIFIED


def test_a_colleague_of_the_same_department_does_not_judge():
    case = then(
        an_investigated_case(), an_order(a_step(department="sales", owner="li")), completion(actor=MANAGER)
    )

    assert refused(case, judgement(actor=HANDLER)).code == "not-the-verifier"


def test_what_has_no_effect_is_open_again_with_a_due_date_of_its_own():
    """INF-13: without effect it is planned anew."""
    case = then(an_investigated_case(), an_order(a_step()), completion())
    later = NOW + timedelta(days=20)

    decision = decide(case, judgement(effective=False), now=later)

    action = decision.state.actions[0]
    assert action.state is ActionState.OPEN
    assert [one.effective for one in action.attempts] == [False, None]
    assert action.due_at == later + WEEK
    verified, opened = decision.tells
    assert (verified.effective, verified.attempt) == (False, 1)
    assert (opened.due_at, opened.attempt) == (later + WEEK, 2)


def test_new_complaints_of_the_same_cause_forbid_to_call_it_effective():
    case = then(an_investigated_case(), an_order(a_step()), completion())

    assert refused(case, judgement(recurrences=2)).code == "cause-came-back"
    again = then(case, judgement(effective=False, recurrences=2))
    assert again.actions[0].attempts[0].recurrences == 2


def test_its_effect_is_judged_when_there_was_time_for_one():
    case = then(an_investigated_case(), an_order(a_step()), completion(check_at=NOW + WEEK))

    assert refused(case, judgement()).code == "check-too-early"
    assert then(case, judgement(), now=NOW + WEEK).actions[0].state is ActionState.VERIFIED


def test_on_the_day_of_the_check_a_cause_that_came_back_opens_the_action_again_by_itself():
    case = then(an_investigated_case(), an_order(a_step()), completion(check_at=NOW + WEEK))
    recheck = RecheckAction(COMPLAINT, "a-1", 3)

    assert decide(case, recheck).state is case
    assert decide(case, replace(recheck, recurrences=0), now=NOW + WEEK).state is case
    decision = decide(case, recheck, now=NOW + WEEK)
    assert decision.state.actions[0].state is ActionState.OPEN
    assert decision.tells[0].by == "policy"
    assert decide(decision.state, recheck, now=NOW + WEEK).state is decision.state


def test_a_verified_action_can_still_be_refuted():
    case = then(an_investigated_case(), an_order(a_step()), completion(), judgement())

    assert then(case, judgement(effective=False)).actions[0].state is ActionState.OPEN


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", ActionState)
def test_whatever_the_table_of_moves_does_not_hold_is_a_conflict(state, move):
    action = replace(then(an_investigated_case(), an_order()).actions[0], state=state)

    if (state, move) in MOVES:
        assert next_state(action, move) is MOVES[(state, move)]
        return
    with pytest.raises(Conflict, match="action-forbids"):
        next_state(action, move)


def test_measures_against_causes_wait_for_whom_policy_names():
    """APR-05, APR-08, CAP-04: the handler proposes, the representative decides."""
    rules = rules_with(people=(a_person("rui", roles=("mr",)),), decided_by=("mr",))
    decision = decide(an_investigated_case(), an_order(a_step("D3"), a_step("D5")), rules)

    assert [one.state for one in decision.state.actions] == [ActionState.OPEN, ActionState.PROPOSED]
    assert [type(told) for told in decision.tells] == [ActionOpened, ActionProposed]
    assert [notice.to for notice in decision.notices] == ["qian", "rui"]
    assert refused(decision.state, adoption("a-2"), rules).code == "not-the-decider"
    assert refused(decision.state, cancellation("a-2"), rules).code == "not-the-decider"
    adopted = decide(decision.state, adoption("a-2", actor=an_actor("rui", "manager")), rules)
    assert adopted.state.actions[1].state is ActionState.OPEN
    assert adopted.tells == (
        ActionOpened(
            complaint_no=adopted.state.complaint_no,
            action_id="a-2",
            discipline="D5",
            department="quality",
            measure="corrective",
            party="own",
            attempt=1,
            sheet=1,
            cause_code="worn-tool",
            due_at=DUE,
            owner="qian",
        ),
    )


def test_the_stand_in_of_an_absent_decider_decides():
    """RCS-03."""
    rules = rules_with(people=(replace(away("rui", stand_in="zhao"), roles=("mr",)),), decided_by=("mr",))
    case = then(an_investigated_case(), an_order(a_step("D5"), actor=HANDLER), rules=rules)

    assert then(case, adoption(actor=DIRECTOR), rules=rules).actions[0].state is ActionState.OPEN


def test_an_action_that_is_not_needed_is_given_up_with_a_reason_and_stays_on_record():
    case = then(an_investigated_case(), an_order())

    decision = decide(case, cancellation())

    assert decision.state.actions[0].state is ActionState.CANCELLED
    assert isinstance(decision.tells[0], ActionCancelled)
    assert decision.tells[0].reason_code == "duplicate"
    assert refused(decision.state, completion()).code == "action-forbids"


def test_only_leaders_take_up_and_give_up():
    case = then(an_investigated_case(), an_order())

    assert refused(case, cancellation(actor=HANDLER)).code == "role-missing"


def test_an_unknown_action_or_case_is_not_found():
    case = an_investigated_case()
    for command in (completion("a-9"), judgement("a-9"), adoption("a-9"), cancellation("a-9")):
        assert isinstance(refused(case, command), NotFound)
        assert isinstance(refused(None, command), NotFound)


def test_of_another_site_nobody_acts():
    case = then(an_investigated_case(), an_order())

    for command in (
        an_order(actor=an_actor("qian", sites=("bj01",))),
        completion(actor=an_actor("qian", sites=())),
    ):
        error = refused(case, command)
        assert isinstance(error, Forbidden)
        assert error.code == "out-of-scope"


def test_every_command_twice_changes_nothing_more():
    """A command that comes twice meets the table: the second is a conflict, not a second step."""
    case = then(an_investigated_case(), an_order())
    done = then(case, completion())

    assert refused(done, completion()).code == "action-forbids"
    assert refused(then(done, judgement()), judgement()).code == "action-forbids"


# Policy that wants actions


def test_a_complaint_is_not_closed_without_the_action_that_policy_demands():
    """CAP-08: measures against complaints always include corrective action by the responsible department."""
    rules = rules_with(always=True)
    case = fulfilled()

    assert refused(case, CLOSE, rules).code == "action-missing"
    opened = then(case, an_order(a_capa()), rules=rules)
    assert refused(opened, CLOSE, rules).code == "action-open"
    assert then(opened, completion(), CLOSE, rules=rules).status is Status.CLOSED


def test_without_such_a_policy_open_actions_go_on_after_the_end():
    case = then(fulfilled(), an_order(a_capa()), CLOSE)

    assert case.status is Status.CLOSED
    assert then(case, completion()).actions[0].is_done
    assert len(then(case, an_order()).actions) == 2


def test_an_open_action_of_the_supplier_does_not_hold_up_the_customer():
    """Edge case 9: the supplier's CAPA runs apart from the customer's case."""
    rules = rules_with(always=True)
    case = then(fulfilled(), an_order(a_capa()), completion(), rules=rules)
    case = then(case, an_order(a_capa(), party="supplier", supplier_ref="S-7"), rules=rules)

    assert then(case, CLOSE, rules=rules).status is Status.CLOSED


def test_prevention_and_the_later_check_do_not_hold_up_the_customer():
    rules = rules_with(always=True)
    case = then(fulfilled(), an_order(a_capa(), a_capa("preventive")), completion(), rules=rules)

    assert then(case, CLOSE, rules=rules).status is Status.CLOSED


def test_an_unjustified_complaint_needs_no_action():
    rules = rules_with(always=True)
    case = replace(fulfilled(), finding=replace(fulfilled().finding, valid=False))

    require_actions(case, rules)
    assert then(case, CLOSE, rules=rules).status is Status.CLOSED


def test_a_finding_begins_the_sheet_that_policy_calls_for():
    """CAP-01: a quality complaint opens the 8-step sheet."""
    rules = rules_with(method="8d", categories=("quality",))
    decision = decide(an_accepted_case(), a_finding(), rules)

    action = decision.state.actions[0]
    assert (action.step, action.state, action.cause) == ("D1", ActionState.PROPOSED, "worn-tool")
    assert isinstance(decision.tells[1], ActionProposed)
    assert decision.tells[1].reason == "policy-demands"
    assert [(one.to, one.template) for one in decision.notices] == [("li", "action-proposed")]
    assert len(decide(decision.state, a_finding(), rules).state.actions) == 1


def test_a_finding_of_another_category_or_without_merit_begins_nothing():
    rules = rules_with(categories=("quality",))

    assert decide(an_accepted_case(category="price"), a_finding(), rules).state.actions == ()
    assert decide(an_accepted_case(), a_finding(valid=False), rules).state.actions == ()


def test_a_fault_of_the_supplier_begins_an_action_apart():
    """DSP-06: the supplier is ordered to correct, toward the customer it is our own."""
    rules = rules_with(liability={"supplier": LiabilityRule(treated_as="own", own_action=True)})

    case = decide(an_accepted_case(), a_finding(liability="supplier"), rules).state

    assert [(one.party, one.reason) for one in case.actions] == [("supplier", "supplier-fault")]
    assert decide(an_accepted_case(), a_finding(liability="own"), rules).state.actions == ()


def test_a_cause_that_recurs_proposes_an_action_by_itself():
    """CAP-10."""
    rules = rules_with(recurrence_from=3)
    case = an_investigated_case()

    decision = decide(case, ProposeAction(COMPLAINT, "worn-tool", 3), rules)

    action = decision.state.actions[0]
    assert (action.reason, action.recurrences, action.measure) == ("recurrence", 3, "corrective")
    assert decision.tells[0].recurrences == 3
    assert [one.to for one in decision.notices] == ["li"]
    twice = decide(decision.state, ProposeAction(COMPLAINT, "worn-tool", 4), rules)
    assert twice.state is decision.state
    assert twice.tells == ()


@pytest.mark.parametrize(
    ("rules", "command"),
    [
        (rules_with(recurrence_from=4), ProposeAction(COMPLAINT, "worn-tool", 3)),
        (RULES, ProposeAction(COMPLAINT, "worn-tool", 30)),
        (rules_with(recurrence_from=3), ProposeAction(COMPLAINT, "something-else", 3)),
    ],
)
def test_too_few_no_policy_or_another_cause_propose_nothing(rules, command):
    case = an_investigated_case()

    assert decide(case, command, rules).state is case


def test_history_is_no_recurrence_of_today():
    assert cause_of(replace(an_investigated_case(), history=True)) is None
    assert cause_of(an_assigned_case()) is None
    assert cause_of(an_investigated_case()) == "worn-tool"


def test_a_reopened_case_keeps_its_actions():
    case = then(fulfilled(), an_order(), CLOSE)

    assert hear(case, reopened()).state.actions == case.actions


def test_completing_tells_who_and_when_the_effect_is_judged():
    case = then(an_investigated_case(), an_order())

    decision = decide(case, completion(check_at=NOW + WEEK, sealed="k1.x"))

    told = decision.tells[0]
    assert isinstance(told, ActionCompleted)
    assert (told.by, told.check_at) == ("qian", NOW + WEEK)
    assert "k1.x" not in told.to_json().decode()


def test_the_head_of_the_department_owns_what_nobody_is_named_for_and_a_stand_in_while_away():
    rules = rules_with(people=(away("qian", stand_in="sun"),))

    assert then(an_investigated_case(), an_order(), rules=rules).actions[0].owner == "sun"


def test_a_department_without_a_head_gives_it_to_a_member():
    rules = RULES
    assert isinstance(rules.organisation.departments["billing"], Department)

    assert then(an_investigated_case(), an_order(a_step(department="billing"))).actions[0].owner == "sun"


def test_fulfilment_does_not_wait_for_actions():
    rules = rules_with(always=True)
    case = then(an_agreed_case(), an_order(), FulfilResolution(COMPLAINT, HANDLER), rules=rules)

    assert case.status is Status.FULFILLED
