"""Whose word does a proposal need, and what else is decided about a case? The small values of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Required:
    """One signature that a proposal needs: roles of which any one gives it, and what they check first."""

    by: tuple[str, ...]
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Who signs, pays and closes; fixed when the proposal is made (docs/decisions/0040)."""

    rule: str
    policy_version: str
    sign: tuple[Required, ...] = ()
    pay: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    """Roles that may close; empty: whoever may work on the case."""
    report_to: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    remedy_rule: str = ""
    """The row of remedies that it stands under; empty: none is about it."""
    cost_bearer: str = ""
    """Who bears the cost (C-16); empty: as agreed."""
    exception: bool = False
    """Whether it departs from that row, which the roles that it names have to sign (DSP-11)."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Somebody whom policy asks to handle it in person has taken it in hand (RTE-10, SAF-01)."""

    role: str
    by: str
    at: datetime
    in_place_of: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Whether the customer is visited, by which tests, and who decided so (INV-07, INV-11)."""

    visits: bool
    by: str
    role: str
    at: datetime
    round: int
    tests: Mapping[str, bool] = field(default_factory=dict)
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of handling that somebody chose instead of the ordinary one (SEV-07, C-25)."""

    mode: Literal["expedited", "deferred"]
    rule: str
    reason_code: str
    by: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """Work that begins with a case, e.g. the review of the HACCP plan (SAF-01); open until `done_at`."""

    kind: str
    opened_at: datetime
    done_at: datetime | None = None
    by: str | None = None
    result_code: str | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """When what was agreed is carried out if it cannot be at once, and why not (DSP-23)."""

    on: date
    reason_code: str
    by: str
    at: datetime
    round: int


@dataclass(frozen=True, slots=True)
class SheetVerdict:
    """What the customer thinks of the measures on a sheet; the words are sealed (CAP-02)."""

    satisfied: bool
    at: datetime
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class SentSheet:
    """The customer's version of a report of corrective action, sent once; `attempt` counts from 1."""

    sheet: int
    attempt: int
    by: str
    at: datetime
    verdicts: tuple[SheetVerdict, ...] = ()
    """The newest last: a result stays open to checking, so somebody may think again (CAP-07)."""

    @property
    def verdict(self) -> SheetVerdict | None:
        """What the customer thinks of it now; None: nothing was said."""
        return self.verdicts[-1] if self.verdicts else None


@dataclass(frozen=True, slots=True)
class Raise:
    """A round of proposals that was told up the ladder (C-12)."""

    round: int
    level: int
    to: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the life of the case: what a second hand is shown that came too late."""

    version: int
    what: str
    by: str
    at: datetime
    status: str
