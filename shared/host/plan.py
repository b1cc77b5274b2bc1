"""What must a service say of itself to be run?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from shared.database.documents import DocumentStore
from shared.database.transaction import Database
from shared.deciding import Commands, Event, Reactions, Recalls
from shared.events.base import EventData
from shared.host.lane import Door, Endpoint
from shared.messaging.batch import Plan, TermsKeeper
from shared.notify.table import Waiting
from shared.participation import Involvement
from shared.policy.model import Rulebook


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A service as its `app.py` composes it; states and queries are the service's own types."""

    name: str
    title: str
    description: str
    store: DocumentStore[Any]
    reactions: Reactions
    commands: Commands
    ordered_from: frozenset[str]
    queries: Callable[[Database], Any]
    routers: Sequence[Callable[[Any], APIRouter]]
    """Each takes the Desk and gives its routes."""
    lanes: Mapping[Door, Callable[[Any], Endpoint]] = field(default_factory=dict)
    """The busiest of these doors, which take nothing but the request; each takes the Desk."""
    admit: Callable[[Any, Any, Rulebook], None] | None = None
    """Asked before each command and each kept answer: may its actor take part in this state? (ADR 0061)"""
    involved: Callable[[Any], Involvement] | None = None
    """Who has to do with a state; nobody recused is ever sent a notice about it."""
    on_told: Callable[[Event[EventData]], None] | None = None
    note: Callable[[Any, Sequence[Event[EventData]]], Awaitable[None]] | None = None
    """Writes down what the service tells, in the transaction that tells it; takes its connection."""
    refresh: Callable[[Any], Awaitable[None]] | None = None
    """Brings the figures up to date that are counted in the database; takes the queries."""
    on_rules: Callable[[Rulebook], None] | None = None
    """Learns which series there are by policy and organisation, whenever figures are asked for."""
    on_undelivered: Callable[[Waiting], Any] | None = None
    """The command that follows when a notice cannot be delivered; None: nothing does."""
    errands: Mapping[str, Callable[[Any, Waiting], Awaitable[None]]] = field(default_factory=dict)
    """What decisions leave to be done afterwards, by name; each takes the Desk and the kept notice."""
    jobs: Sequence[Callable[[Any, Database], Coroutine[Any, Any, None]]] = ()
    """What runs beside the parts, from settings and database; cancelled when the process stops."""
    chores: Sequence[Callable[[Any, Any], Coroutine[Any, Any, None]]] = ()
    """What runs beside the parts and gives commands, from settings and Desk; cancelled like a job."""
    before: Sequence[Callable[[Any, Database], Awaitable[None]]] = ()
    """What is done before anything else starts, from settings and database."""
    recalls: Callable[[Any], Recalls] | None = None
    """How it takes back what it told, after a restore; takes the settings. None: it tells nothing."""
    learn: Callable[[Rulebook, Any], Rulebook] | None = None
    """What one decision changes for those after it in the same batch; None: nothing."""
    keep_terms: Callable[[], TermsKeeper] | None = None
    """What keeps the terms of promises, made once for each process; None: nothing is promised here."""
    events_apart_seconds: float = 0.0
    """How long events may wait for company, where nobody looks at their effect at once; 0: not at all."""
    port: int = 8000
    nice: int = 0
    """How far this service steps back when processors are short (nice(2)): 10 for work that may wait."""

    def for_shell(self) -> Plan[Any]:
        """The part of it that the batch shell works by, made anew for each process."""
        return Plan(
            self.name,
            self.reactions,
            self.commands,
            self.ordered_from,
            learn=self.learn,
            note=self.note,
            admit=self.admit,
            involved=self.involved,
            keep_terms=self.keep_terms() if self.keep_terms is not None else None,
        )
