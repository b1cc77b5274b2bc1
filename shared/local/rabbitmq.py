"""How does a machine get a RabbitMQ: named, installed, in a container, or installed now?"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from shared.errors import Unavailable
from shared.local import amqp_greeting, rabbitmq_container, rabbitmq_programs
from shared.local.directories import Claim
from shared.local.rabbitmq_node import PLUGINS, RabbitNode


class Broker(Protocol):
    """A running RabbitMQ, whoever runs it."""

    @property
    def url(self) -> str:
        """AMQP URL with user, password and virtual host."""
        ...

    @property
    def management_url(self) -> str | None:
        """URL of the management API with user and password, or None when there is none."""
        ...


class RunnableBroker(Broker, Protocol):
    """A RabbitMQ that is ours to start, stop and crash."""

    @property
    def directory(self) -> Path:
        """Where it lives."""
        ...

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        ...

    def start(self, *, deadline_seconds: float = 90) -> None:
        """Run until it lets a client in."""
        ...

    def stop(self, *, deadline_seconds: float = 40) -> None:
        """End in good order."""
        ...

    def kill9(self) -> None:
        """Crash; `start` brings it back."""
        ...


class ExternalBroker:
    """A broker that somebody else runs; nothing here starts or stops it."""

    def __init__(self, url: str, management_url: str | None = None) -> None:
        self.url = url
        self.management_url = management_url


def find(
    directory: Path, *, port: int | None = None, management: bool = True, say: Callable[[str], None]
) -> RunnableBroker:
    """A broker for the directory, not yet started: installed, else Docker's, else installed now.

    Without the management API an installed one ends five seconds sooner; Docker's always has it.
    Raises Unavailable('no-broker') that says exactly what to do. Source: architecture.md section 9.
    """
    programs = rabbitmq_programs.installed()
    if programs is None:
        container = rabbitmq_container.obtain(directory, say=say)
        if container is not None:
            return container
        programs = rabbitmq_programs.install(say)
    return RabbitNode(directory, programs, port=port, plugins=PLUGINS if management else ())


@contextlib.contextmanager
def local_rabbitmq(
    directory: Path,
    *,
    url: str | None = None,
    port: int | None = None,
    management: bool = True,
    say: Callable[[str], None] = print,
) -> Iterator[Broker]:
    """A running broker: the one of `url` when given, else a private one in `directory`.

    One that another process started there is shared and left running; one that was orphaned is
    taken over. `say` hears what takes long. Raises Unavailable.
    """
    if url:
        yield _reached(url)
        return
    broker = find(directory, port=port, management=management, say=say)
    claim = Claim(broker.directory)
    ours = claim.take()
    try:
        broker.start()
        yield broker
    finally:
        if ours:
            broker.stop()
            claim.give_back()


@contextlib.contextmanager
def private_rabbitmq(directory: Path, *, say: Callable[[str], None] = print) -> Iterator[RunnableBroker]:
    """A broker that the caller may crash and start at will (fault rig, benchmarks).

    Raises Unavailable, also when another process already uses the directory.
    """
    broker = find(directory, say=say)
    claim = Claim(broker.directory)
    if not claim.take():
        raise Unavailable(
            f"another Kesu process already uses {broker.directory}.",
            code="directory-in-use",
            remedy="End it, or give another directory.",
        )
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
        claim.give_back()


def _reached(url: str) -> ExternalBroker:
    where = amqp_greeting.door(url)
    # Over TLS only a client with certificates can knock; the services will tell.
    if not url.startswith("amqps:") and not amqp_greeting.lets_us_in(url):
        raise Unavailable(
            f"the broker at {where.host}:{where.port} does not let us in"
            f" (user {where.user}, virtual host {where.vhost}).",
            code="broker-unreachable",
            field="KESU_AMQP_URL",
            remedy="Check KESU_AMQP_URL, or unset it to have a private broker started.",
        )
    return ExternalBroker(url)


def running_url(directory: Path) -> str | None:
    """URL of the private node that runs in the directory now, or None."""
    programs = rabbitmq_programs.installed()
    if programs is None or not (directory / "node.json").exists():
        return None
    node = RabbitNode(directory, programs)
    return node.url if node.pid is not None else None
