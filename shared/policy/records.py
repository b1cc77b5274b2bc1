"""Which records does a case need, with which fields, signed by whom and by when?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.policy.rules import When

STRICT = {"extra": "forbid"}
GATES = ("investigate", "propose", "decide", "answer", "fulfil", "close")
"""Steps that a record may be needed before, in the order in which a case comes to them."""
FIELD_KINDS = ("text", "choice", "date", "number", "flag")
"""What a field holds; `text` is personal and sealed, all others are facts in the open."""
CODED = ("choice", "flag")
"""Kinds of fields whose answers a rule may ask for."""
FLAG_ANSWERS = ("yes", "no")
CUSTOMER = "customer"
"""Stands in `signed_by` for the customer, whose signature on paper somebody attests."""


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of a record: its code and what is written there."""

    __pydantic_config__ = STRICT

    code: str
    name: Mapping[str, str]
    kind: str = "text"
    required: bool = True
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of a `choice`: its codes, each with its words."""

    @property
    def answers(self) -> tuple[str, ...]:
        """The codes that may stand in it; empty: it holds no code."""
        return FLAG_ANSWERS if self.kind == "flag" else tuple(self.choices)


@dataclass(frozen=True, slots=True)
class RecordWhen(When):
    """Which cases need the record: what they are about, and what has become of them."""

    __pydantic_config__ = STRICT

    remedies: tuple[str, ...] = ()
    """Of which at least one is offered."""
    liability: tuple[str, ...] = ()
    """What the investigation found."""
    visited: bool | None = None
    """Whether a visit to the customer was decided on; None: either way."""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By `record.field` of another record, the answers there that call for this one."""


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A form: what it is called, its number, and what a case has to write on it (CLS-13).

    One without fields is only a name: it is printed, and nothing is kept on it.
    """

    __pydantic_config__ = STRICT

    name: Mapping[str, str]
    by: str = ""
    """The department or role that fills it in; empty: whoever works on the case."""
    number: str = ""
    keep_years: int | None = None
    """How long, where the source says so (CLS-12)."""
    fields: tuple[RecordField, ...] = ()
    when: RecordWhen = field(default_factory=RecordWhen)
    needed_before: str = ""
    """One of `GATES`; empty: it is kept by whoever wishes to."""
    signed_by: tuple[str, ...] = ()
    """Roles, each of which gives one signature, and `customer`."""
    after: tuple[str, ...] = ()
    """Records that have to be complete before this one is begun, as far as the case needs them."""
    each_round: bool = False
    """Whether every round of proposals needs it anew."""

    def field_of(self, code: str) -> RecordField | None:
        """The field of that code; None: the record has no such field."""
        return next((one for one in self.fields if one.code == code), None)


def is_due(kind: RecordKind, gate: str) -> bool:
    """Whether the record is needed at this gate or at one before it, so that no way leads around."""
    return kind.needed_before in GATES[: GATES.index(gate) + 1]
