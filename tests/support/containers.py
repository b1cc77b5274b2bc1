"""Can a Docker engine lend the tests a PostgreSQL or a RabbitMQ (testcontainers)?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from shared.errors import Unavailable
from shared.local import amqp_greeting, databases, rabbitmq_container, rabbitmq_files
from shared.local.waiting import until

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

POSTGRES_IMAGE = "postgres:18"
RABBITMQ_IMAGE = rabbitmq_container.IMAGE
_POSTGRES, _AMQP, _MANAGEMENT = 5432, 5672, 15672
_PASSWORD = "tests"
_DEADLINE_SECONDS = 60


def postgres_url(ends: ExitStack) -> str | None:
    """URL of a PostgreSQL in a container that ends with `ends`; None when Docker cannot."""
    container = _container(POSTGRES_IMAGE, _POSTGRES)
    if container is None:
        return None
    container.with_env("POSTGRES_PASSWORD", _PASSWORD)
    # Thrown away after the session, so nothing has to survive a power cut.
    container.with_command("postgres -c fsync=off -c full_page_writes=off -c max_connections=200")

    def url() -> str:
        return f"postgresql://postgres:{_PASSWORD}@{_address(container, _POSTGRES)}/postgres"

    return url() if _runs(container, ends, lambda: _answers(url())) else None


def rabbitmq_urls(ends: ExitStack) -> tuple[str, str] | None:
    """AMQP and management URL of a RabbitMQ in a container; None when Docker cannot."""
    container = _container(RABBITMQ_IMAGE, _AMQP, _MANAGEMENT)
    if container is None:
        return None
    container.with_env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", rabbitmq_files.ERLANG)

    def url() -> str:
        return f"amqp://guest:guest@{_address(container, _AMQP)}/"

    if not _runs(container, ends, lambda: amqp_greeting.lets_us_in(url())):
        return None
    return url(), f"http://guest:guest@{_address(container, _MANAGEMENT)}"


def _container(image: str, *ports: int) -> DockerContainer | None:
    if not rabbitmq_container.engine_answers(seconds=3):
        return None
    if not rabbitmq_container.has_image(image, pull_seconds=120):
        return None
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    # The reaper is one more image to pull; our containers end with the session.
    testcontainers_config.ryuk_disabled = True
    return DockerContainer(image).with_exposed_ports(*ports)


def _runs(container: DockerContainer, ends: ExitStack, answers: Callable[[], bool]) -> bool:
    """Start it and wait until it answers; what goes wrong is told: the local binaries are still there."""
    reason = f"{container.image} did not answer within {_DEADLINE_SECONDS} s"
    try:
        ends.enter_context(container)
        if until(answers, seconds=_DEADLINE_SECONDS, pause_seconds=0.2):
            return True
    except Exception as failure:  # Docker fails in many ways.
        reason = repr(failure)
    print(f"\nDocker could not: {reason}; using local binaries.", flush=True)
    return False


def _address(container: DockerContainer, port: int) -> str:
    return f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"


def _answers(url: str) -> bool:
    try:
        databases.run_sql(url, "SELECT 1", seconds=5)
    except (Unavailable, OSError):
        return False
    return True
