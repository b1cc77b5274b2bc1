"""Does a service as it is served stay within reach, and show its figures where it shall? A real process."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.database.migrate import prepare
from shared.local.ports import free_ports
from shared.sealed.sealer import new_key
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
FILES = 256


@pytest.fixture
def surveys_url(database_from) -> str:
    return database_from("surveys", lambda url: asyncio.run(prepare(url, "surveys")))


@pytest.fixture
def served(surveys_url) -> Iterator[tuple[int, int]]:
    """The port and the operations port of surveys, which may open few files."""
    port, operations = free_ports(2)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KESU_DATABASE_URL": surveys_url,
        "KESU_AMQP_URL": "amqp://127.0.0.1:1/",
        "KESU_SECRET": "a secret for tests only, with enough characters in it",
        "KESU_SEAL_KEYS": f"k1:{new_key()}",
        "KESU_ORGANISATION": str(ROOT / "deploy" / "organisation" / "organisation.yaml"),
        "KESU_PORT": str(port),
        "KESU_OPERATIONS_PORT": str(operations),
    }
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"ulimit -n {FILES}; exec {sys.executable} -m services.surveys"],
        env=environment,
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    yield port, operations
    process.terminate()
    process.wait(30)


def ask(port: int, method: str, path: str) -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        link.request(method, path)
        return link.getresponse().status
    except OSError:
        return 0
    finally:
        link.close()


async def test_more_half_requests_than_files_keep_nobody_out(served):
    port, _ = served
    await eventually(lambda: ask(port, "GET", "/healthz") == 200, seconds=20)
    held = []
    for _ in range(FILES * 2):
        one = socket.create_connection(("127.0.0.1", port), timeout=3)
        one.sendall(b"GET /healthz HTTP/1.1\r\n")
        held.append(one)

    assert [ask(port, "GET", "/healthz") for _ in range(20)] == [200] * 20

    for one in held:
        one.close()


async def test_figures_and_documents_are_shown_at_their_own_port_and_health_at_both(served):
    port, operations = served
    await eventually(lambda: ask(port, "GET", "/healthz") == 200, seconds=20)

    for path in ("/metrics", "/docs", "/openapi.json", "/asyncapi", "/asyncapi.json"):
        assert (ask(port, "GET", path), ask(operations, "GET", path)) == (404, 200), path
    for path in ("/healthz", "/static/nothing"):
        assert ask(port, "GET", path) == ask(operations, "GET", path)
    assert ask(port, "HEAD", "/healthz") == ask(operations, "HEAD", "/metrics") == 200
