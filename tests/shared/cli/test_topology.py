"""Does `kesu topology check` see bindings that are missing or too much, and say what it could not see?"""

from __future__ import annotations

import asyncio

import aio_pika
import pytest
from typer.testing import CliRunner

from shared.cli.main import app
from shared.errors import Rejected
from shared.local.ports import free_ports
from shared.messaging import provision
from shared.messaging.bindings import Binding, problems, wanted
from shared.messaging.topology import LOG_STREAM, SERVICES, outdated_of, work_queue

EXTRA = Binding("kesu.routing.v1", "kesu.events", "complaint.#")
NEEDED = Binding("kesu.routing.v1", "kesu.bundles", "complaint.registered.v1.#")
OUTDATED = Binding("kesu.routing.v1", "kesu.events", "complaint.registered.v1.*")


def test_the_bindings_of_this_release_are_no_problem():
    default = Binding("kesu.routing.v1", "", "kesu.routing.v1")
    outsider = Binding("ext.audit", "kesu.events", "#")

    assert problems([*wanted(), default, outsider]) == []


def test_a_missing_binding_is_named_with_the_remedy():
    (said,) = problems(wanted() - {NEEDED})

    assert said.startswith("kesu.routing.v1 does not hear 'complaint.registered.v1.#' of kesu.bundles")
    assert "kesu topology apply" in said


def test_a_superfluous_binding_is_named():
    (said,) = problems([*wanted(), EXTRA])

    assert said.startswith("kesu.routing.v1 is bound to kesu.events with 'complaint.#'")
    assert "unbind it" in said


def test_a_binding_of_releases_before_bundles_is_named_with_the_remedy():
    (said,) = problems([*wanted(), OUTDATED])

    assert said.startswith("kesu.routing.v1 is bound to kesu.events with 'complaint.registered.v1.*'")
    assert "kesu topology apply" in said


@pytest.fixture
def check(amqp_url, monkeypatch):
    asyncio.run(provision.apply(amqp_url))
    monkeypatch.setenv("KESU_AMQP_URL", amqp_url)

    def run(management_url: str):
        monkeypatch.setenv("KESU_AMQP_MANAGEMENT_URL", management_url)
        return CliRunner().invoke(app, ["topology", "check"])

    return run


async def _swap(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue("kesu.routing.v1", ensure=False)
        await queue.unbind(NEEDED.exchange, NEEDED.key)
        await queue.bind(EXTRA.exchange, EXTRA.key)


def test_a_real_broker_is_checked_binding_by_binding(check, amqp_url, rabbitmq_server):
    whole = check(rabbitmq_server.management_url)
    asyncio.run(_swap(amqp_url))
    changed = check(rabbitmq_server.management_url)
    asyncio.run(provision.apply(amqp_url))
    healed = check(rabbitmq_server.management_url)

    assert (whole.exit_code, "bindings included" in whole.output) == (0, True)
    assert changed.exit_code == 1
    assert "does not hear 'complaint.registered.v1.#'" in changed.output
    assert "is bound to kesu.events with 'complaint.#'" in changed.output
    assert "does not hear" not in healed.output


async def _as_before_bundles(amqp_url: str) -> None:
    """Every queue of ours hears the exchange of single events."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        for name in (LOG_STREAM, *map(work_queue, SERVICES)):
            queue = await channel.get_queue(name, ensure=False)
            for source, key in outdated_of(name):
                await queue.bind(source, key)
            await queue.unbind("kesu.bundles", "complaint.registered.v1.#")


def test_what_releases_before_bundles_bound_is_unbound_by_apply(check, amqp_url, rabbitmq_server):
    asyncio.run(_as_before_bundles(amqp_url))
    before = check(rabbitmq_server.management_url)
    asyncio.run(provision.apply(amqp_url))
    after = check(rabbitmq_server.management_url)

    assert "kesu.log is bound to kesu.events with '#'" in before.output
    outdated = [way for name in (LOG_STREAM, *map(work_queue, SERVICES)) for way in outdated_of(name)]
    assert before.output.count("which this release does not need") == len(outdated)
    assert (after.exit_code, "bindings included" in after.output) == (0, True)


async def test_services_that_know_no_bundles_are_not_cut_off_while_they_run(amqp_url):
    """What they publish would still be confirmed where an outsider's queue is bound, and reach none of ours."""
    await provision.apply(amqp_url)
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.exchange_delete("kesu.bundles")
        queue = await channel.get_queue("kesu.routing.v1", ensure=False)
        await queue.bind(OUTDATED.exchange, OUTDATED.key)
        running = await queue.consume(asyncio.Queue().put)
        with pytest.raises(Rejected, match="routing runs in a release") as refused:
            await provision.apply(amqp_url)
        assert (refused.value.code, await provision.check(amqp_url)) == (
            "services-running",
            ["kesu.bundles is missing; run `kesu topology apply`."],
        )

        await queue.cancel(running)
        await provision.apply(amqp_url)

    assert await provision.check(amqp_url) == []


def test_without_a_management_api_it_says_what_was_not_checked(check):
    (nobody,) = free_ports(1)

    said = check(f"http://kesu:secret@127.0.0.1:{nobody}")

    assert said.exit_code == 0
    assert "Bindings were not checked" in said.output
    assert "KESU_AMQP_MANAGEMENT_URL" in said.output
    assert "secret" not in said.output
    assert "bindings included" not in said.output
