"""What may one message cost a service that it cannot digest? On a real RabbitMQ, with the process measured."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import aio_pika
import orjson
import pytest

from shared.database.transaction import Database
from shared.events.base import write_event
from shared.events.cost import MOST_EVENTS, MOST_MESSAGE_BYTES
from shared.ids import new_id
from shared.messaging import parking, provision
from shared.messaging.provision import connect
from shared.messaging.topology import BUNDLES_EXCHANGE
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, parked, send, sender, service
from tests.support.waiting import eventually

KIND = "complaint.registered.v1"
SUM = "SELECT sum(count) FROM counters"
MOST_GROWTH_MIB = 80


@pytest.fixture
async def broker(amqp_url: str):
    await provision.apply(amqp_url)
    return amqp_url


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    yield database
    await database.close()


def good() -> bytes:
    return write_event(toy.registered(new_id()))


def changed(**changes: object) -> bytes:
    return orjson.dumps(orjson.loads(good()) | changes)


def with_raw(name: str, raw: bytes) -> bytes:
    """A good event with one more field, whatever its value."""
    return good()[:-1] + b',"' + name.encode() + b'":' + raw + b"}"


def with_data(name: str, raw: bytes) -> bytes:
    """A good event with one more field in its data, whatever its value."""
    return good()[:-2] + b',"' + name.encode() + b'":' + raw + b"}}"


def bundle(*bodies: bytes) -> bytes:
    return b"[" + b",".join(bodies) + b"]"


def hostile() -> Iterator[tuple[str, bytes, str]]:
    """Name, body, and the code that it must be parked with."""
    yield "400 KB of zeros", bundle(*[b"0"] * 200_000), "message-too-costly"
    yield "zeros, fewer", bundle(*[b"0"] * 40_000), "bundle-too-large"
    yield "empty lists", bundle(*[b"[]"] * 200_000), "message-too-costly"
    yield "a hundred that are none", bundle(*[b"0"] * 100), "event-malformed"
    yield "copies of a good event", bundle(*[good()] * 700), "bundle-too-large"
    yield "more bytes than any", bundle(with_raw("x", b'"' + b"x" * 2_000_000 + b'"')), "message-too-large"
    yield "the same, singly", with_raw("x", b'"' + b"x" * 2_000_000 + b'"'), "message-too-large"
    yield "deeper than is read", bundle(good(), b"[" * 5000 + b"]" * 5000), "event-malformed"
    yield "the same, singly and open", b'{"x":' + b"[" * 5000, "event-malformed"
    yield "deeper than is written", bundle(b"[" * 500 + b"]" * 500), "event-malformed"
    yield "a number without end", bundle(with_raw("x", b"9" * 400_000)), "event-malformed"
    yield "an exponent", bundle(with_raw("sequence", b"1e400")), "event-malformed"
    yield "the number of an event", changed(sequence=2**62), "event-malformed"
    yield "no number", bundle(with_raw("x", b"NaN")), "event-malformed"
    yield "half a character", bundle(with_raw("x", b'"\\ud800"')), "event-malformed"
    yield "values that are all wrong", with_data("accused_refs", bundle(*[b"0"] * 45_000)), "event-malformed"
    yield "what would be told on as header", changed(traceparent="0" * 400_000), "event-malformed"
    yield "what would be told on as key", changed(site="s" * 300), "event-malformed"
    yield "the edge of time", changed(time="0001-01-01T00:00:00+14:00"), "event-malformed"
    yield "an id that is no message's id", bundle(changed(id="i" * 300)), "event-malformed"


@pytest.mark.parametrize(("body", "code"), [pytest.param(b, c, id=n) for n, b, c in hostile()])
async def test_what_no_service_can_digest_is_parked_once_and_the_next_one_is_handled(
    database, broker, body, code
):
    async with service(database, broker), sender(broker) as post:
        await send(post, toy.registered(new_id()))
        await eventually(lambda: is_so(database, SUM, 1))
        with Growth() as growth:
            await post.send(body, type_name=KIND, message_id="hostile")
            await send(post, toy.registered(new_id()))
            await eventually(lambda: is_so(database, SUM, 2), seconds=10)
            await eventually(lambda: parked(broker, 1), seconds=10)

    (one,) = await parking.listed(broker, "routing", 10)
    assert one.code == code
    assert one.body in (body, body[1:-1]), "nothing of it is lost"
    assert growth.mebibytes < MOST_GROWTH_MIB


async def test_as_many_of_them_as_a_consumer_is_handed_at_once_cost_no_more(database, broker):
    costly = [body for name, body, _ in hostile() if name in {"400 KB of zeros", "empty lists"}] * 40

    async with service(database, broker), sender(broker) as post:
        with Growth() as growth:
            await asyncio.gather(*(post.send(b, type_name=KIND, message_id=str(new_id())) for b in costly))
            await send(post, toy.registered(new_id()))
            await eventually(lambda: is_so(database, SUM, 1), seconds=15)
            await eventually(lambda: parked(broker, len(costly)), seconds=15)

    assert growth.mebibytes < 2 * MOST_GROWTH_MIB


async def test_what_nests_too_deep_to_be_written_again_is_parked_as_it_came_beside_good_ones(
    database, broker
):
    deep = b"[" * 500 + b"]" * 500
    body = bundle(good(), deep, good())

    async with service(database, broker), sender(broker) as post:
        await post.send(body, type_name=KIND, message_id="hostile")
        await eventually(lambda: is_so(database, SUM, 2))
        await eventually(lambda: parked(broker, 1))

    (one,) = await parking.listed(broker, "routing", 10)
    assert (one.code, one.body) == ("event-malformed", body)


async def test_headers_that_would_not_fit_into_one_frame_again_are_left_behind(database, broker):
    headers = {f"x-{number}": "y" * 1000 for number in range(120)} | {"x-kesu-attempt": -(10**9)}

    async with service(database, broker), sender(broker) as post:
        async with await connect(broker, name="hostile") as connection:
            channel = await connection.channel()
            exchange = await channel.get_exchange(BUNDLES_EXCHANGE, ensure=False)
            await exchange.publish(aio_pika.Message(b"{", headers=headers), routing_key=KIND)
        await send(post, toy.registered(new_id()))
        await eventually(lambda: is_so(database, SUM, 1))
        await eventually(lambda: parked(broker, 1))

    (one,) = await parking.listed(broker, "routing", 10)
    assert (one.code, one.attempts) == ("event-malformed", 1)


def test_no_event_is_told_that_no_reader_would_take():
    event = toy.registered(new_id())
    largest = event.data.model_copy(update={"category": "x" * (MOST_MESSAGE_BYTES // 2)})

    with pytest.raises(Exception, match="event-too-large") as refusal:
        write_event(toy.envelope(event.subject, largest, 1))

    assert refusal.value.field == "body"
    assert MOST_EVENTS == 100, "docs/integrators.md says so"


class Growth:
    """By how much memory the process grew at its highest, in MiB."""

    mebibytes = 0.0

    def __enter__(self) -> Self:
        Path("/proc/self/clear_refs").write_text("5")
        self._before = _status("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        self.mebibytes = (_status("VmHWM") - self._before) / 1024


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
