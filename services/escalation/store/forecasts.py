"""What is learned from, and where is what was learned kept? The newest clocks, and one row for each time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import text

from services.escalation.domain.forecast import Forecast, Table
from services.escalation.domain.life import Life
from services.escalation.domain.proving import Learned
from shared.clock import monotonic
from shared.database.transaction import Database

MOST_COMPLAINTS = 10_000
"""The newest complaints teach; more would cost seconds of processor and tell of another company."""
KEPT_DAYS = 90
_FRESH_SECONDS = 30.0
_LEARNED: TypeAdapter[Learned] = TypeAdapter(Learned)
_LIVES = text("""
SELECT c.name, s.site || ':' || coalesce(s.department, ''), c.started_at, c.due_at, c.met_at
  FROM (SELECT site, department, state FROM sheets ORDER BY complaint_id DESC LIMIT :most) AS s,
       jsonb_to_recordset(s.state->'clocks') AS c(
         name text, started_at timestamptz, due_at timestamptz, met_at timestamptz, state text)
 WHERE c.state <> 'cancelled' AND c.due_at > c.started_at
""")
_KEEP = text(
    "INSERT INTO forecasts (made_at, learned) VALUES (:at, CAST(:learned AS jsonb)) ON CONFLICT DO NOTHING"
)
_FORGET = text("DELETE FROM forecasts WHERE made_at < :at")
_NEWEST = text("SELECT learned FROM forecasts ORDER BY made_at DESC LIMIT 1")


async def lives(database: Database) -> tuple[Life, ...]:
    """The clocks of the newest complaints, those that still run too; none that was cancelled."""
    async with database.reading() as connection:
        rows = await connection.execute(_LIVES, {"most": MOST_COMPLAINTS})
        return tuple(Life(*row) for row in rows)


async def keep(database: Database, found: Learned, at: datetime) -> None:
    """Writes down what was learned and forgets what is old."""
    async with database.transaction() as connection:
        await connection.execute(_KEEP, {"at": at, "learned": orjson.dumps(written(found)).decode()})
        await connection.execute(_FORGET, {"at": at - timedelta(days=KEPT_DAYS)})


class Newest:
    """What was learned last, looked up at most every half minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found: Learned | None = None
        self._until = 0.0

    async def learned(self) -> Learned | None:
        """The newest, or None before anything was learned."""
        if monotonic() >= self._until:
            async with self._database.reading() as connection:
                row = (await connection.execute(_NEWEST)).scalar_one_or_none()
            self._found = None if row is None else read(row)
            self._until = monotonic() + _FRESH_SECONDS
        return self._found


def written(found: Learned) -> dict[str, Any]:
    """What was learned as JSON: tables as pairs, because their names are lists."""
    plain: dict[str, Any] = _LEARNED.dump_python(found, mode="python")
    plain["forecast"]["tables"] = [
        [list(group), {"hazards": table.hazards, "clocks": table.clocks, "ended": table.ended}]
        for group, table in found.forecast.tables.items()
    ]
    return plain


def read(plain: dict[str, Any]) -> Learned:
    """What was learned, from its JSON."""
    held = plain["forecast"]
    tables = {
        tuple(group): Table(tuple(table["hazards"]), table["clocks"], table.get("ended", 0.0))
        for group, table in held["tables"]
    }
    forecast = Forecast(tables, held["busy_from"])
    rest = _LEARNED.validate_python({**plain, "forecast": {"tables": {}, "busy_from": {}}}, strict=False)
    return Learned(forecast, rest.scores, rest.split_at, rest.loads, rest.calibration)
