"""Does docs/integrators.md say what is so? Its programs run here, with the rights that it names."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused
from typer.testing import CliRunner

from shared.cli.events import events_app
from shared.deciding import Event
from shared.events.base import read_event, routing_key, write_event
from shared.events.catalogue import all_events
from shared.ids import new_id
from shared.messaging import provision
from shared.messaging.post import Post
from tests.shared.messaging import toy
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integrators.md").read_text("utf-8")
SAMPLES = ROOT / "tests" / "contracts" / "samples"
LISTEN, REPLAY = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
LATE = "clock.breached.v1"


def program(code: str) -> dict:
    names = {"__name__": "example"}
    exec(compile(code, "docs/integrators.md", "exec"), names)
    return names


def commands() -> dict[str, list[str]]:
    """The operator's commands on the page: name and arguments."""
    lines = [line for line in PAGE.splitlines() if line.startswith("rabbitmqctl ")]
    return {words[1]: words[2:] for words in map(shlex.split, lines)}


@pytest.fixture
def outsider(rabbitmq_server, amqp_url: str):
    """Address for a user with just the rights that the page has the operator give."""
    call = rabbitmq_server.management.call
    vhost = urlsplit(amqp_url).path.removeprefix("/")
    given = commands()
    user = f"audit-{unquote(vhost)}"
    call("PUT", f"/api/users/{user}", {"password": "p", "tags": ""})
    _, configure, write, read = given["set_permissions"]
    call("PUT", f"/api/permissions/{vhost}/{user}", {"configure": configure, "write": write, "read": read})
    _, exchange, write, read = given["set_topic_permissions"]
    call(
        "PUT",
        f"/api/topic-permissions/{vhost}/{user}",
        {"exchange": exchange, "write": write, "read": read},
    )
    *_, name, pattern, definition = given["set_policy"]
    policy = {"pattern": pattern, "definition": json.loads(definition), "apply-to": "queues"}
    call("PUT", f"/api/policies/{vhost}/{name}", policy)
    where = urlsplit(amqp_url)
    yield f"{where.scheme}://{quote(user)}:p@{where.hostname}:{where.port}{where.path}"
    call("DELETE", f"/api/users/{user}")


@pytest.fixture
async def broker(amqp_url: str) -> str:
    await provision.apply(amqp_url)
    return amqp_url


@asynccontextmanager
async def running(work):
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def tell(url: str, *events: Event) -> None:
    """Publish both ways, as a service's relay does."""
    post = Post(url, service="test")
    post.open()
    await eventually(lambda: post.connected)
    for event in events:
        body, name = write_event(event), str(event.id)
        await post.send(b"[" + body + b"]", type_name=event.type, message_id=str(new_id()))
        await post.tell(body, event_id=name, type_name=event.type, key=routing_key(event), traceparent=None)
    await post.close()


async def log_as_before_bundles(url: str, event: Event) -> None:
    """An entry of the log as releases before bundles made them."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        message = aio_pika.Message(write_event(event), message_id=str(event.id), type=event.type)
        await channel.default_exchange.publish(message, routing_key="kesu.log")


def a_breach() -> Event:
    return read_event((SAMPLES / f"{LATE}.json").read_bytes())


async def bound(management, vhost: str) -> int:
    found = await asyncio.to_thread(management.call, "GET", f"/api/queues/{vhost}/ext.audit.late/bindings")
    return len(found) - 1  # the default exchange's own is no binding of ours


async def test_the_consumer_of_the_page_gets_what_it_asked_for_and_nothing_else(
    broker, outsider, rabbitmq_server
):
    seen: list[dict] = []
    vhost = urlsplit(broker).path.removeprefix("/")

    async with running(program(LISTEN)["listen"](outsider, seen.append)) as task:
        await eventually(lambda: _both_bound(task, rabbitmq_server.management, vhost))
        await tell(broker, toy.registered(new_id()), a_breach())
        await eventually(lambda: seen)

    assert [event["type"] for event in seen] == [LATE]
    assert set(seen[0]) - {"traceparent"} == envelope_of_the_page() - {"traceparent"}
    await eventually(lambda: _drops_its_head(rabbitmq_server.management, vhost), 20)


async def _both_bound(task: asyncio.Task, management, vhost: str) -> bool:
    if task.done():
        task.result()
    return await bound(management, vhost) == 2


async def _drops_its_head(management, vhost: str) -> bool:
    queue = await asyncio.to_thread(management.call, "GET", f"/api/queues/{vhost}/ext.audit.late")
    # The broker's figures come some seconds late.
    return (queue.get("effective_policy_definition") or {}).get("overflow") == "drop-head"


def envelope_of_the_page() -> set[str]:
    part = PAGE.partition("## The envelope")[2].partition("## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))


async def test_the_log_is_read_again_from_where_one_stopped(broker, outsider):
    oldest, first, second = toy.registered(new_id()), toy.registered(new_id()), a_breach()
    replay = program(REPLAY)["replay"]
    early: list[dict] = []
    late: list[dict] = []

    await log_as_before_bundles(broker, oldest)
    for body in (b"[" * 5000, b'{"x":', b"\xff\xfe", b"[]"):
        async with await aio_pika.connect(broker) as connection:
            exchange = (await connection.channel()).default_exchange
            await exchange.publish(aio_pika.Message(body), "kesu.log")
    await tell(broker, first)
    offset = await replay(outsider, early.append, idle_seconds=1)
    await tell(broker, second)
    await replay(outsider, late.append, offset, idle_seconds=1)

    seen = {str(oldest.id), str(first.id)}
    assert [event["id"] for event in early] == [str(oldest.id), str(first.id)]
    assert [event["id"] for event in late if event["id"] not in seen] == [str(second.id)]


@pytest.mark.parametrize(
    ("queue", "exchange", "key"),
    [
        ("ext.other.queue", None, ""),
        ("kesu.intake.v1", None, ""),
        ("ext.audit.mine", "kesu.events", "#"),
        ("ext.audit.mine", "kesu.events", "complaint.registered.v1.*"),
        ("ext.audit.mine", "kesu.requeue", "kesu.intake.v1"),
        ("ext.audit.mine", "kesu.bundles", "clock.breached.v1"),
    ],
    ids=[
        "another's queue",
        "a service's queue",
        "all events",
        "a type not granted",
        "the way back",
        "bundles",
    ],
)
async def test_an_outsider_reaches_nothing_but_what_was_granted(broker, outsider, queue, exchange, key):
    connection = await aio_pika.connect(outsider)
    async with connection:
        channel = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await _take(channel, queue, exchange, key)


async def _take(channel, queue: str, exchange: str | None, key: str) -> None:
    declared = await channel.declare_queue(queue, arguments={"x-queue-type": "quorum"}, durable=True)
    if exchange:
        await declared.bind(exchange, routing_key=key)


async def test_an_outsider_publishes_nothing(broker, outsider):
    connection = await aio_pika.connect(outsider)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("kesu.events", ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await exchange.publish(aio_pika.Message(b"{}"), routing_key=f"{LATE}.sh01", timeout=5)


async def test_an_operator_replays_on_the_command_line(broker):
    told, before = a_breach(), replace(a_breach(), id=new_id())
    await log_as_before_bundles(broker, before)
    await tell(broker, toy.registered(new_id()), told)

    result = await asyncio.to_thread(
        CliRunner().invoke,
        events_app,
        ["replay", "--since", "2h", "--type", "clock."],
        env={"KESU_AMQP_URL": broker},
    )

    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [str(before.id), str(told.id)]


def catalogue() -> str:
    rows = [
        f"| [`{event.type_name}`](events/{event.type_name}.schema.json) | {event.producer} | {_sentence(event)} |"
        for event in all_events()
    ]
    return "\n".join(["| Type | Told by | When |", "|---|---|---|", *rows])


def _sentence(event: type) -> str:
    return " ".join((event.__doc__ or "").split())


def test_the_catalogue_of_the_page_is_that_of_the_contract():
    given = re.search(r"<!-- events: .*? -->\n(.*?)\n*<!-- end of events -->", PAGE, re.DOTALL)

    assert given
    assert given[1].strip() == catalogue(), "paste what catalogue() makes between the two marks"
