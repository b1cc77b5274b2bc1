"""How are the events that escalation told taken back, after its database was restored from an older dump?

Most follow from what was heard. What time did is done again at the time when it was told, what people
decided is decided again. What no event carries: who it was that could not be reached.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.escalation.domain.ruling import Wish
from services.escalation.domain.sheet import ClockSheet, with_clock
from services.escalation.handlers.acknowledge_escalation import AcknowledgeEscalation
from services.escalation.handlers.agree_date import AgreeDate
from services.escalation.handlers.decide_escalation import DecideEscalation
from services.escalation.handlers.extend_clock import ExtendClock
from shared.deciding import ALL_ROLES, EVERYWHERE, Actor, Due, Event, Recall, Recalls, person_of
from shared.errors import Rejected
from shared.events import escalation as told
from shared.events.letters import LetterFailed
from shared.lettering import letter_again


def _started(_state: object, event: Event[told.ClockStarted]) -> AgreeDate | Due:
    data = event.data
    if data.agreed_by is None:
        return Due(event.subject)
    actor = Actor(data.agreed_by, ALL_ROLES, EVERYWHERE)
    return AgreeDate(event.subject, data.clock, data.due_at, actor)


def _extended(_state: object, event: Event[told.ClockExtended]) -> ExtendClock:
    data = event.data
    return ExtendClock(
        complaint_id=event.subject,
        clock=data.clock,
        reason_code=data.reason,
        actor=person_of(event),
        target=data.target,
        due_at=None if data.target is not None else data.due_at,
    )


def _acknowledged(_state: object, event: Event[told.EscalationAcknowledged]) -> AcknowledgeEscalation:
    return AcknowledgeEscalation(event.subject, UUID(event.data.escalation_id), person_of(event))


def _decided(_state: ClockSheet | None, event: Event[told.EscalationDecided]) -> DecideEscalation:
    data = event.data
    if data.decision == "extend":
        # The extension is an event of its own; deciding again would extend a second time.
        raise Rejected("extension-decided", "the ruling itself stands in no event apart from the extension")
    wish = Wish(data.decision, data.department, data.assignee, data.sealed)
    return DecideEscalation(event.subject, UUID(data.escalation_id), person_of(event), wish, data.reason_code)


def _as_due(state: ClockSheet, event: Event[told.ClockEvent]) -> ClockSheet:
    clock = state.clock_named(event.data.clock)
    if clock is None or not clock.is_open or clock.due_at == event.data.due_at:
        return state
    return with_clock(state, replace(clock, due_at=event.data.due_at))


_BY_TIME = Recall(lambda _, event: Due(event.subject))
RECALLS: Recalls = {
    LetterFailed: Recall(letter_again),
    told.ClockStarted: Recall(_started, corrected=_as_due),
    told.ClockPaused: _BY_TIME,
    told.ClockResumed: replace(_BY_TIME, corrected=_as_due),
    told.ClockExtended: Recall(_extended, corrected=_as_due),
    told.ClockWarned: _BY_TIME,
    told.ClockBreached: _BY_TIME,
    told.ClockMet: _BY_TIME,
    told.ClockCancelled: _BY_TIME,
    told.EscalationRaised: _BY_TIME,
    told.EscalationAcknowledged: Recall(_acknowledged),
    told.EscalationDecided: Recall(_decided),
}
