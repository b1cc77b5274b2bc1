"""Does a running routing service follow its files: the last good version, and stranded work tried again?"""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager

import httpx

from services.routing.app import PLAN
from services.routing.settings import Settings
from shared.host.application import build
from shared.host.process import Process
from tests.routing.builders import COMPLAINT, an_event, registered
from tests.shared.policy.files import Files
from tests.support.waiting import eventually


@asynccontextmanager
async def running(database: str, files: Files):
    """The real process over the company's files; its broker is away, which routing can live with."""
    settings = Settings(
        database_url=database,
        amqp_url="amqp://guest:guest@127.0.0.1:1/",
        secret="a secret that is long enough for tests",
        seal_keys="k1:" + base64.b64encode(bytes(32)).decode(),
        organisation=files.organisation,
        profiles=(files.profiles,),
    )
    process = Process(PLAN, settings)
    app = build(PLAN, settings, process)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield process, client


async def figure(client: httpx.AsyncClient, line: str) -> str | None:
    """What follows a metric's name and labels on its line."""
    text = (await client.get("/metrics")).text
    return next((row.removeprefix(line).strip() for row in text.splitlines() if row.startswith(line)), None)


async def test_a_bad_organisation_leaves_the_last_good_one_in_force_and_the_metric_says_so(
    routing_database, tmp_path
):
    files = Files(tmp_path)
    async with running(routing_database, files) as (process, client):
        version = process.rules.current().organisation.version
        assert await figure(client, "kesu_policy_load_error") == "0.0"

        files.spoil("stand_in: boss", "stand_in: bosss")

        await eventually(lambda: process.rules.current() and process.rules.error)
        assert await figure(client, "kesu_policy_load_error") == "1.0"
        in_force = f'kesu_policy_info{{profile="organisation",version="{version}"}}'
        assert await figure(client, in_force) == "1.0"


async def test_what_nobody_could_take_is_placed_when_the_file_says_that_somebody_is_there(
    routing_database, tmp_path
):
    files = Files(tmp_path)
    files.spoil("    sites: [sh01]\n    stand_in: boss\n", "    present: no\n")
    async with running(routing_database, files) as (process, client):
        await process.shell.submit(an_event(registered()))
        waiting = 'kesu_complaints_stranded{reason="nobody-present",site="sh01"}'
        assert await figure(client, waiting) == "1.0"

        files.spoil("    present: no\n", "    capacity: 1\n")

        async def assignee() -> str | None:
            return (await process.desk.queries.find(COMPLAINT)).placement.assignee

        assert await eventually(assignee) == "wang"
        await eventually(lambda: process.rules.current().workload.of("wang") == 1)
