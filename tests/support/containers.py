"""Can a Docker engine lend the tests a PostgreSQL or a RabbitMQ (testcontainers)?"""

from __future__ import annotations

from contextlib import ExitStack

from shared.local import amqp_greeting, rabbitmq_container
from shared.local.waiting import until

POSTGRES_IMAGE = "postgres:18"
RABBITMQ_IMAGE = rabbitmq_container.IMAGE
_AMQP, _MANAGEMENT = 5672, 15672


def postgres_url(ends: ExitStack) -> str | None:
    """URL of a PostgreSQL in a container that ends with `ends`; None when Docker cannot."""
    if not _possible(POSTGRES_IMAGE):
        return None
    from testcontainers.postgres import PostgresContainer

    _without_reaper()
    try:
        container = ends.enter_context(PostgresContainer(POSTGRES_IMAGE, driver=None))
    except Exception as failure:  # Docker fails in many ways; the local binaries are still there.
        return _told(failure)
    return str(container.get_connection_url())


def rabbitmq_urls(ends: ExitStack) -> tuple[str, str] | None:
    """AMQP and management URL of a RabbitMQ in a container; None when Docker cannot."""
    if not _possible(RABBITMQ_IMAGE):
        return None
    from testcontainers.core.container import DockerContainer

    _without_reaper()
    container = DockerContainer(RABBITMQ_IMAGE).with_exposed_ports(_AMQP, _MANAGEMENT)
    try:
        ends.enter_context(container)
        host = container.get_container_host_ip()
        url = f"amqp://guest:guest@{host}:{container.get_exposed_port(_AMQP)}/"
        management = f"http://guest:guest@{host}:{container.get_exposed_port(_MANAGEMENT)}"
    except Exception as failure:  # Docker fails in many ways; the local binaries are still there.
        return _told(failure)
    if not until(lambda: amqp_greeting.lets_us_in(url), seconds=60, pause_seconds=0.2):
        return _told(TimeoutError("RabbitMQ in a container did not let us in within 60 s"))
    return url, management


def _possible(image: str) -> bool:
    return rabbitmq_container.engine_answers(seconds=3) and rabbitmq_container.has_image(
        image, pull_seconds=120
    )


def _without_reaper() -> None:
    # The reaper is one more image to pull; our containers end with the session.
    from testcontainers.core.config import testcontainers_config

    testcontainers_config.ryuk_disabled = True


def _told(failure: Exception) -> None:
    print(f"\nDocker could not: {failure!r}; using local binaries.", flush=True)
