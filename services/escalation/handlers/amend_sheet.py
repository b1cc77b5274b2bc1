"""What does a correction of the register change here? The contact, and whom the complaint is about."""

from __future__ import annotations

from services.escalation.domain.sheet import ClockSheet
from services.escalation.handlers.correct_contact import correct_contact
from services.escalation.handlers.note_accused import note_accused
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintAmended

_EACH = (correct_contact, note_accused)


def amend_sheet(
    state: ClockSheet | None, event: Event[ComplaintAmended], context: Context
) -> Decision[ClockSheet]:
    """Everything that the correction changes, one after the other. Raises NotYet('unknown-complaint')."""
    done: Decision[ClockSheet] = Decision(state)
    for change in _EACH:
        more = change(done.state, event, context)
        done = Decision(more.state, (*done.tells, *more.tells), notices=(*done.notices, *more.notices))
    return done
