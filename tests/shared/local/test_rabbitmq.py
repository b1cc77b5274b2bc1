"""Does the private RabbitMQ come back after a crash as the same, with its messages?"""

import asyncio
import os
import socket
import subprocess

import aio_pika
import pytest

from shared.errors import Unavailable
from shared.local import amqp_greeting, rabbitmq_programs
from shared.local.rabbitmq import local_rabbitmq, private_rabbitmq, running_url
from shared.local.rabbitmq_files import identity, last_complaint, moved_if_taken
from shared.local.rabbitmq_node import RabbitNode
from shared.messaging import provision
from shared.messaging.stream import read_log
from shared.messaging.topology import LOG_STREAM
from tests.support.waiting import eventually

QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": 100, "x-overflow": "reject-publish"}
STREAM = {"x-queue-type": "stream"}


async def _fill(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for name, arguments in (("work", QUORUM), ("log", STREAM)):
            await channel.declare_queue(name, durable=True, arguments=arguments)
        await asyncio.gather(
            *(
                channel.default_exchange.publish(aio_pika.Message(b"%d" % number, delivery_mode=2), name)
                for name in ("work", "log")
                for number in range(50)
            )
        )


async def _drain(url: str, name: str, arguments: dict) -> set[bytes]:
    bodies: set[bytes] = set()

    async def keep(message):
        bodies.add(message.body)
        await message.ack()

    async with await aio_pika.connect(url) as connection:
        # A stream is found a few hundred milliseconds after its node lets clients in.
        await eventually(lambda: _has_queue(connection, name), what=f"the queue {name}")
        channel = await connection.channel()
        await channel.set_qos(100)
        queue = await channel.get_queue(name, ensure=False)
        await queue.consume(keep, arguments=arguments)
        await eventually(lambda: len(bodies) == 50, 15, what=f"50 messages in {name}")
    return bodies


async def _has_queue(connection, name: str) -> bool:
    channel = await connection.channel()
    try:
        await channel.declare_queue(name, passive=True)
    except aio_pika.exceptions.ChannelNotFoundEntity:
        return False
    await channel.close()
    return True


def _is_settled(broker) -> bool:
    tables = {"quorum": b"%2F_work", "coordination": b"rabbit_stream_coordinator"}
    return all(
        any(
            name in path.read_bytes()
            for path in (broker.directory / "mnesia").glob(f"*/{folder}/*/names.dets")
        )
        for folder, name in tables.items()
    )


@pytest.mark.servers
@pytest.mark.slow
async def test_messages_survive_kill_9_on_the_same_door(tmp_path):
    with private_rabbitmq(tmp_path) as broker:
        url, before = broker.url, broker.pid
        await _fill(url)
        # RabbitMQ 3.10 writes the name of a new queue down half a second late; killed before that,
        # the queue comes back without its log. What is tested here is a queue that has settled.
        await eventually(lambda: _is_settled(broker), what="the queues' names on disk")

        broker.kill9()
        assert broker.pid is None
        broker.start()

        assert broker.url == url
        assert broker.pid not in {None, before}
        assert len(await _drain(url, "work", {})) == 50
        assert len(await _drain(url, "log", {"x-stream-offset": "first"})) == 50
        broker.kill9()  # An orderly end takes six seconds and is not the question.


@pytest.mark.servers
@pytest.mark.slow
async def test_the_topology_is_applied_to_a_node_that_has_just_come_back(tmp_path):
    programs = rabbitmq_programs.installed()
    if programs is None:
        pytest.skip("needs a RabbitMQ that is installed on this machine")
    node = RabbitNode(tmp_path, programs, plugins=())
    try:
        node.start()
        await provision.apply(node.url)
        node.stop()
        node.start()

        # The stream is "down or inaccessible" for a moment after the node lets us in.
        await provision.apply(node.url)

        assert await provision.check(node.url) == []
    finally:
        node.kill9()
        node.stop()


@pytest.mark.servers
@pytest.mark.slow
async def test_the_log_is_read_to_its_end_right_after_a_restart(tmp_path):
    """Silence of two seconds was taken for its end: 11,470 false differences of an audit."""
    programs = rabbitmq_programs.installed()
    if programs is None:
        pytest.skip("needs a RabbitMQ that is installed on this machine")
    node = RabbitNode(tmp_path, programs, plugins=())
    try:
        node.start()
        await provision.apply(node.url)
        async with await aio_pika.connect(node.url) as connection:
            exchange = (await connection.channel()).default_exchange
            bodies = [b"%d" % number for number in range(2000)]
            await asyncio.gather(*(exchange.publish(aio_pika.Message(one), LOG_STREAM) for one in bodies))
        node.stop()
        node.start()

        read = [entry.body async for entry in read_log(node.url)]

        assert read == bodies
    finally:
        node.kill9()
        node.stop()


@pytest.mark.servers
@pytest.mark.slow
async def test_the_script_beside_a_node_asks_that_node(tmp_path):
    """docs/operations.md names it."""
    programs = rabbitmq_programs.installed()
    if programs is None:
        pytest.skip("needs a RabbitMQ that is installed on this machine")
    node = RabbitNode(tmp_path, programs, plugins=())
    try:
        node.start()
        await provision.apply(node.url)

        said = subprocess.run(
            [tmp_path / "rabbitmqctl", "-q", "list_queues", "name"],
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
            capture_output=True,
            text=True,
            check=True,
        )

        assert "kesu.routing.v1" in said.stdout.split()
        assert (tmp_path / "rabbitmqctl").stat().st_mode & 0o077 == 0
    finally:
        node.kill9()
        node.stop()


@pytest.mark.servers
def test_the_greeting_tells_a_right_door_from_a_wrong_one(rabbitmq):
    wrong_password = rabbitmq.replace("@", "x@")

    assert amqp_greeting.lets_us_in(rabbitmq)
    assert not amqp_greeting.lets_us_in(wrong_password)
    assert not amqp_greeting.lets_us_in(rabbitmq.rstrip("/") + "/no-such-vhost")


@pytest.mark.loopback
def test_a_url_that_nobody_answers_names_the_variable(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"amqp://guest:secret@127.0.0.1:{held.getsockname()[1]}/"

        with pytest.raises(Unavailable) as refused, local_rabbitmq(tmp_path, url=url):
            pass

    assert refused.value.code == "broker-unreachable"
    assert "KESU_AMQP_URL" in refused.value.sentence()
    assert "secret" not in refused.value.sentence()


def test_without_any_way_to_a_broker_the_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setattr(rabbitmq_programs.debian, "may_install", lambda: False)

    with pytest.raises(Unavailable) as refused:
        rabbitmq_programs.install(print)

    assert refused.value.code == "no-broker"
    for way in ("apt-get install rabbitmq-server", "Docker", "KESU_AMQP_URL=amqp://"):
        assert way in refused.value.sentence()


def test_a_node_keeps_name_password_and_ports(tmp_path):
    first = identity(tmp_path, port=None)

    assert identity(tmp_path, port=None) == first
    assert (tmp_path / "node.json").stat().st_mode & 0o077 == 0


def test_a_node_moves_when_its_port_was_taken_meanwhile(tmp_path):
    known = identity(tmp_path, port=None)
    with socket.socket() as other:
        other.bind(("127.0.0.1", known.management_port))

        moved = moved_if_taken(known, keep_amqp=True)

    assert moved.management_port != known.management_port
    assert (moved.amqp_port, moved.password) == (known.amqp_port, known.password)


def test_a_path_with_spaces_is_refused_before_the_start_script_trips(tmp_path):
    with (
        pytest.raises(Unavailable, match="does not bear spaces"),
        private_rabbitmq(tmp_path / "a b"),
    ):
        pass


def test_the_reason_is_found_in_a_start_up_log(tmp_path):
    log = tmp_path / "startup.log"
    log.write_text("BOOT FAILED\n===========\nERROR: distribution port 25672 in use by another\n\n")

    assert last_complaint(log) == "ERROR: distribution port 25672 in use by another"


def test_an_empty_directory_runs_no_broker(tmp_path):
    assert running_url(tmp_path) is None
