"""Does the register know, after an upgrade, whose rows older releases imported?"""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from uuid import UUID

import orjson
import pytest

from shared.database.transaction import Database
from shared.ids import derived_id
from tests.intake.builders import NOW

pytestmark = pytest.mark.asyncio
ROOT = Path(__file__).parents[2]
FILE = ROOT / "services/intake/store/migrations/versions/0004_origins.py"


def a_state(number: int, ref: str, status: str = "assigned", day: int = 1) -> tuple[UUID, str, str]:
    state = {
        "origin": {"source": "old", "ref": ref},
        "registered_at": f"2026-01-{day:02d}T00:00:00Z",
    }
    return derived_id(NOW, str(number)), status, orjson.dumps(state).decode()


async def test_doubles_of_the_old_rule_leave_the_one_that_goes_on(intake_database):
    first, second, merged, other, alone = rows = [
        a_state(1, "a", day=2),
        a_state(2, "a", day=1),
        a_state(3, "b", "merged", day=1),
        a_state(4, "b", day=2),
        a_state(5, "c", "merged"),
    ]
    database = Database(intake_database, service="test")
    try:
        async with database.batch() as connection:
            for identifier, status, state in rows:
                await connection.fetch(
                    "INSERT INTO complaints (complaint_id, site, version, told, heard, status, state) "
                    "VALUES ($1, 'sh01', 1, 1, '{}', $2, $3::text::jsonb)",
                    identifier, status, state,
                )  # fmt: skip
            for _ in range(2):
                await connection.fetch(run_path(str(FILE))["WHAT_IS_KNOWN"])
            found = {
                row[0]: row[1] for row in await connection.fetch("SELECT ref, complaint_id FROM origins")
            }
    finally:
        await database.close()

    assert found == {"a": second[0], "b": other[0], "c": alone[0]}
    assert {first[0], merged[0]}.isdisjoint(found.values())
