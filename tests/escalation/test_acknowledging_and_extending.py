"""What may people do about an alarm? Answer it, or put the due date off, once."""

from __future__ import annotations

import pytest

from services.escalation.domain.clock import ClockState
from services.escalation.handlers.acknowledge_escalation import Acknowledgement
from shared.errors import Conflict, Forbidden, NotFound, Rejected
from shared.events.escalation import ClockExtended, EscalationAcknowledged
from tests.escalation.builders import (
    COMPLAINT,
    DAY,
    HOUR,
    NOW,
    NUMBER,
    RULES,
    a_manager,
    acknowledge,
    after,
    answered,
    assigned,
    extend,
    fire,
    hear,
    paused,
    registered,
    resumed,
    shanghai,
    the_clock,
    told,
)

MONDAY = shanghai(2, 9)
DUE = shanghai(4, 17)


def alarmed():
    return fire(after(registered(MONDAY), assigned()), DUE).state


def test_the_first_answer_stops_the_alarm():
    decision = acknowledge(alarmed(), "li", DUE + HOUR)

    assert decision.tells == (
        EscalationAcknowledged(
            complaint_no=NUMBER,
            escalation_id=str(decision.state.escalations[0].id),
            level=1,
            by="li",
            at=DUE + HOUR,
        ),
    )
    assert decision.answer == Acknowledgement("li", DUE + HOUR, is_first=True)


def test_a_second_answer_says_who_was_first_and_changes_nothing():
    sheet = acknowledge(alarmed(), "li", DUE + HOUR).state

    decision = acknowledge(sheet, "wang", DUE + 2 * HOUR)

    assert decision.state is sheet
    assert decision.tells == ()
    assert decision.answer == Acknowledgement("li", DUE + HOUR, is_first=False)


def test_an_alarm_that_ended_by_itself_needs_no_answer():
    sheet = hear(alarmed(), answered(DUE + HOUR)).state

    decision = acknowledge(sheet, "li", DUE + 2 * HOUR)

    assert decision.tells == ()
    assert decision.answer == Acknowledgement(None, None, is_first=False)


def test_an_alarm_that_does_not_exist_cannot_be_answered():
    with pytest.raises(NotFound) as raised:
        acknowledge(alarmed(), escalation_id=COMPLAINT)

    assert raised.value.code == "unknown-escalation"


def test_an_alarm_of_another_site_is_none_of_your_business():
    with pytest.raises(Forbidden) as raised:
        acknowledge(alarmed(), actor=a_manager(sites=frozenset({"ha02"})))

    assert raised.value.field == "site"


def test_another_target_moves_the_due_date_from_the_start_on():
    decision = extend(after(registered(MONDAY)), target="40 wh")

    clock = the_clock(decision.state)
    assert decision.tells == (
        ClockExtended(
            complaint_no=NUMBER,
            clock="answer",
            due_at=shanghai(6, 17),
            at=NOW,
            by="dong",
            reason="extended:supplier-late",
            previous_due_at=DUE,
            target="40 wh",
            policy_version="v1",
            terms_version=RULES.terms_of("sh01").version,
        ),
    )
    assert (clock.former[0].due_at, clock.former[0].target) == (DUE, "24 wh")


def test_a_date_agreed_upon_moves_the_due_date():
    decision = extend(after(registered(MONDAY)), due_at=shanghai(20, 12))

    assert the_clock(decision.state).due_at == shanghai(20, 12)
    assert decision.state.wake_at < shanghai(20, 12)


def test_a_date_agreed_upon_is_not_moved_by_pauses():
    sheet = extend(after(registered(MONDAY)), due_at=shanghai(20, 12)).state

    sheet = hear(sheet, paused(shanghai(3, 10))).state
    sheet = hear(sheet, resumed(shanghai(4, 10))).state

    assert the_clock(sheet).due_at == shanghai(20, 12)


def test_an_extension_ends_the_alarm_and_the_breach_stays_as_evidence():
    decision = extend(alarmed(), DUE + HOUR, target="40 wh")

    clock = the_clock(decision.state)
    assert clock.state is ClockState.RUNNING
    assert clock.former[0].breached_at == DUE
    assert not decision.state.escalations[0].is_open


def test_an_extended_due_date_that_is_missed_too_is_another_cause():
    sheet = extend(alarmed(), DUE + HOUR, target="40 wh").state

    decision = fire(sheet, shanghai(6, 17))

    assert told(decision)[-2:] == ["clock.breached", "escalation.raised"]
    assert decision.notices[0].key == f"{COMPLAINT}:answer:1:li:2"
    assert len({one.id for one in decision.state.escalations}) == 2


def test_there_is_no_second_extension():
    sheet = extend(after(registered(MONDAY)), target="40 wh").state

    with pytest.raises(Conflict) as raised:
        extend(sheet, target="48 wh")

    assert raised.value.code == "already-extended"


def test_a_handler_may_not_extend():
    with pytest.raises(Forbidden) as raised:
        extend(after(registered()), actor=a_manager(roles=frozenset({"handler"})), target="40 wh")

    assert raised.value.code == "may-not-extend"


def test_a_manager_of_another_site_may_not_extend():
    with pytest.raises(Forbidden):
        extend(after(registered()), actor=a_manager(sites=frozenset()), target="40 wh")


@pytest.mark.parametrize("limit", [{}, {"target": "40 wh", "due_at": DUE + DAY}])
def test_an_extension_names_one_new_limit(limit):
    with pytest.raises(Rejected) as raised:
        extend(after(registered()), **limit)

    assert raised.value.code == "extension-unclear"


@pytest.mark.parametrize("limit", [{"target": "8 wh"}, {"due_at": DUE - HOUR}])
def test_an_extension_makes_it_later(limit):
    with pytest.raises(Rejected) as raised:
        extend(after(registered(MONDAY)), **limit)

    assert raised.value.code == "extension-not-later"
    assert raised.value.field == next(iter(limit))


def test_an_extension_into_the_past_is_none():
    with pytest.raises(Rejected):
        extend(alarmed(), DUE + 30 * DAY, target="40 wh")


def test_a_promise_that_was_kept_cannot_be_extended():
    with pytest.raises(Conflict) as raised:
        extend(after(registered(MONDAY), answered(MONDAY + HOUR)), target="40 wh")

    assert raised.value.code == "clock-ended"


@pytest.mark.parametrize("sheet", [None, after(registered())])
def test_an_unknown_clock_cannot_be_extended(sheet):
    with pytest.raises(NotFound):
        extend(sheet, clock="closing", target="40 wh")


def test_an_unreadable_target_is_refused_with_its_field():
    with pytest.raises(Rejected) as raised:
        extend(after(registered()), target="soon")

    assert raised.value.field == "target"
