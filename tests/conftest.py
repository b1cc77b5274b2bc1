"""Which tests need servers, and are these running before the first of them?"""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from tests.support.fixtures import (
    amqp_url,
    database_from,
    database_url,
    no_network,
    postgres,
    postgres_server,
    rabbitmq,
    rabbitmq_server,
    server_pool,
    smtp,
)
from tests.support.servers import POOL, ServerPool
from tests.support.sieve import may_need_no_fixture

__all__ = [
    "amqp_url",
    "database_from",
    "database_url",
    "no_network",
    "postgres",
    "postgres_server",
    "rabbitmq",
    "rabbitmq_server",
    "server_pool",
    "smtp",
]

_LONG = Path(__file__).parent / "suite"
_SERVICES = [Path(__file__).parent / name for name in ("intake", "routing", "escalation", "surveys")]
_EVERYBODYS = {"event_loop_policy", "no_network", "request"}
_KIND_OF_FIXTURE = {"postgres_server": "postgres", "rabbitmq_server": "rabbitmq"}


def pytest_configure(config: pytest.Config) -> None:
    """Register what pyproject.toml does not, and forget the developer's own servers."""
    gc.set_threshold(50_000, 20, 20)  # As in a service (shared/host/serve.py): a tenth of the time.
    if _is_domain_only(config):
        gc.disable()  # They are over before what they leave behind is worth looking for.
    config.addinivalue_line("markers", "loopback: opens sockets of its own on 127.0.0.1")
    config.stash[POOL] = ServerPool()
    for name in [name for name in os.environ if name.startswith("KESU_")]:
        if not name.startswith("KESU_TEST_"):
            del os.environ[name]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m domain`, leave out the files that hold no such test: importing them takes seconds."""
    if not _is_domain_only(config) or not collection_path.match("test_*.py"):
        return None
    is_a_services = any(collection_path.is_relative_to(one) for one in _SERVICES)
    return None if is_a_services and may_need_no_fixture(collection_path) else True


@pytest.hookimpl(tryfirst=True)  # Before -m deselects by the markers that are added here.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever reaches a server fixture, directly or through others; long files begin first.

    Files run side by side under `make test`: one that takes a minute must not be the last to begin.
    """
    for item in items:
        if _kinds(item):
            item.add_marker("servers")
        elif _is_pure(item):
            item.add_marker("domain")
    items.sort(key=lambda item: not (item.path.is_relative_to(_LONG) or item.get_closest_marker("slow")))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the servers that the chosen tests need: here, because a test's time-out is short."""
    gc.freeze()  # Modules and tests stay; looking through them again and again finds nothing.
    if session.config.option.collectonly:
        return
    kinds = sorted({kind for item in session.items for kind in _kinds(item)})
    if kinds:
        session.config.stash[POOL].start(kinds)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers."""
    config.stash[POOL].stop()


def _is_domain_only(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "domain")


def _is_pure(item: pytest.Item) -> bool:
    """Whether it asks a service's deciders or domain something and needs no fixture for it."""
    if item.get_closest_marker("slow") or not any(item.path.is_relative_to(one) for one in _SERVICES):
        return False
    given = getattr(getattr(item, "callspec", None), "params", {})
    return set(getattr(item, "fixturenames", ())) <= {*given, *_EVERYBODYS}


def _kinds(item: pytest.Item) -> set[str]:
    names = getattr(item, "fixturenames", ())
    return {_KIND_OF_FIXTURE[name] for name in names if name in _KIND_OF_FIXTURE}
