"""What should have become of a complaint's clocks, by the log alone? The same pure handlers, run again.

Nothing of the service's own tables is believed: news of intake and routing, and of our log only what people
decided (agreed dates, extensions, acknowledgements, recomputations). Time passes between the news as it did:
whatever was due is fired. Each moment is decided by the rules of its own time (docs/decisions/0071).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.escalation.domain.agreeing import AGREED, agree, to_agree
from services.escalation.domain.clock import ClockState
from services.escalation.domain.extending import EXTENDED
from services.escalation.domain.recomputing import NO_LONGER, RECOMPUTED, recompute
from services.escalation.domain.sheet import ClockSheet, with_clock, without_alarm
from services.escalation.domain.timing import moved
from services.escalation.domain.turn import Turn
from services.escalation.handlers import REACTIONS
from services.escalation.handlers.acknowledge_escalation import (
    AcknowledgeEscalation,
    acknowledge_escalation,
)
from services.escalation.handlers.fire_due import fire_due
from shared.deciding import SYSTEM, Context, Due, Event
from shared.errors import KesuError
from shared.events.base import EventData
from shared.events.escalation import ClockCancelled, ClockExtended, ClockStarted, EscalationAcknowledged
from shared.ids import new_id
from shared.policy.model import Rulebook

MOST_FIRINGS = 1000
"""More than any policy can make in a row: a sheet that still wants to fire then is broken."""


RulesAt = Callable[[datetime], Rulebook]
"""The rules by which the service decided about this complaint at a moment."""


def recomputed(events: Sequence[Event[EventData]], rules_at: RulesAt, until: datetime) -> ClockSheet | None:
    """The sheet as it should be at that moment; None: the log holds no registration.

    `events` are those of one complaint in the order of the log.
    """
    sheet: ClockSheet | None = None
    for event in events:
        if event.time > until:
            continue
        sheet = _passed(sheet, rules_at, event.time)
        sheet = _heard(sheet, event, rules_at(event.time))
    return _passed(sheet, rules_at, until)


def _heard(sheet: ClockSheet | None, event: Event[EventData], rules: Rulebook) -> ClockSheet | None:
    data, context = event.data, _context(rules, event.time)
    try:
        if type(data) in REACTIONS:
            return REACTIONS[type(data)](sheet, event, context).state
        if sheet is None:
            return None
        if isinstance(data, ClockExtended) and data.reason.startswith((EXTENDED, AGREED)):
            return _extended(sheet, data, rules)
        if _is_recomputation(data):
            return recompute(Turn(sheet), SYSTEM.person, rules=rules, now=event.time).sheet
        if isinstance(data, ClockStarted) and data.agreed_by is not None:
            return _agreed(sheet, data, rules)
        if isinstance(data, EscalationAcknowledged):
            command = AcknowledgeEscalation(sheet.complaint_id, UUID(data.escalation_id), SYSTEM)
            return acknowledge_escalation(sheet, command, context).state
    except KesuError:
        # What cannot follow from the log shows as a difference, not as a failure of the audit.
        return sheet
    return sheet


def _is_recomputation(data: EventData) -> bool:
    if isinstance(data, ClockCancelled):
        return data.reason == NO_LONGER
    return isinstance(data, ClockExtended) and data.reason.startswith(RECOMPUTED)


def _extended(sheet: ClockSheet, data: ClockExtended, rules: Rulebook) -> ClockSheet:
    clock = sheet.clock_named(data.clock)
    if clock is None:
        return sheet
    agreed = None if data.target else data.due_at
    calendar = rules.calendar_of(sheet.site, clock.terms)
    changed = moved(clock, calendar, data.at, data.reason, target=data.target, agreed_at=agreed)
    return without_alarm(with_clock(sheet, changed), changed, data.at)


def _agreed(sheet: ClockSheet, data: ClockStarted, rules: Rulebook) -> ClockSheet:
    found = next((one.rule for one in to_agree(sheet, rules) if one.rule.name == data.clock), None)
    if found is None or data.agreed_by is None:
        return sheet
    return agree(Turn(sheet), found, data.due_at, data.agreed_by, rules=rules, now=data.started_at).sheet


def _passed(sheet: ClockSheet | None, rules_at: RulesAt, until: datetime) -> ClockSheet | None:
    """The sheet after everything that was due by then has been fired, each at its own moment."""
    for _ in range(MOST_FIRINGS):
        if sheet is None or sheet.wake_at is None or sheet.wake_at > until:
            return sheet
        context = _context(rules_at(sheet.wake_at), sheet.wake_at)
        sheet = fire_due(sheet, Due(sheet.complaint_id), context).state
    return sheet


def _context(rules: Rulebook, now: datetime) -> Context:
    return Context(now, rules, new_id, lambda _site: "")


def is_overdue(sheet: ClockSheet, at: datetime) -> bool:
    """Whether a clock runs on although its due date has passed, and was known to be the due date before."""
    return any(
        clock.state is ClockState.RUNNING
        and max((clock.due_at, *(former.given_up_at for former in clock.former))) < at
        for clock in sheet.clocks
    )
