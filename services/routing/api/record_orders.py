"""What does somebody send to write on a record, or to sign it?"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from services.routing.domain.record import SealedText
from services.routing.handlers.record_case import RecordCase
from services.routing.handlers.sign_record import SignRecord
from shared.deciding import Actor
from shared.host.fields import Body, Code, Text
from shared.policy.records import RecordKind

Seal = Callable[[str], str]
"""Seals a free text about this complaint."""
Words = Annotated[Text, StringConstraints(min_length=1, pattern=r"\S")]
Written = Annotated[bool, Strict()] | Decimal | Words
"""Yes or no, a number, or a text: a code, a date, or free text."""
_MOST_FIELDS = 50


class RecordBody(Body):
    """What stands on the record; fields that are not named keep what they hold."""

    record: Code
    item: Code | None = None
    """Which of several of a kind, e.g. the number of the notice."""
    fields: Annotated[dict[Code, Written], Field(max_length=_MOST_FIELDS, default_factory=dict)]
    without: Annotated[tuple[Code, ...], Field(max_length=_MOST_FIELDS)] = ()
    """Fields that are emptied."""
    reason_code: Code | None = None
    """Why it is corrected."""

    def command(self, complaint_id: UUID, actor: Actor, kind: RecordKind | None, seal: Seal) -> RecordCase:
        """What the handlers understand. Whatever policy does not know as a fact is sealed at once."""
        plain = {one.code for one in kind.fields if one.kind != "text"} if kind is not None else set()
        return RecordCase(
            complaint_id,
            actor,
            self.record,
            self.item or "",
            {code: _spelled(value) for code, value in self.fields.items() if code in plain},
            tuple(
                SealedText(code, seal(_spelled(value)))
                for code, value in self.fields.items()
                if code not in plain
            ),
            self.without,
            self.reason_code,
        )


class RecordSigning(Body):
    """A signature under the version that was read; for the customer, who signed on paper, its reference."""

    version: Annotated[int, Field(ge=1, le=10_000)]
    item: Code | None = None
    customer: bool = False
    evidence: Code | None = None

    def command(self, complaint_id: UUID, actor: Actor, record: str) -> SignRecord:
        """What the handlers understand."""
        return SignRecord(
            complaint_id, actor, record, self.version, self.item or "", self.customer, self.evidence
        )


def _spelled(value: bool | Decimal | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else str(value)
