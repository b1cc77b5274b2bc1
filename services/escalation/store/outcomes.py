"""How did the clocks end? A row for each, written in the transaction that tells it; all figures count these.

A counter in the memory of a process begins anew with it and counts only what this one replica has done. From
these rows every replica exports the same totals, also after a restart and for what ended before the first
look of Prometheus, and a report of any period gives the same numbers (docs/decisions/0070).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import text

from services.escalation.store.reports import By
from shared.database.transaction import Database, Direct
from shared.deciding import Event
from shared.events.base import EventData
from shared.events.escalation import ClockBreached, ClockCancelled, ClockEvent, ClockMet
from shared.participation import Scope

Outcome = Literal["met", "breached", "cancelled"]
OUTCOMES: tuple[Outcome, ...] = ("met", "breached", "cancelled")


class Key(NamedTuple):
    """What clocks are counted by."""

    site: str
    department: str
    clock: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Clocks of one name and group that ended in a period; breached ones count by their due date."""

    site: str
    group: str
    clock: str
    met: int
    breached: int
    cancelled: int

    @property
    def compliance(self) -> float | None:
        """Met against met and breached, 0 to 1 (SLA-10); None where nothing was to be kept."""
        judged = self.met + self.breached
        return self.met / judged if judged else None


@dataclass(frozen=True, slots=True)
class _Row:
    event_id: UUID
    complaint_id: UUID
    site: str
    department: str
    clock: str
    outcome: Outcome
    history: bool
    ended_at: datetime


_WRITE = """
INSERT INTO clock_outcomes (event_id, complaint_id, site, department, clock, outcome, history, ended_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
                     $8::timestamptz[])
    ON CONFLICT (event_id) DO NOTHING
"""


async def write_outcomes(connection: Direct, told: Sequence[Event[EventData]]) -> None:
    """Write down which clocks ended by these events; the caller commits."""
    rows = list(_rows(told))
    if rows:
        columns = zip(*((getattr(row, name) for name in _Row.__slots__) for row in rows), strict=True)
        await connection.execute(_WRITE, *map(list, columns))


def _rows(told: Sequence[Event[EventData]]) -> Iterator[_Row]:
    for event in told:
        data = event.data
        ended = _ended(data)
        if ended is None:
            continue
        assert isinstance(data, ClockEvent)
        outcome, at = ended
        yield _Row(
            event_id=event.id,
            complaint_id=event.subject,
            site=event.site,
            department=getattr(data, "department", None) or "",
            clock=data.clock,
            outcome=outcome,
            history=data.history,
            ended_at=at,
        )


def _ended(data: EventData) -> tuple[Outcome, datetime] | None:
    """How and when; one that was breached and met later has ended by its breach.

    Of an imported past the breach counts when the clock is met late, not when it is recorded, because news
    that it was met in time may follow in the same import.
    """
    if isinstance(data, ClockBreached) and not data.history:
        return "breached", data.due_at
    if isinstance(data, ClockCancelled):
        return "cancelled", data.at
    if isinstance(data, ClockMet) and not data.late:
        return "met", data.at
    if isinstance(data, ClockMet) and data.history:
        return "breached", data.due_at
    return None


_FINAL_SECONDS = 60
"""By then every transaction that began before is over: a batch may stand still for ten seconds."""
_SINCE = text(
    "SELECT site, department, clock, outcome, history, counted_at <= :final AS is_final, count(*) "
    "FROM clock_outcomes WHERE counted_at > :after GROUP BY 1, 2, 3, 4, 5, 6"
)
_MOMENTS = text("SELECT now() - make_interval(secs => :seconds), to_timestamp(0)")
_RECENT = text("""
SELECT site, department, clock, outcome,
       count(*) FILTER (WHERE counted_at > now() - interval '1 hour'), count(*)
  FROM clock_outcomes
 WHERE NOT history AND counted_at > now() - interval '1 day' GROUP BY 1, 2, 3, 4
""")
_BETWEEN = text("""
SELECT o.site,
       CASE :by WHEN 'department' THEN o.department
                ELSE coalesce(s.state->'facts'->>'category', '') END AS grp,
       o.clock, count(*) FILTER (WHERE o.outcome = 'met'), count(*) FILTER (WHERE o.outcome = 'breached'),
       count(*) FILTER (WHERE o.outcome = 'cancelled')
  FROM clock_outcomes AS o
  LEFT JOIN sheets AS s ON :by = 'category' AND s.complaint_id = o.complaint_id
 WHERE o.site = :site AND o.ended_at >= :since AND o.ended_at < :until AND o.history = :history
   AND (CAST(:departments AS text[]) IS NULL OR o.department = '' OR o.department = ANY(:departments))
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


class Totals:
    """All ended clocks by site, department, name and outcome; only what is new is counted again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._settled: dict[bool, dict[Key, int]] = {False: {}, True: {}}
        self._after: datetime | None = None

    async def counted(self) -> tuple[dict[Key, int], dict[Key, int]]:
        """The live ones and those of imported pasts."""
        async with self._database.reading() as connection:
            final, beginning = (await connection.execute(_MOMENTS, {"seconds": _FINAL_SECONDS})).one()
            after = self._after or beginning
            rows = (await connection.execute(_SINCE, {"final": final, "after": after})).all()
        totals = {history: dict(known) for history, known in self._settled.items()}
        for *key, history, is_final, number in rows:
            name = Key(*key)
            totals[history][name] = totals[history].get(name, 0) + number
            if is_final:
                self._settled[history][name] = self._settled[history].get(name, 0) + number
        self._after = max(after, final)
        return totals[False], totals[True]


async def recent(database: Database) -> dict[Key, tuple[int, int]]:
    """How many live clocks ended in the last hour and in the last day."""
    async with database.reading() as connection:
        rows = await connection.execute(_RECENT)
        return {Key(*key): (hour, day) for *key, hour, day in rows}


async def ended_between(
    database: Database,
    site: str,
    since: datetime,
    until: datetime,
    *,
    by: By,
    scope: Scope,
    history: bool = False,
) -> tuple[Ended, ...]:
    """How the clocks of a site ended from `since` to before `until`, sorted.

    `history`: those of imported pasts instead of the live ones.
    """
    departments = None if scope.departments is None else list(scope.departments)
    values = {"site": site, "since": since, "until": until, "by": by}
    values |= {"departments": departments, "history": history}
    async with database.reading() as connection:
        return tuple(Ended(*row) for row in await connection.execute(_BETWEEN, values))
