"""What if a letter to the customer went wrong? The register keeps it, and the desk hears of it."""

from __future__ import annotations

from services.intake.domain.complaint import Complaint, Entry
from services.intake.domain.projecting import remember
from services.intake.handlers.notices import to_desk
from services.intake.handlers.told import require_known
from shared.deciding import Context, Decision, Event
from shared.events.letters import Failure, LetterFailed

_TEMPLATES: dict[Failure, str] = {
    "wrong-contact": "letter-misdirected",
    "undeliverable": "letter-undeliverable",
}


def hear_letter(state: Complaint | None, event: Event[LetterFailed], context: Context) -> Decision[Complaint]:
    """The complaint with the letter in its history; told twice: unchanged.

    Intake's own letters come this way as well, so that there is one way for all of them.
    """
    complaint, data = require_known(state, event), event.data
    facts = {"letter": data.letter, "failure": data.failure, "detail": data.detail}
    known = {name: fact for name, fact in facts.items() if fact}
    after = remember(complaint, Entry(data.at, "letter.failed", event.producer, known))
    if after is complaint:
        return Decision(complaint)
    occasion = f"{data.letter}:{data.at.isoformat()}"
    told = to_desk(complaint, _TEMPLATES[data.failure], occasion, context, letter=data.letter)
    return Decision(after, notices=told)
