"""What does the auditor look at? The suite's state as plain data: no server is needed to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Accepted:
    """A complaint that got a 201: what the client was promised."""

    mark: str
    complaint_id: UUID
    complaint_no: str


@dataclass(frozen=True, slots=True)
class Row:
    """One complaint's document in one service, as far as the audit reads it."""

    complaint_id: UUID
    told: int
    heard: Mapping[str, int]
    has_state: bool = True
    complaint_no: str | None = None
    mark: str | None = None
    """Intake: the rig's own name of the complaint; two entries with one mark are one registered twice."""
    promised: tuple[str, ...] = ()
    """Intake: names of the clocks that policy demands for such a complaint."""
    placements: int = 0
    """Routing: how often a department was given it."""
    clocks: tuple[str, ...] = ()
    """Escalation: names of its clocks."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the log stream; `about` is its round or its clock."""

    id: UUID
    type: str
    producer: str
    subject: UUID
    sequence: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """A parked message."""

    service: str
    message_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Four databases, the log stream and the parking queues at one quiet moment."""

    rows: Mapping[str, tuple[Row, ...]]
    inbox: Mapping[str, frozenset[UUID]]
    outbox: Mapping[str, int]
    numbers: Mapping[tuple[str, int], int]
    """Last number of each site and year."""
    stream: tuple[Told, ...]
    outside: frozenset[UUID]
    """Events that came to the outsider's queue."""
    parked: tuple[Aside, ...] = ()
    moving: tuple[str, ...] = ()
    """What had not come to rest when the deadline passed."""


@dataclass(frozen=True, slots=True)
class Injected:
    """What the rig itself put in and therefore expects to find."""

    messages: frozenset[str] = frozenset()
    """Message ids of poison."""
    subjects: frozenset[UUID] = field(default_factory=frozenset)
    """Complaints that only poison ever spoke of."""
    moved: frozenset[UUID] = field(default_factory=frozenset)
    """Complaints whose owner or department left the organisation, so that they were placed again."""
