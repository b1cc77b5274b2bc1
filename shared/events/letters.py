"""What does every service tell of its letters to customers? Only what went wrong; arriving is the rule."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from shared.events.base import EventData

Failure = Literal["wrong-contact", "undeliverable"]


class LetterFailed(EventData):
    """A letter went to a contact that was corrected afterwards, or can reach nobody.

    The service that wrote it tells it; `source` of the envelope says which. `at`: when it arrived at
    the wrong contact, or was given up. `detail` holds nothing personal.
    """

    type_name: ClassVar[str] = "letter.failed.v1"
    producer: ClassVar[str] = "intake"

    at: datetime
    letter: str
    """Its template, e.g. complaint-acknowledged."""
    failure: Failure
    detail: str = ""
