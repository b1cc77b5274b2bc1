"""When did clocks fire that fell due together? By the commit time that PostgreSQL itself noted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from shared.clock import monotonic

LEAD_SECONDS = 5.0
"""How long before their time clocks are given their due date."""
_DUE = """
UPDATE sheets AS s
   SET wake_at = due, earliest_due = due,
       state = jsonb_set(state, '{clocks,0,due_at}', to_jsonb(due))
  FROM (SELECT complaint_id, base + random() * $4::float8 * interval '1 second' AS due
          FROM bench_clocks, (SELECT clock_timestamp() + $3::float8 * interval '1 second' AS base) AS b
         WHERE n BETWEEN $1::bigint AND $2) AS picked
 WHERE s.complaint_id = picked.complaint_id
"""
_FIRED = """
SELECT count(*) FROM bench_clocks JOIN sheets USING (complaint_id)
 WHERE n BETWEEN $1::bigint AND $2 AND cardinality(escalation_ids) > 0
"""
_LAGS = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(s.xmin) - (s.state #>> '{clocks,0,due_at}')::timestamptz)
  FROM bench_clocks JOIN sheets AS s USING (complaint_id)
 WHERE n BETWEEN $1::bigint AND $2 AND s.state #>> '{clocks,0,state}' = 'breached'
"""


@dataclass(frozen=True, slots=True)
class Firing:
    """How late clocks fired, in seconds, sorted; `due` of them should have."""

    due: int
    lags: tuple[float, ...]
    twice: int = 0
    """How many of them fired more than once."""

    @property
    def lost(self) -> int:
        """How many never fired."""
        return self.due - len(self.lags)

    def lag(self, share: float) -> float:
        """So many seconds or less for that share of them; infinite when nothing fired."""
        if not self.lags:
            return float("inf")
        return self.lags[min(len(self.lags) - 1, int(share * len(self.lags)))]


@dataclass(slots=True)
class Picks:
    """Clocks that no test has used yet, by their numbers."""

    used: int = 0

    def next(self, count: int) -> range:
        """So many of them."""
        self.used += count
        return range(self.used - count + 1, self.used + 1)


async def make_due(
    database: asyncpg.Connection,
    picks: range,
    *,
    spread_seconds: float = 0,
    lead_seconds: float = LEAD_SECONDS,
) -> None:
    """Let them fall due, in a moment, spread over so many seconds (0: all at the same instant)."""
    await database.execute(_DUE, picks[0], picks[-1], lead_seconds, spread_seconds, timeout=60)


async def until_fired(
    database: asyncpg.Connection, picks: range, *, count: int | None = None, seconds: float
) -> bool:
    """Whether that many (None: all) of them fired in time."""
    deadline = monotonic() + seconds
    while await database.fetchval(_FIRED, picks[0], picks[-1]) < (len(picks) if count is None else count):
        if monotonic() > deadline:
            return False
        await asyncio.sleep(0.2)
    return True


async def firing(database: asyncpg.Connection, picks: Sequence[range]) -> Firing:
    """What became of them; one that fired twice is counted by whoever reads the log."""
    lags: list[float] = []
    for one in picks:
        lags += [float(row[0]) for row in await database.fetch(_LAGS, one[0], one[-1])]
    return Firing(sum(map(len, picks)), tuple(sorted(lags)))
