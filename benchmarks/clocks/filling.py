"""Where do a million open clocks come from? From a few real sheets, multiplied inside PostgreSQL.

The sheets are what the service's own handlers make of a registered and an assigned complaint; only ids,
numbers and due dates differ from row to row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from services.escalation.domain.sheet import ClockSheet, with_clock
from services.escalation.handlers.note_assignment import note_assignment
from services.escalation.handlers.open_sheet import open_sheet
from services.escalation.store.tables import STORE
from shared.deciding import Context, Event
from shared.events.base import EventData
from shared.events.intake import ComplaintRegistered
from shared.events.routing import ComplaintAssigned
from shared.ids import new_id
from shared.policy.model import Rulebook

PLACES = (
    ("sh01", "customer-service"),
    ("sh01", "quality"),
    ("sh01", "technical"),
    ("sh01", "logistics"),
    ("sh01", "sales"),
    ("ber1", "customer-service"),
    ("ber1", "quality"),
    ("ber1", "logistics"),
)
"""Site and department; each has a manager who is told of a breach."""
_SLICE = 100_000
_NUMBERS = "CREATE TABLE bench_clocks (n bigint PRIMARY KEY, complaint_id uuid NOT NULL)"
_NAMES = (
    "INSERT INTO bench_clocks SELECT n, uuidv7(-random() * interval '60 days') "
    "FROM generate_series($1::bigint, $2) AS n"
)
# A due date somewhere in the next month, none of them within the hour.
_SHEETS = """
INSERT INTO sheets (complaint_id, site, version, told, heard, wake_at, state, complaint_no, department,
                    is_open, earliest_due, running, escalation_ids, open_levels)
SELECT complaint_id, t->>'site', 2, 1, '{"intake": 1, "routing": 1}', due,
       t || jsonb_build_object(
           'complaint_id', complaint_id, 'complaint_no', no,
           'clocks', jsonb_build_array((t #> '{clocks,0}') || jsonb_build_object('due_at', due))),
       no, t->>'department', true, due, ARRAY[t #>> '{clocks,0,name}'], '{}', '{}'
  FROM (SELECT complaint_id, 'SH01-2026-' || lpad(n::text, 7, '0') AS no,
               now() + interval '1 hour' + random() * interval '30 days' AS due,
               $3::jsonb -> (n % jsonb_array_length($3::jsonb))::int AS t
          FROM bench_clocks WHERE n BETWEEN $1::bigint AND $2) AS made
"""


async def fill(database: asyncpg.Connection, sheets: Sequence[ClockSheet], count: int) -> None:
    """Exactly so many open clocks, each on a sheet of its own: for timers that is the hardest case."""
    await database.execute(_NUMBERS)
    documents = json.dumps([json.loads(STORE.encode(sheet)) for sheet in sheets])
    for first in range(1, count + 1, _SLICE):
        last = min(count, first + _SLICE - 1)
        await database.execute(_NAMES, first, last, timeout=600)
        await database.execute(_SHEETS, first, last, documents, timeout=600)
    await database.execute("VACUUM ANALYZE sheets", timeout=600)
    await database.execute("CHECKPOINT", timeout=600)


def real_sheets(rules: Rulebook, now: datetime) -> tuple[ClockSheet, ...]:
    """One sheet for each place, its clock running and its warnings given."""
    return tuple(_sheet(rules, site, department, now) for site, department in PLACES)


def _sheet(rules: Rulebook, site: str, department: str, now: datetime) -> ClockSheet:
    context = Context(now, rules, new_id, lambda _: "")
    at = now - timedelta(days=1)
    registered = ComplaintRegistered(
        complaint_no="SH01-2026-0000000",
        kind="complaint",
        category="quality",
        type="surface",
        channel="phone",
        received_at=at,
        registered_at=at,
        customer_ref="c3c8a1f0e2d94b57",
        language="zh",
    )
    assigned = ComplaintAssigned(
        complaint_no="SH01-2026-0000000", department=department, rule="rest", policy_version="bench"
    )
    sheet = open_sheet(None, _event(registered, site, at), context).state
    sheet = note_assignment(sheet, _event(assigned, site, at), context).state
    assert sheet is not None
    (clock,) = sheet.clocks
    return with_clock(
        sheet, replace(clock, warnings=tuple(replace(point, fired=True) for point in clock.warnings))
    )


def _event(data: EventData, site: str, at: datetime) -> Event[Any]:
    return Event(new_id(), data.type_name, site, data.producer, new_id(), at, 1, "bench", None, data)
