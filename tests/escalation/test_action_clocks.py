"""By when is a corrective action done? It has clocks of its own, whatever becomes of the complaint."""

from __future__ import annotations

from datetime import timedelta

from services.escalation.domain.clock import ClockState
from shared.events.escalation import ClockBreached, ClockMet, ClockStarted, ClockWarned, EscalationRaised
from shared.events.routing import ActionCancelled, ActionCompleted, ActionOpened, ActionVerified
from tests.escalation.builders import (
    ACCEPTANCE,
    DAY,
    NOW,
    NUMBER,
    after,
    answered,
    assigned,
    closed,
    fire,
    hear,
    paused,
    registered,
    reopened,
    withdrawn,
)

DUE = NOW + 5 * DAY


def about(**given):
    return {"complaint_no": NUMBER, "action_id": "a-1", "discipline": "D3", "department": "quality", **given}


def opened(due_at=DUE, **given) -> ActionOpened:
    return ActionOpened(**about(due_at=due_at, **given))


def completed(at=NOW + DAY, **given) -> ActionCompleted:
    return ActionCompleted(**about(at=at, by="qian", **given))


def verified(at=NOW + 30 * DAY, **given) -> ActionVerified:
    return ActionVerified(**about(**{"at": at, "effective": True, **given}))


def cancelled(at=NOW + DAY, **given) -> ActionCancelled:
    return ActionCancelled(**about(at=at, by="li", reason_code="duplicate", **given))


def a_sheet(*news):
    return after(registered(), assigned(), *news)


def of(decision, kind):
    """What was told of this kind."""
    return [one for one in decision.tells if isinstance(one, kind)]


def clocks_of(sheet):
    return [(one.name, one.state, one.due_at) for one in sheet.clocks if one.is_of_action]


def test_an_opened_action_starts_a_clock_that_is_due_when_it_was_promised():
    decision = hear(a_sheet(), opened())

    assert clocks_of(decision.state) == [("action.D3", ClockState.RUNNING, DUE)]
    started = decision.tells[0]
    assert isinstance(started, ClockStarted)
    assert (started.clock, started.due_at, started.department) == ("action.D3", DUE, "quality")


def test_heard_twice_it_changes_nothing():
    for news in (opened(), completed(check_at=NOW + 9 * DAY)):
        once = a_sheet(opened(), news)
        again = hear(once, news)

        assert clocks_of(again.state) == clocks_of(once)
        assert again.tells == ()


def test_it_is_warned_before_and_breached_after_with_an_alarm_to_its_own_department():
    """CAP-15: somebody presses the execution of measures."""
    sheet = a_sheet(opened(), answered())

    warning = fire(sheet, NOW + 4 * DAY)
    late = fire(warning.state, DUE)

    assert of(warning, ClockWarned)[0].percent == 80
    assert of(late, ClockBreached)[0].department == "quality"
    raised = of(late, EscalationRaised)[0]
    assert (raised.clock, raised.to) == ("action.D3", ("quentin",))


def test_done_in_time_it_is_met_and_done_late_it_is_told_as_missed_first():
    met = hear(a_sheet(opened()), completed())
    late = hear(a_sheet(opened()), completed(at=DUE + DAY))

    assert of(met, ClockMet)[0].late is False
    assert [type(one) for one in late.tells if one.clock == "action.D3"] == [ClockBreached, ClockMet]
    assert of(late, ClockMet)[-1].late is True


def test_each_action_has_its_own_even_two_of_one_step():
    sheet = a_sheet(opened(), opened(action_id="a-2", due_at=DUE + DAY), completed(action_id="a-2"))

    assert clocks_of(sheet) == [
        ("action.D3", ClockState.RUNNING, DUE),
        ("action.D3", ClockState.MET, DUE + DAY),
    ]


def test_the_check_of_the_effect_has_a_clock_too():
    check = NOW + 30 * DAY
    sheet = a_sheet(opened(), completed(check_at=check))

    assert clocks_of(sheet)[-1] == ("action.effect", ClockState.RUNNING, check)
    assert clocks_of(hear(sheet, verified()).state)[-1][1] is ClockState.MET
    assert of(fire(sheet, check + DAY), EscalationRaised)


def test_an_action_without_effect_runs_again_beside_its_old_proof():
    again = NOW + 40 * DAY
    sheet = a_sheet(opened(), completed(), verified(effective=False))
    sheet = hear(sheet, opened(due_at=again, attempt=2), now=NOW + 30 * DAY).state

    assert clocks_of(sheet) == [
        ("action.D3", ClockState.MET, DUE),
        ("action.D3", ClockState.RUNNING, again),
    ]


def test_what_was_given_up_is_cancelled():
    sheet = a_sheet(
        opened(), completed(check_at=NOW + 9 * DAY), opened(action_id="a-2"), cancelled(action_id="a-2")
    )

    assert [state for _, state, _ in clocks_of(sheet)] == [
        ClockState.MET,
        ClockState.RUNNING,
        ClockState.CANCELLED,
    ]


def test_the_end_of_the_complaint_and_its_return_leave_the_action_running():
    for end in (closed(NOW + DAY), withdrawn(NOW + DAY)):
        sheet = a_sheet(opened(), end, reopened(NOW + 2 * DAY))

        assert clocks_of(sheet) == [("action.D3", ClockState.RUNNING, DUE)]


def test_an_action_is_begun_after_the_end_too():
    sheet = a_sheet(answered(), closed(NOW + DAY))

    assert clocks_of(hear(sheet, opened(due_at=NOW + 9 * DAY), now=NOW + 2 * DAY).state)


def test_waiting_for_the_customer_gives_the_department_no_more_time():
    sheet = a_sheet(opened(), paused(NOW + timedelta(hours=1)))

    assert clocks_of(sheet) == [("action.D3", ClockState.RUNNING, DUE)]
    assert clocks_of(a_sheet(paused(), opened())) == [("action.D3", ClockState.RUNNING, DUE)]


def test_an_action_against_the_cause_of_imported_history_is_work_of_today():
    sheet = after(registered(history=True), assigned(), opened())

    assert of(fire(sheet, DUE + DAY), EscalationRaised)


def test_the_promises_of_policy_are_followed_besides():
    sheet = after(registered(), assigned(), opened())

    assert [one.name for one in sheet.clocks] == ["answer", "action.D3"]
    assert ACCEPTANCE.name not in {one.name for one in sheet.clocks}
