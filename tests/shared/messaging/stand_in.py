"""What would the database do? Rows, inbox, outbox, keys and counters in memory, committed or not at all."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.database.documents import Stored
from shared.database.numbers import Numbers
from shared.deciding import Context, Decision, Event
from shared.errors import Conflict, NotYet
from shared.events.intake import ComplaintAcknowledged, ComplaintRegistered
from shared.ids import new_id
from shared.messaging.batch import Fold, Plan, Skip, Work
from shared.observability.tracing import Trace
from shared.outbox.writing import Letter
from tests.shared.messaging import toy

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Journal:
    """All that one complaint has heard: (producer, sequence), in the order in which it had an effect."""

    complaint_id: UUID
    site: str = "sh01"
    heard: tuple[tuple[str, int], ...] = ()
    added: int = 0
    number: str = ""
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Add:
    complaint_id: UUID
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Register:
    complaint_id: UUID
    site: str
    refuse: str = ""
    numbered: bool = True


def note(state: Journal | None, event: Event[Any], context: Context) -> Decision[Journal]:
    if event.correlation_id == "poison":
        raise ZeroDivisionError
    if state is None and (event.producer, event.sequence) != ("intake", 1):
        raise NotYet("unknown-complaint", "its first event has not come")
    before = state or Journal(event.subject, event.site)
    after = replace(before, heard=(*before.heard, (event.producer, event.sequence)))
    return Decision(after, (toy.told(f"{event.producer}-{event.sequence}"),))


def add(state: Journal | None, command: Add, context: Context) -> Decision[Journal]:
    if command.amount < 0:
        raise Conflict("negative", "cannot take away")
    before = state or Journal(command.complaint_id)
    after = replace(before, added=before.added + command.amount)
    return Decision(after, (toy.told("added"),), answer=after.added)


def register(state: Journal | None, command: Register, context: Context) -> Decision[Journal]:
    if command.refuse == "before":
        raise Conflict("refused", "before a number was taken")
    number = context.next_number(command.site)
    if command.refuse == "after":
        raise Conflict("refused", "after a number was taken")
    if command.refuse == "bug":
        raise ZeroDivisionError
    return Decision(Journal(command.complaint_id, command.site, number=number), answer=number)


PLAN: Plan[Journal] = Plan(
    "routing",
    {ComplaintRegistered: note, ComplaintAcknowledged: note},
    {Add: add, Register: register},
    frozenset({"intake", "escalation"}),
)


def event(complaint: UUID, producer: str, sequence: int, *, poison: bool = False) -> Event[Any]:
    made = toy.acknowledged(complaint, sequence=sequence)
    return replace(made, producer=producer, correlation_id="poison" if poison else "c")


class Raced(Exception):
    """Somebody else committed one of the rows in between."""


@dataclass
class Database:
    """What is committed; `begin` and `commit` do what the shell does with SQL."""

    rows: dict[UUID, Stored[Journal]] = field(default_factory=dict)
    inbox: set[UUID] = field(default_factory=set)
    outbox: list[Letter] = field(default_factory=list)
    told: list[Event[Any]] = field(default_factory=list)
    keys: dict[str, tuple[str, UUID]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def begin(self, messages: Sequence[Any]) -> tuple[Fold[Journal], list[Work], Numbers]:
        """The fold over a copy of the rows, with every message applied."""
        works = [m if isinstance(m, Work) else Work(m, Trace("c", None)) for m in messages]
        keys = {
            w.idempotency.key: self.keys[w.idempotency.key]
            for w in works
            if w.idempotency and w.idempotency.key in self.keys
        }
        ids = {work.complaint_id for work in works} | {complaint for _, complaint in keys.values()}
        counted = {w.message.site for w in works if getattr(w.message, "numbered", False)}
        numbers = Numbers(
            {"sh01": 2026, "ber1": 2026}, {site: self.counters.get(site, 0) for site in counted}
        )
        fold = Fold(
            PLAN,
            {i: copy.deepcopy(self.rows[i]) for i in ids if i in self.rows},
            seen={w.message.id for w in works if isinstance(w.message, Event)} & self.inbox,
            keys=keys, numbers=numbers, rules=toy.rulebook(), new_id=new_id,
        )  # fmt: skip
        for work in works:
            fold.apply(work, NOW)
        return fold, works, numbers

    def commit(self, fold: Fold[Journal], numbers: Numbers) -> None:
        """All of it or, if another was quicker, nothing."""
        dirty = [row for row in fold.rows.values() if row.dirty]
        committed = {i: row.version for i, row in self.rows.items()}
        if any(committed.get(row.complaint_id, 0) != row.version for row in dirty):
            raise Raced
        if self.inbox & set(fold.harvest.handled):
            raise Raced
        for row in dirty:
            self.rows[row.complaint_id] = replace(row, version=row.version + 1, dirty=False)
        assert len(fold.harvest.handled) == len(set(fold.harvest.handled)), "a unique key would refuse this"
        self.inbox |= set(fold.harvest.handled)
        self.outbox += fold.harvest.letters
        self.told += fold.harvest.told
        assert not {one.key for one, _ in fold.harvest.keys} & self.keys.keys(), (
            "a unique key would refuse this"
        )
        self.keys |= {one.key: (one.fingerprint, complaint) for one, complaint in fold.harvest.keys}
        self.counters |= {site: numbers.last[site] for site in numbers.used}

    def handle(self, messages: Sequence[Any], *, crash: bool = False) -> list[Work]:
        """One batch, start to end; a crash before the commit leaves nothing."""
        fold, works, numbers = self.begin(messages)
        if not crash:
            self.commit(fold, numbers)
        return works

    def journal(self, complaint: UUID) -> Journal | None:
        row = self.rows.get(complaint)
        return row.state if row is not None else None


__all__ = ["NOW", "PLAN", "Add", "Database", "Journal", "Raced", "Register", "Skip", "event"]
