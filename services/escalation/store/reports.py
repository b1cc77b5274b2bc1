"""How did the clocks stand at a moment, by department or category? One query over the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text

from shared.database.transaction import Database
from shared.participation import Scope

By = Literal["department", "category"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Clocks of one name and group as they stood at the moment; the last six sum up to `started`."""

    site: str
    group: str
    clock: str
    started: int
    met: int
    late: int
    """Kept, but after the due date."""
    overdue: int
    running: int
    paused: int
    cancelled: int


# A due date that was given up later was still in force at the moment: the first of those counts.
_EACH = """
SELECT s.site,
       coalesce(CASE :by WHEN 'department' THEN s.department
                         ELSE s.state->'facts'->>'category' END, '') AS grp,
       c.name, c.met_at, c.late, c.cancelled_at,
       coalesce(
         (SELECT (f->>'due_at')::timestamptz
            FROM jsonb_array_elements(c.former) WITH ORDINALITY AS given(f, place)
           WHERE (f->>'given_up_at')::timestamptz > :at ORDER BY place LIMIT 1),
         c.due_at) AS due_at,
       EXISTS (SELECT 1 FROM jsonb_array_elements(c.pauses) AS p
                WHERE (p->>'start')::timestamptz <= :at
                  AND ((p->>'end') IS NULL OR (p->>'end')::timestamptz > :at)) AS held
  FROM sheets AS s,
       jsonb_to_recordset(s.state->'clocks') AS c(
         name text, started_at timestamptz, due_at timestamptz, met_at timestamptz, late boolean,
         cancelled_at timestamptz, pauses jsonb, former jsonb)
 WHERE s.site = :site AND c.started_at <= :at
   AND (CAST(:departments AS text[]) IS NULL OR s.department IS NULL OR s.department = ANY(:departments))
"""
_STANDINGS = text(f"""
WITH each AS ({_EACH}), judged AS (
  SELECT site, grp, name,
         CASE WHEN cancelled_at <= :at THEN 'cancelled'
              WHEN met_at <= :at THEN CASE WHEN late THEN 'late' ELSE 'met' END
              WHEN held THEN 'paused'
              WHEN due_at < :at THEN 'overdue'
              ELSE 'running' END AS outcome
    FROM each)
SELECT site, grp, name, count(*),
       count(*) FILTER (WHERE outcome = 'met'), count(*) FILTER (WHERE outcome = 'late'),
       count(*) FILTER (WHERE outcome = 'overdue'), count(*) FILTER (WHERE outcome = 'running'),
       count(*) FILTER (WHERE outcome = 'paused'), count(*) FILTER (WHERE outcome = 'cancelled')
  FROM judged GROUP BY site, grp, name ORDER BY site, grp, name
""")  # noqa: S608 - our own text, values are bound


async def standings(
    database: Database, site: str, at: datetime, *, by: By, scope: Scope
) -> tuple[Standing, ...]:
    """How the clocks of a site stood at that moment, sorted; nothing of it is read from the present."""
    departments = None if scope.departments is None else list(scope.departments)
    values = {"site": site, "at": at, "by": by, "departments": departments}
    async with database.reading() as connection:
        return tuple(Standing(*row) for row in await connection.execute(_STANDINGS, values))
