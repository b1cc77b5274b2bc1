"""What becomes of a case whose promise was broken? Whoever was alerted decides, and routing obeys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.escalation.domain.alarm import Ruling
from services.escalation.domain.answering import alarm_of, answered
from services.escalation.domain.ruling import Wish, recipient_of
from services.escalation.domain.sheet import ClockSheet, with_escalation
from services.escalation.domain.turn import Turn
from services.escalation.handlers.extend_clock import ExtendClock, extend_clock
from shared.deciding import Actor, Context, Decision
from shared.events.escalation import EscalationDecided


@dataclass(frozen=True, slots=True)
class DecideEscalation:
    """Take the case over, give it to somebody, give it more time, or say what is to be done."""

    complaint_id: UUID
    escalation_id: UUID
    actor: Actor
    wish: Wish
    reason_code: str | None = None
    target: str | None = None
    due_at: datetime | None = None


def decide_escalation(
    state: ClockSheet | None, command: DecideEscalation, context: Context
) -> Decision[ClockSheet]:
    """Answers the alarm as well, if nobody has; the same decision again changes nothing.

    More time is given by the rules of extensions. Raises what `alarm_of`, `recipient_of` and
    `extend_clock` raise.
    """
    sheet, escalation = alarm_of(state, command.escalation_id, command.actor)
    by, wish = command.actor.person, command.wish
    recipient = recipient_of(wish, by, sheet, context.rules, context.now)
    ruling = Ruling(
        decision=wish.decision,
        by=by,
        at=context.now,
        department=recipient.department,
        assignee=recipient.assignee,
        reason_code=command.reason_code,
        sealed=wish.sealed,
    )
    if escalation.rulings and _same(escalation.rulings[-1], ruling):
        return Decision(sheet)
    turn = answered(Turn(sheet), escalation, by, context.now)
    if wish.decision == "extend":
        turn, ruling = _extended(turn, escalation.clock, command, ruling, context)
    return _told(turn, command.escalation_id, ruling).decision()


def _same(last: Ruling, ruling: Ruling) -> bool:
    """Whether this was decided before: every instruction in words and every extension is its own."""
    return ruling.decision in {"take_over", "reassign"} and replace(last, at=ruling.at) == ruling


def _extended(
    turn: Turn, clock: str, command: DecideEscalation, ruling: Ruling, context: Context
) -> tuple[Turn, Ruling]:
    extension = ExtendClock(
        complaint_id=command.complaint_id,
        clock=clock,
        reason_code=command.reason_code or "decided-on-alarm",
        actor=command.actor,
        target=command.target,
        due_at=command.due_at,
    )
    put_off = extend_clock(turn.sheet, extension, context)
    assert put_off.state is not None, "an extension always leaves a sheet"
    moved = put_off.state.clock_named(clock)
    assert moved is not None, "the clock has just been moved"
    turn = turn.then(put_off.state, *put_off.tells, notices=put_off.notices)
    return turn, replace(ruling, due_at=moved.due_at)


def _told(turn: Turn, escalation_id: UUID, ruling: Ruling) -> Turn:
    escalation = turn.sheet.escalation(escalation_id)
    assert escalation is not None, "alarms are never removed"
    kept = with_escalation(turn.sheet, replace(escalation, rulings=(*escalation.rulings, ruling)))
    event = EscalationDecided(
        complaint_no=kept.complaint_no,
        escalation_id=str(escalation.id),
        clock=escalation.clock,
        level=escalation.level,
        decision=ruling.decision,
        by=ruling.by,
        at=ruling.at,
        department=ruling.department,
        assignee=ruling.assignee,
        reason_code=ruling.reason_code,
        due_at=ruling.due_at,
        sealed=ruling.sealed,
    )
    return turn.then(kept, event)
