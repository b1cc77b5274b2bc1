"""How are many complaints compared at once? In shares, on every processor that is free.

Comparing is pure and takes a complaint at a time, so it is spread over processes; reading the log and the
tables stays in one, a few shares ahead, so that neither has to fit into memory.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import deque
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.escalation.jobs.comparing import Difference, Kept, differences
from services.escalation.store.auditing import Sheet
from services.escalation.store.tables import STORE
from shared.deciding import Event
from shared.errors import Rejected
from shared.events.base import EventData, read_event
from shared.policy.model import Rulebook

_AHEAD = 3
"""Shares for each process that wait or are worked on."""


class Subject(NamedTuple):
    """One complaint: what the log says of it, and what the tables hold; at least one of them is there."""

    complaint: UUID
    bodies: Sequence[bytes]
    sheet: Sheet | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a share of complaints came to."""

    clocks: int
    events: int
    unreadable: int
    """Events whose data this release cannot read."""
    differences: tuple[Difference, ...]


def compared(share: Sequence[Subject], rules: Rulebook, until: datetime) -> Outcome:
    """Every complaint of the share, log against tables."""
    clocks = events = unreadable = 0
    found: list[Difference] = []
    for complaint, bodies, sheet in share:
        read = [event for event in map(_event, bodies) if event is not None]
        kept = _kept(sheet) if sheet is not None else None
        events += len(read)
        unreadable += len(bodies) - len(read)
        clocks += len(kept.sheet.clocks) if kept is not None else 0
        found += differences(complaint, read, kept, rules, until)
    return Outcome(clocks, events, unreadable, tuple(found))


async def outcomes(
    shares: AsyncIterator[Sequence[Subject]], rules: Rulebook, until: datetime, *, processes: int = 1
) -> AsyncIterator[Outcome]:
    """The outcome of each share, in their order; with one process in this one."""
    loop = asyncio.get_running_loop()
    # Not forked: this process has connections and a running loop.
    apart = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, apart, _begin, (rules, until)) if processes > 1 else None
    under_way: deque[asyncio.Future[Outcome]] = deque()
    with pool if pool is not None else nullcontext():
        async for share in shares:
            if pool is None:
                yield compared(share, rules, until)
                continue
            under_way.append(loop.run_in_executor(pool, _in_its_process, share))
            if len(under_way) >= processes * _AHEAD:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()


_given: list[tuple[Rulebook, datetime]] = []
"""In a process of the pool: what all its shares are compared by."""


def _begin(rules: Rulebook, until: datetime) -> None:
    _given.append((rules, until))


def _in_its_process(share: Sequence[Subject]) -> Outcome:
    return compared(share, *_given[-1])


def _event(body: bytes) -> Event[EventData] | None:
    try:
        return read_event(body)
    except Rejected:
        return None


def _kept(sheet: Sheet) -> Kept:
    return Kept(STORE.decode(sheet.state), sheet.wake_at, sheet.heard, sheet.notices)
