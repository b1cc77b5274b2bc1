"""What does a batch of work decide? The pure middle of the shell: fold each message through its handler.

Nothing here talks to a server. Given the loaded rows, `Fold` applies the messages in order and collects
what has to be written. A message that fails changes nothing: its rows, its tells and its number are as if
it had never been there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.database.documents import Stored
from shared.database.numbers import Numbers
from shared.database.transaction import Direct
from shared.deciding import Aggregate, Commands, Context, Decision, Event, Notice, Reactions
from shared.errors import NotYet, Rejected
from shared.events.base import EventData, routing_key, write_event
from shared.observability.tracing import Trace
from shared.outbox.writing import Idempotency, Letter
from shared.participation import CUSTOMER, Involvement
from shared.policy.model import Rulebook

S = TypeVar("S", bound=Aggregate)


@dataclass(frozen=True, slots=True)
class Skip:
    """An event that was parked: those after it may pass, it can still be replayed later."""

    event: Event[EventData]

    @property
    def complaint_id(self) -> UUID:
        """The complaint that it is about."""
        return self.event.subject


@dataclass(slots=True)
class Work:
    """One message on its way through the shell, and what became of it."""

    message: Any
    trace: Trace
    idempotency: Idempotency | None = None
    error: BaseException | None = None
    decision: Decision[Any] | None = None
    duplicate: bool = False
    seconds: float = 0.0
    bulk: bool = False
    """Whether it may wait behind the living, and what it tells as well (docs/decisions/0062)."""

    @property
    def complaint_id(self) -> UUID:
        """The complaint that it is about."""
        identifier: UUID = self.message.complaint_id
        return identifier


TermsKeeper = Callable[[Direct, Rulebook, AbstractSet[str], Mapping[UUID, Stored[Any]]], Awaitable[Rulebook]]
"""Keeps in the batch's transaction by which rules these sites decide, and gives the rulebook with those of
other times that the rows refer to."""


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """What a service brings to the fold."""

    service: str
    reactions: Reactions
    commands: Commands
    ordered_from: frozenset[str]
    learn: Callable[[Rulebook, Decision[S]], Rulebook] | None = None
    """What one decision changes for those after it in the same batch (ADR 0042); None: nothing."""
    note: Callable[[Any, Sequence[Event[EventData]]], Awaitable[None]] | None = None
    """Writes down what was told, over the batch's connection; None: nothing is."""
    admit: Callable[[S, Any, Rulebook], None] | None = None
    """Raises Forbidden if whoever gives this command takes no part in this state; None: all may."""
    involved: Callable[[S], Involvement] | None = None
    """Who has to do with a state: nobody recused is told of it, whatever a handler decided."""
    keep_terms: TermsKeeper | None = None
    """None: nothing is promised here."""

    async def rules_for(
        self, connection: Direct, rules: Rulebook, works: Iterable[Work], rows: Mapping[UUID, Stored[S]]
    ) -> Rulebook:
        """The rulebook by which these messages are decided (docs/decisions/0071)."""
        if self.keep_terms is None:
            return rules
        sites = {row.site for row in rows.values()}
        sites |= {work.message.site for work in works if isinstance(work.message, Event)}
        return await self.keep_terms(connection, rules, sites, rows)


@dataclass(slots=True)
class Harvest:
    """What one batch has to write and to count."""

    letters: list[Letter] = field(default_factory=list)
    told: list[Event[EventData]] = field(default_factory=list)
    notices: list[tuple[UUID, Notice]] = field(default_factory=list)
    handled: list[UUID] = field(default_factory=list)
    keys: list[tuple[Idempotency, UUID]] = field(default_factory=list)


class Fold(Generic[S]):
    """Applies messages to rows."""

    def __init__(
        self,
        plan: Plan[S],
        rows: dict[UUID, Stored[S]],
        *,
        seen: set[UUID],
        keys: Mapping[str, tuple[str, UUID]],
        numbers: Numbers,
        rules: Rulebook,
        new_id: Callable[[], UUID],
    ) -> None:
        self._plan = plan
        self.rows = rows
        self._seen = seen
        self._keys = dict(keys)
        self._numbers = numbers
        self._rules = rules
        self._new_id = new_id
        self._behind: set[UUID] = set()
        """Complaints of which an event went to the bulk lane: those after it follow there."""
        self.harvest = Harvest()

    def apply(self, work: Work, now: datetime) -> None:
        """Run one message; what came of it is written into `work` and, if it counts, the harvest."""
        mark = self._numbers.mark()
        try:
            self._dispatch(work, now)
        except Exception as error:  # noqa: BLE001 - a bug in one handler must not sink the batch
            self._numbers.reset(mark)
            work.error = error

    def _dispatch(self, work: Work, now: datetime) -> None:
        message = work.message
        if isinstance(message, Event):
            self._event(work, message, now)
        elif isinstance(message, Skip):
            self._skip(message)
        elif work.idempotency is not None and work.idempotency.key in self._keys:
            self._replay(work, work.idempotency)
        else:
            self._admit(work.complaint_id, message)
            self._decide(work, self._plan.commands[type(message)], now)
            if work.idempotency is not None:
                self.harvest.keys.append((work.idempotency, work.complaint_id))
                self._keys[work.idempotency.key] = (
                    work.idempotency.fingerprint,
                    work.complaint_id,
                )

    def _event(self, work: Work, event: Event[EventData], now: datetime) -> None:
        if event.id in self._seen:
            work.duplicate = True
            return
        row = self.rows.get(event.subject)
        last = row.heard.get(event.producer, 0) if row is not None else 0
        if event.producer in self._plan.ordered_from and event.sequence > last + 1:
            raise NotYet(
                "out-of-order",
                f"{event.type} is number {event.sequence} of {event.producer}, {last} came so far",
            )
        handler = self._plan.reactions.get(type(event.data))
        if handler is not None:
            self._decide(work, handler, now)
        row = self._row(event.subject, event.site)
        row.heard[event.producer] = max(last, event.sequence)
        row.dirty = True
        self._seen.add(event.id)
        self.harvest.handled.append(event.id)

    def _skip(self, skip: Skip) -> None:
        event = skip.event
        row = self._row(event.subject, event.site)
        last = row.heard.get(event.producer, 0)
        # Only the next one in line may be stepped over: a later one that was parked for being out
        # of order must not open the gate for what is still missing.
        if event.sequence == last + 1:
            row.heard[event.producer] = event.sequence
            row.dirty = True

    def _replay(self, work: Work, given: Idempotency) -> None:
        fingerprint, complaint_id = self._keys[given.key]
        # Whoever has lost the right since then does not get the answer that was kept.
        self._admit(complaint_id, work.message)
        if fingerprint != given.fingerprint:
            raise KeyReused
        row = self.rows.get(complaint_id)
        work.duplicate = True
        work.decision = Decision(row.state if row is not None else None)

    def _admit(self, complaint_id: UUID, command: Any) -> None:
        row = self.rows.get(complaint_id)
        if self._plan.admit is not None and row is not None and row.state is not None:
            self._plan.admit(row.state, command, self._rules)

    def _decide(self, work: Work, handler: Callable[..., Decision[S]], now: datetime) -> None:
        identifier = work.complaint_id
        row = self.rows.get(identifier)
        before = row.state if row is not None else None
        context = Context(now, self._rules, self._new_id, self._numbers.next)
        decision = handler(before, work.message, context)
        work.decision = decision
        after = decision.state
        if after is None:
            return
        letters, told = self._write(decision, after, row.told if row else 0, work, now)
        if after is not before or letters:
            row = self._row(identifier, after.site)
            row.state, row.told, row.dirty = after, row.told + len(letters), True
        self.harvest.letters.extend(letters)
        self.harvest.told.extend(told)
        if decision.notices:
            self.harvest.notices.extend((identifier, one) for one in self._reaching(decision.notices, after))
        if self._plan.learn is not None:
            self._rules = self._plan.learn(self._rules, decision)

    def _reaching(self, notices: tuple[Notice, ...], state: S) -> Iterator[Notice]:
        if self._plan.involved is None:
            return iter(notices)
        recused = self._plan.involved(state).recused
        return (one for one in notices if one.to == CUSTOMER or one.to not in recused)

    def _write(
        self, decision: Decision[S], state: S, told_before: int, work: Work, now: datetime
    ) -> tuple[list[Letter], list[Event[EventData]]]:
        letters: list[Letter] = []
        events: list[Event[EventData]] = []
        bulk = work.bulk or state.complaint_id in self._behind
        if bulk and decision.tells:
            self._behind.add(state.complaint_id)
        for number, data in enumerate(decision.tells, start=told_before + 1):
            event = Event(
                id=self._new_id(),
                type=data.type_name,
                site=state.site,
                producer=self._plan.service,
                subject=state.complaint_id,
                time=now,
                sequence=number,
                correlation_id=work.trace.correlation_id,
                traceparent=work.trace.traceparent,
                data=data,
            )
            events.append(event)
            letters.append(
                Letter(
                    event.id,
                    event.type,
                    routing_key(event),
                    event.traceparent,
                    write_event(event),
                    event.subject,
                    bulk,
                )
            )
        return letters, events

    def _row(self, identifier: UUID, site: str) -> Stored[S]:
        row = self.rows.get(identifier)
        if row is None:
            row = Stored(identifier, site, None, 0, 0, {})
            self.rows[identifier] = row
        return row


class KeyReused(Rejected):
    """The Idempotency-Key was used before, with another request."""

    def __init__(self) -> None:
        super().__init__(
            "idempotency-key-reused",
            "this Idempotency-Key came with a different request before",
            field="Idempotency-Key",
            remedy="Use a new key for a new request, and the old body for a repetition.",
        )
