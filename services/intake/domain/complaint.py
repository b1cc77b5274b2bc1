"""What does the register know about one complaint?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.events.intake import Flags, Kind, Money, Product
from shared.lifecycle import Status

PROMISE = ("answer", "resolution", "proposal")
"""Names of the clocks whose due date is a promise to the customer, best known first."""


class ClockState(StrEnum):
    """How a promise stands, as escalation last told it."""

    RUNNING = "running"
    PAUSED = "paused"
    BREACHED = "breached"
    MET = "met"
    MET_LATE = "met_late"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock; `as_of` is the sequence of the event that said so: one may overtake another."""

    due_at: datetime
    state: ClockState
    as_of: int


@dataclass(frozen=True, slots=True)
class SurveyView:
    """How the customer was asked; `score` is on the scale 0 to 100."""

    state: Literal["invited", "reminded", "answered", "expired"]
    as_of: int
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the customer said to the answer of a round; the words are sealed."""

    round: int
    accepts: bool
    at: datetime
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an imported complaint was kept before; source and ref name it once and for all."""

    source: str
    ref: str


@dataclass(frozen=True, slots=True)
class Objection:
    """Until when a clause of the contract let the customer object."""

    until: datetime
    clause: str


@dataclass(frozen=True, slots=True)
class Link:
    """Another complaint about the same thing, and when the first of its customers spoke."""

    complaint_id: UUID
    complaint_no: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history: when it was told, which event, by whom, and facts that name nobody.

    `out_of_table`: the event contradicted the status and changed nothing (a race between services).
    """

    at: datetime
    what: str
    by: str
    facts: Mapping[str, str] = field(default_factory=dict)
    out_of_table: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint in the register; its status is a read model of the events (architecture.md 2)."""

    complaint_id: UUID
    complaint_no: str
    site: str
    status: Status
    kind: Kind
    category: str
    type: str
    channel: str
    received_at: datetime
    registered_at: datetime
    customer_ref: str
    language: str
    customer_grade: str = "general"
    flags: Flags = field(default_factory=Flags)
    product: Product | None = None
    order_ref: str | None = None
    claimed: Money | None = None
    accused_refs: tuple[str, ...] = ()
    sealed: str | None = None
    """Name, contacts and free text, encrypted."""
    reachable: bool = False
    """Whether the sealed part holds an address to write to."""
    imported: bool = False
    """Taken over with its old dates: nobody is alerted about its past."""
    origin: Origin | None = None
    department: str | None = None
    assignee: str | None = None
    severity: str | None = None
    round: int = 1
    liability: str | None = None
    outcome: str | None = None
    reply: Reply | None = None
    promised_at: datetime | None = None
    closed_at: datetime | None = None
    """When it ended where it was imported from."""
    status_before_pause: Status | None = None
    clocks: Mapping[str, ClockView] = field(default_factory=dict)
    survey: SurveyView | None = None
    history: tuple[Entry, ...] = ()
    objection: Objection | None = None
    """The customer's own time limit (SLA-19)."""
    merged_into: Link | None = None
    """Where it goes on."""
    absorbed: tuple[Link, ...] = ()
    """The duplicates that were merged into it, the newest last."""
    set_aside: tuple[str, ...] = ()
    """Who takes no part, as routing told last: a correction here brings nobody back whom the desk recused."""

    @property
    def recused(self) -> frozenset[str]:
        """Who neither acts on it nor sees it (RCS-01)."""
        return frozenset((*self.accused_refs, *self.set_aside))

    @property
    def wake_at(self) -> datetime | None:
        """None: time itself does nothing here; deadlines are escalation's."""
        return None

    @property
    def ended_before(self) -> bool:
        """Whether it came in as closed and nobody has taken it up since."""
        return self.closed_at is not None and self.status is Status.CLOSED

    @property
    def toward_customer(self) -> Status:
        """Where it stands for the customer: an answer that waits for a reply is no pause to them."""
        waits = self.status is Status.PAUSED and self.status_before_pause is Status.ANSWERED
        return Status.ANSWERED if waits else self.status

    @property
    def first_received_at(self) -> datetime:
        """When it was first heard of, by itself or by one of its duplicates."""
        return min((self.received_at, *(link.received_at for link in self.absorbed)))

    def promise(self) -> datetime | None:
        """By when the customer was promised an answer: what was said, else what policy says."""
        if self.promised_at is not None:
            return self.promised_at
        for name in PROMISE:
            if name in self.clocks:
                return self.clocks[name].due_at
        return max((clock.due_at for clock in self.clocks.values()), default=None)


def lined(history: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    """The history with one more line, kept in order of time."""
    place = bisect_right(history, entry.at, key=lambda line: line.at)
    return (*history[:place], entry, *history[place:])


def note(complaint: Complaint, entry: Entry) -> Complaint:
    """The complaint with one more line of history."""
    return replace(complaint, history=lined(complaint.history, entry))
