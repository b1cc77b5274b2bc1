"""Does a service live by what was last in force when it is started again on wrong files? (ADR 0060)"""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from services.surveys.app import PLAN
from services.surveys.settings import Settings
from shared.cli.sealing import POLICIES
from shared.database.migrate import prepare
from shared.database.resealing import resealed
from shared.database.transaction import Database
from shared.host.application import build
from shared.host.keeping import keep, kept, rules_in_force
from shared.host.process import Process
from shared.policy.loader import load
from shared.policy.problems import PolicyErrors
from shared.sealed.sealer import Sealer
from tests.shared.policy.files import ORGANISATION, Files

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECRET = "0123456789abcdef0123456789abcdef"
KEYS = "k1:" + base64.b64encode(b"k" * 32).decode()
NEW_KEYS = "k2:" + base64.b64encode(b"n" * 32).decode()
SEALER = Sealer.from_setting(KEYS, secret=SECRET)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def surveys_url(database_from) -> str:
    return database_from("surveys", lambda url: asyncio.run(prepare(url, "surveys")))


@pytest_asyncio.fixture
async def database(surveys_url):
    found = Database(surveys_url, service="surveys")
    yield found
    await found.close()


def settings(files: Files, url: str, keys: str = KEYS) -> Settings:
    return Settings(
        database_url=url,
        amqp_url="amqp://127.0.0.1:1/",
        secret=SECRET,
        seal_keys=keys,
        organisation=files.organisation,
        profiles=(files.profiles,),
    )


def of_sites(*names: str) -> dict:
    return {"organisation": {"sites": {name: {} for name in names}}, "profiles": {}}


async def versions_kept(database: Database) -> list[str]:
    async with database.reading() as connection:
        return [
            row[0] for row in await connection.execute(text("SELECT sites[1] FROM policies ORDER BY since"))
        ]


async def test_a_service_is_started_again_on_what_was_last_in_force(files, surveys_url):
    first = Process(PLAN, settings(files, surveys_url))
    await first.start()
    await first.keeping.write()
    version = first.rules.current().organisation.version
    await first.stop()
    files.spoil("stand_in: boss", "stand_in: nobody")

    second = Process(PLAN, settings(files, surveys_url))
    await second.start()
    try:
        app = build(PLAN, settings(files, surveys_url), second)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as browser:
            ready, figures = await browser.get("/readyz"), await browser.get("/metrics")
    finally:
        await second.stop()

    assert second.rules.current().organisation.version == version
    assert "people.wang.stand_in: no person nobody is known" in (second.rules.error or "")
    assert ready.json()["policy"] == "the files are faulty, the last good version holds"
    assert "kesu_policy_load_error 1.0" in figures.text


async def test_a_service_that_never_had_good_files_does_not_start(files, surveys_url):
    files.spoil("stand_in: boss", "stand_in: nobody")
    process = Process(PLAN, settings(files, surveys_url))

    with pytest.raises(PolicyErrors):
        await process.start()

    await process.database.close()


async def test_a_site_that_vanished_is_served_after_a_restart_and_shown(files, surveys_url):
    second = ORGANISATION.split("sites:\n")[1].split("calendars:")[0].replace("sh01", "ber1")
    files.spoil("calendars:\n", f"{second}calendars:\n")
    first = Process(PLAN, settings(files, surveys_url))
    await first.start()
    await first.keeping.write()
    await first.stop()
    files.spoil(f"{second}calendars:\n", "calendars:\n")

    process = Process(PLAN, settings(files, surveys_url))
    await process.start()
    try:
        app = build(PLAN, settings(files, surveys_url), process)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as browser:
            figures = (await browser.get("/metrics")).text
        beside = await rules_in_force(process.database, settings(files, surveys_url), NOW)
    finally:
        await process.stop()

    assert process.rules.current().site("ber1").profile == "own"
    assert 'kesu_site_gone{site="ber1"} 1.0' in figures
    assert set(beside.gone) == {"ber1"}


async def test_only_what_some_site_needs_is_kept(database):
    for hour, sites in enumerate([("a", "b"), ("b",), ("b", "c"), ("c",), ("c", "d")]):
        await keep(database, SEALER, of_sites(*sites), NOW + hour * HOUR)

    found = await kept(database, SEALER, NOW + 9 * HOUR)

    assert [sorted(content["organisation"]["sites"]) for content, _ in found] == [
        ["c", "d"],
        ["b", "c"],
        ["a", "b"],
    ]
    assert [until - NOW for _, until in found] == [9 * HOUR, 4 * HOUR, 2 * HOUR]


async def test_what_is_in_force_again_is_the_newest_again(database):
    for hour, site in enumerate(["a", "b", "a"]):
        await keep(database, SEALER, of_sites(site), NOW + hour * HOUR)

    assert await versions_kept(database) == ["b", "a"]


async def test_contacts_stand_nowhere_in_the_clear_and_keys_rotate(files, database):
    files.spoil("name: 王", "name: 王\n    contacts: [wang@company.example]")
    await keep(database, SEALER, load(files.organisation, [files.profiles]).content, NOW)
    both = Sealer.from_setting(f"{NEW_KEYS},{KEYS}", secret=SECRET)

    tallies = [tally async for tally in resealed(database, both, POLICIES)]

    async with database.reading() as connection:
        rows = str([tuple(row) for row in await connection.execute(text("SELECT * FROM policies"))])
    assert tallies[-1].changed == 1
    assert "company.example" not in rows
    assert "王" not in rows
    (row,) = await kept(database, Sealer.from_setting(NEW_KEYS, secret=SECRET), NOW)
    assert row[0]["organisation"]["people"]["wang"]["contacts"] == ["wang@company.example"]
    assert await kept(database, SEALER, NOW) == []
