"""Do the container paths work where Docker is, and step aside at once where it is not?"""

import time
from contextlib import ExitStack

import aio_pika
import pytest

from shared.errors import Unavailable
from shared.local import amqp_greeting, rabbitmq_container
from shared.local.rabbitmq_container import RabbitContainer
from tests.support import containers
from tests.support.waiting import eventually

QUORUM = {"x-queue-type": "quorum"}
STREAM = {"x-queue-type": "stream"}


def needs_docker():
    if not rabbitmq_container.engine_answers():
        pytest.skip("no Docker engine answers")
    if not rabbitmq_container.has_image(pull_seconds=50):
        pytest.skip(f"Docker has no {rabbitmq_container.IMAGE} and cannot pull it")


@pytest.fixture(params=["no docker command", "no engine behind it"])
def no_docker(request, monkeypatch, tmp_path):
    if request.param == "no docker command":
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")


@pytest.mark.usefixtures("no_docker")
def test_without_docker_the_tests_turn_to_local_binaries_at_once():
    began = time.monotonic()
    with ExitStack() as ends:
        found = containers.postgres_url(ends), containers.rabbitmq_urls(ends)

    assert found == (None, None)
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("no_docker")
def test_without_docker_no_broker_is_promised(tmp_path):
    assert rabbitmq_container.obtain(tmp_path, say=print) is None


def test_a_container_that_does_not_answer_leaves_the_way_to_local_binaries(capsys):
    class Dumb:
        image = "postgres:18"

        def __enter__(self):
            raise OSError("no space left on device")

        def __exit__(self, *_):
            return None

    with ExitStack() as ends:
        assert not containers._runs(Dumb(), ends, lambda: True)

    assert "no space left on device" in capsys.readouterr().out


async def _publish(url: str, count: int) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for name, arguments in (("work", QUORUM), ("log", STREAM)):
            await channel.declare_queue(name, durable=True, arguments=arguments)
            for number in range(count):
                message = aio_pika.Message(b"%d" % number, delivery_mode=2)
                await channel.default_exchange.publish(message, name)


async def _waiting(url: str) -> int:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("work", passive=True)
        return queue.declaration_result.message_count or 0


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_broker_in_a_container_survives_an_orderly_end_and_kill_9_on_the_same_door(tmp_path):
    needs_docker()
    with ExitStack() as ends:
        broker = RabbitContainer(tmp_path)
        ends.callback(rabbitmq_container._docker, "rm", "-fv", broker._name, seconds=60)
        broker.start()
        url, first = broker.url, broker.pid
        await _publish(url, 20)
        await eventually(lambda: _has(url, 20), 10, what="20 messages")

        broker.stop()
        assert broker.pid is None
        again = RabbitContainer(tmp_path)
        again.start()
        assert again.url == url
        await eventually(lambda: _has(url, 20), 30, what="20 messages after an orderly end")

        # After the orderly end, because 3.10 writes a new queue's name down half a second late.
        before = again.pid
        again.kill9()
        assert again.pid is None
        assert not amqp_greeting.lets_us_in(url)
        again.start()
        assert again.pid not in {None, before, first}
        await eventually(lambda: _has(url, 20), 30, what="20 messages after kill -9")


async def _has(url: str, count: int) -> bool:
    try:
        return await _waiting(url) == count
    except (aio_pika.exceptions.AMQPError, OSError):
        return False


@pytest.mark.servers
@pytest.mark.slow
def test_an_image_that_cannot_run_is_a_plain_sentence(tmp_path):
    needs_docker()
    broker = RabbitContainer(tmp_path, image="kesu-no-such-image:1")

    with pytest.raises(Unavailable) as refused:
        broker.start()

    assert refused.value.code == "broker-not-started"
    assert "kesu-no-such-image:1" in refused.value.sentence()
