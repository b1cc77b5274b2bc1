"""What do the services have in common that write to customers? How they hear that a letter went wrong.

Nothing here sends: `shared/notify` does, and gives the command once it knows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.deciding import Context, Decision, Event, Notice
from shared.events.letters import Failure, LetterFailed

SUITE = "@suite"
"""Stands where a person would: the service itself has something to do once the decision is kept."""
CONTACT_CORRECTED = "contact-corrected"


@dataclass(frozen=True, slots=True)
class ReportLetter:
    """A letter to the customer of this complaint reached a wrong contact, or nobody."""

    complaint_id: UUID
    letter: str
    failure: Failure
    at: datetime
    detail: str = ""


def report_letter(state: Any, command: ReportLetter, _context: Context) -> Decision[Any]:
    """The state as it is, and letter.failed for the register; without a state nothing is told."""
    if state is None:
        return Decision(None)
    told = LetterFailed(
        complaint_no=state.complaint_no,
        at=command.at,
        letter=command.letter,
        failure=command.failure,
        detail=command.detail,
    )
    return Decision(state, (told,))


def letter_again(_state: object, event: Event[LetterFailed]) -> ReportLetter:
    """The command that told this event, for a service that takes it back from the log."""
    data = event.data
    return ReportLetter(event.subject, data.letter, data.failure, data.at, data.detail)


def contact_corrected(complaint_id: UUID, changed: Collection[str], at: datetime) -> tuple[Notice, ...]:
    """What the service has to do if a correction changed the address: see to the letters that are out."""
    if "email" not in changed:
        return ()
    return (
        Notice(
            key=f"{CONTACT_CORRECTED}:{complaint_id}:{at.isoformat()}",
            to=SUITE,
            template=CONTACT_CORRECTED,
            language="",
        ),
    )
