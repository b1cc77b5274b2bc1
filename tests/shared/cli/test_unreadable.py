"""Does what nobody can read harm no command: is it listed, its bytes kept, and passed over?"""

from __future__ import annotations

import asyncio
import base64
import json

import aio_pika
import pytest
from typer.testing import CliRunner

from shared.cli.main import app
from shared.events.base import write_event
from shared.ids import new_id
from shared.messaging import parking, provision
from shared.messaging.pieces import pieces
from shared.messaging.topology import LOG_STREAM, parking_queue
from tests.shared.messaging import toy

HOSTILE = {
    "deep": b"[" * 5000,
    "deep object": b'{"a":' * 5000,
    "deep and whole": b"[" * 300 + b"]" * 300,
    "lone surrogate": b'{"type":"\\ud800"}',
    "cut": b'{"x":',
    "bytes": b"\xff\xfe\x00 no text",
    "number": b"7",
    "null": b"null",
    "empty": b"",
    "no fields": b"{}",
    "wrong kinds": b'{"type":1,"source":[],"sequence":"1","id":"x","subject":{},"data":[]}',
    "list of lists": b"[[],[]]",
    "huge number": b'{"type":' + b"9" * 5000 + b"}",
    "huge": b'{"x":"' + b"a" * 900_000 + b'"}',
    "escape": b'{"type":"\\u001b[31m[/red]"}',
}


@pytest.fixture
def event() -> bytes:
    return write_event(toy.registered(new_id()))


@pytest.fixture
def broker(amqp_url: str, monkeypatch) -> str:
    asyncio.run(provision.apply(amqp_url))
    monkeypatch.setenv("KESU_AMQP_URL", amqp_url)
    return amqp_url


def run(*words: str):
    said = CliRunner().invoke(app, [*words], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    return said.output


async def put(url: str, queue: str, bodies: dict[str, bytes]) -> None:
    async with await aio_pika.connect(url) as connection:
        exchange = (await connection.channel()).default_exchange
        for name, body in bodies.items():
            await exchange.publish(aio_pika.Message(body, message_id=name, delivery_mode=2), queue)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_bytes_are_taken_apart_without_raising_and_come_out_again(name):
    (*found,) = pieces(HOSTILE[name])

    assert found
    for piece in found:
        assert piece.head is None
        assert piece.reason
        line = json.loads(piece.line(offset=7))
        assert base64.b64decode(line["base64"]) == HOSTILE[name]
        assert line["offset"] == 7


def test_an_event_is_taken_apart_with_its_head_alone_or_in_a_bundle(event):
    wrapped = list(pieces(b"[" + event + b',{"x":1}]'))

    (alone,) = pieces(event)
    assert (wrapped[0], wrapped[1].head) == (alone, None)
    assert alone.head is not None
    assert (alone.head.type, alone.head.producer, alone.head.sequence) == (
        "complaint.registered.v1",
        "intake",
        1,
    )
    assert json.loads(alone.line()) == json.loads(event)
    assert list(pieces(b"[]")) == []


def test_parked_messages_are_listed_shown_and_dropped_whatever_they_hold(broker, event, monkeypatch):
    monkeypatch.setenv("COLUMNS", "250")
    names = {f"m-{number}": body for number, body in enumerate(HOSTILE.values())}
    asyncio.run(put(broker, parking_queue("routing"), {**names, "good": event}))

    listed = run("parked", "list", "routing")
    shown = [run("parked", "show", "routing", "--id", name) for name in names]
    one = run("parked", "show", "routing", "--id", "good")
    dropped = run("parked", "drop", "routing", "--yes")

    assert listed.count("unreadable") == len(names)
    assert "complaint.registered.v1" in listed
    for said, body in zip(shown, names.values(), strict=True):
        assert base64.b64decode(json.loads(said.splitlines()[1])["base64"]) == body
    assert json.loads(one.splitlines()[1]) == json.loads(event)
    assert [json.loads(line) for line in dropped.splitlines()][-1] == json.loads(event)
    assert asyncio.run(parking.count(broker, "routing")) == 0


def test_parked_messages_are_replayed_with_the_bytes_that_they_had(broker, event):
    names = {f"m-{number}": body for number, body in enumerate(HOSTILE.values())}
    asyncio.run(put(broker, parking_queue("routing"), {**names, "good": event}))

    said = run("parked", "replay", "routing")

    async def waiting() -> list[bytes]:
        async with await aio_pika.connect(broker) as connection:
            queue = await (await connection.channel()).declare_queue("kesu.routing.v1", passive=True)
            arrived: asyncio.Queue = asyncio.Queue()
            await queue.consume(arrived.put)
            return [(await arrived.get()).body for _ in range(len(names) + 1)]

    assert said == f"{len(names) + 1} replayed.\n"
    assert asyncio.run(waiting()) == [*names.values(), event]


def test_the_log_is_printed_to_its_end_whatever_it_holds(broker, event):
    asyncio.run(put(broker, LOG_STREAM, {**HOSTILE, "good": event}))

    said = CliRunner().invoke(app, ["events", "replay"], catch_exceptions=False)
    of_type = run("events", "replay", "--type", "complaint.registered")

    lines = [json.loads(line) for line in said.stdout.splitlines()]
    saved = [base64.b64decode(line["base64"]) for line in lines if "unreadable" in line]
    assert list(dict.fromkeys(saved)) == list(HOSTILE.values())
    assert lines[-1] == json.loads(event)
    assert "messages of the log are no events" in said.stderr
    assert [json.loads(line)["type"] for line in of_type.splitlines() if line.startswith("{")] == [
        "complaint.registered.v1"
    ]
