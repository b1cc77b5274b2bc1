"""What is the one shape of all work? State and message in, decision out, and nothing else.

A handler is a pure function `(state, message, context) -> Decision`. The shell in `shared/messaging`
loads the state under a lock, calls it, and writes what it decided in one transaction. The message is an
`Event` of another service, a command of this one (any frozen dataclass with a `complaint_id`), or `Due`,
which time sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.events.base import EventData
    from shared.policy.model import Rulebook

D_co = TypeVar("D_co", covariant=True)
S = TypeVar("S", bound="Aggregate")


class Aggregate(Protocol):
    """What the shell must know of every state: one complaint's share in one service."""

    @property
    def complaint_id(self) -> UUID:
        """Whose state this is."""
        ...

    @property
    def site(self) -> str:
        """The site that the complaint belongs to; part of every routing key."""
        ...

    @property
    def wake_at(self) -> datetime | None:
        """When time itself has something to do here: the shell then sends `Due`. None: never."""
        ...


@dataclass(frozen=True, slots=True)
class Event(Generic[D_co]):
    """A fact that a service told, as CloudEvents 1.0 carries it (architecture.md section 3)."""

    id: UUID
    type: str
    site: str
    producer: str
    subject: UUID
    time: datetime
    sequence: int
    correlation_id: str
    traceparent: str | None
    data: D_co

    @property
    def complaint_id(self) -> UUID:
        """The complaint that it is about."""
        return self.subject


@dataclass(frozen=True, slots=True)
class Due:
    """Time has come for what this complaint's state had to wait for."""

    complaint_id: UUID


EVERYWHERE = frozenset({"*"})
"""The scope that covers all sites, or all departments."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: a person of the organisation, the customer, or the suite itself.

    Nothing named is nothing allowed; `*` stands for all.
    """

    person: str
    roles: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    departments: frozenset[str] = EVERYWHERE

    def may_see_site(self, site: str) -> bool:
        """Whether the token's scope covers this site."""
        return "*" in self.sites or site in self.sites

    def may_see_department(self, department: str) -> bool:
        """Whether the token's scope covers this department."""
        return "*" in self.departments or department in self.departments


SYSTEM = Actor("system", frozenset({"admin"}), EVERYWHERE)


@dataclass(frozen=True, slots=True)
class Context:
    """All that a handler may know besides its state and its message."""

    now: datetime
    rules: Rulebook
    new_id: Callable[[], UUID]
    next_number: Callable[[str], str]
    """The next complaint number of a site, e.g. SH01-2026-000042; gap-free (intake only)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody is to be told; written with the state, delivered by `shared/notify` until it arrives.

    `key` names person and cause: a second notice with the same key is the same notice.
    `to` is a person of the organisation, or `customer` with the sealed contact beside it.
    `values` fill the template and hold nothing personal.
    """

    key: str
    to: str
    template: str
    language: str
    values: Mapping[str, str] = field(default_factory=dict)
    sealed: str | None = None
    not_before: datetime | None = None
    """Not to be sent before: quiet hours. None: at once."""


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """What a handler decided: the state from now on, what to tell others, whom to notify.

    `answer` goes back to whoever gave the command; it is not stored.
    """

    state: S | None
    tells: tuple[EventData, ...] = ()
    notices: tuple[Notice, ...] = ()
    answer: object = None


# The tables REACTIONS and COMMANDS hold handlers of many message types under one roof; only here and in
# the shell is the message type erased, each handler itself is fully typed.
Handler = Callable[[Any, Any, Context], Decision[Any]]
Reactions = Mapping[type["EventData"], Handler]
Commands = Mapping[type, Handler]


@dataclass(frozen=True, slots=True)
class Recall:
    """How a service whose database was restored from an older dump takes back an event that it told itself.

    `command` makes of state and event the command (or `Due`) that told it; it is decided again with the
    event's own time. None: the event followed from one that was heard, and is taken back with that.
    """

    command: Callable[[Any, Event[Any]], object | None] | None = None
    lost: tuple[str, ...] = ()
    """Fields of the state that no event carries: they are named, complaint by complaint."""
    corrected: Callable[[Any, Event[Any]], Any] | None = None
    """The state with what the event says in place of what came out now: whoever had least work then may have
    more by now, and what was told is what holds. None: nothing can come out otherwise."""


def person_of(event: Event[Any]) -> Actor:
    """Whoever did it, as the event says; that they may was judged when it was told."""
    person: str = getattr(event.data, "by", None) or event.producer
    return Actor(person, ALL_ROLES, EVERYWHERE)


ALL_ROLES = frozenset({"agent", "handler", "manager", "director", "auditor", "admin", "customer"})
Recalls = Mapping[type["EventData"], Recall]
