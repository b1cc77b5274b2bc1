"""Does the auditor name complaints that only some of the four databases know, and numbers given twice?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from services.escalation.jobs.census import Census
from services.escalation.store.registers import TABLES
from shared.database.transaction import Database
from shared.ids import derived_id

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
OLD = NOW - timedelta(days=1)


def one(number: int, moment: datetime = OLD) -> UUID:
    return derived_id(moment, str(number))


def no(number: int) -> str:
    return f"SH01-2026-{number:06d}"


def logged(number: int) -> bytes:
    return orjson.dumps({"type": "complaint.registered.v1", "data": {"complaint_no": no(number)}})


class Four:
    """Four databases in one, each with its table; every complaint is in all of them until a test says otherwise."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.log: dict[UUID, list[bytes]] = {}

    async def begin(self) -> None:
        columns = "complaint_id uuid PRIMARY KEY, complaint_no text, created_at timestamptz, state jsonb"
        for table in TABLES.values():
            await self.run(f"CREATE TABLE {table} ({columns})")
        for number in range(1, 6):
            await self.add(number, one(number))
            self.log[one(number)] = [b"{}", logged(number)]

    async def add(self, number: int, complaint: UUID, *services: str, since: datetime = OLD) -> None:
        for service in services or TABLES:
            await self.run(
                f"INSERT INTO {TABLES[service]} VALUES (:id, :no, :since, '{{}}')",
                id=complaint, no=no(number), since=since,
            )  # fmt: skip

    async def run(self, statement: str, **values) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(text(statement), values)

    async def found(self) -> list[tuple[str, UUID]]:
        census = Census(dict.fromkeys(TABLES, self.database), NOW)
        await census.begin()
        for complaint in sorted(self.log):
            await census.look(complaint, self.log[complaint])
        return sorted((each.kind, each.complaint_id) for each in await census.end())


@pytest.fixture
async def four(database_url):
    database = Database(database_url, service="census")
    suite = Four(database)
    await suite.begin()
    yield suite
    await database.close()


async def test_four_databases_that_agree_have_no_difference(four):
    assert await four.found() == []


@pytest.mark.parametrize(
    ("service", "kind"),
    [("routing", "case-missing"), ("escalation", "sheet-missing"), ("surveys", "invitation-missing")],
)
async def test_a_complaint_that_one_service_lacks_is_named(four, service, kind):
    await four.run(f"DELETE FROM {TABLES[service]} WHERE complaint_id = :id", id=one(3))

    assert await four.found() == [(kind, one(3))]


async def test_a_row_that_only_counts_events_is_no_document(four):
    await four.run("UPDATE cases SET state = NULL WHERE complaint_id = :id", id=one(3))

    assert await four.found() == [("case-missing", one(3))]


async def test_what_left_the_register_is_missing_there_and_an_orphan_elsewhere(four):
    await four.run("DELETE FROM complaints WHERE complaint_id = :id", id=one(5))

    assert await four.found() == [("complaint-missing", one(5)), *[("orphan", one(5))] * 3]


async def test_an_orphan_is_named_when_the_log_has_forgotten_it(four):
    del four.log[one(5)]
    await four.run("DELETE FROM complaints WHERE complaint_id = :id", id=one(5))
    await four.run("DELETE FROM sheets WHERE complaint_id = :id", id=one(5))
    await four.run("DELETE FROM invitations WHERE complaint_id = :id", id=one(5))

    assert await four.found() == [("orphan", one(5))]


async def test_what_all_four_lost_is_known_by_the_log(four):
    for table in TABLES.values():
        await four.run(f"DELETE FROM {table} WHERE complaint_id = :id", id=one(5))

    kinds = [kind for kind, _ in await four.found()]
    assert kinds == ["case-missing", "complaint-missing", "invitation-missing", "sheet-missing"]


async def test_a_number_at_two_complaints_is_named_within_one_service_and_between_them(four):
    again = one(50)
    await four.add(4, again, "routing", "escalation", "surveys")
    assert [kind for kind, _ in await four.found()] == ["number-double"] * 3 + ["orphan"] * 3

    # The old one is gone from the others as well: only the register tells that its number is another's.
    for service in ("routing", "escalation", "surveys"):
        await four.run(f"DELETE FROM {TABLES[service]} WHERE complaint_id = :id", id=one(4))
    found = await four.found()
    assert ("number-double", again) in found
    assert ("case-missing", one(4)) in found


async def test_what_came_in_just_now_is_left_the_time_to_be_heard_of(four):
    await four.add(7, one(7, NOW), "intake", since=NOW + timedelta(seconds=1))
    four.log[one(8, NOW + timedelta(seconds=2))] = [logged(8)]

    assert await four.found() == []
