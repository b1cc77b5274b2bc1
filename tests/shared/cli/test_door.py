"""Does a command wait for a register that has too much to do, however long that takes?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from shared.cli import door as module
from shared.cli.door import PAUSES_SECONDS, Door
from shared.errors import Unavailable

BUSY = (503, b'{"code": "bulk-backlog", "detail": "earlier rows are not handled yet"}')
AWAY = (503, b'{"code": "database-away", "detail": "the database does not answer"}')


class Answers(BaseHTTPRequestHandler):
    script: list[tuple[int, bytes]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = self.script.pop(0) if self.script else (200, b"{}")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 503:
            self.send_header("Retry-After", "5")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    running.join()


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    moments: list[float] = []
    monkeypatch.setattr(module.time, "sleep", moments.append)
    return moments


def test_a_register_that_has_too_much_to_do_is_asked_again_as_it_says(url, slept):
    Answers.script = [BUSY] * 40
    with Door(url, "token") as door:
        assert door.post("/imports", b"{}").status == 200
    assert slept == [5.0] * 40


def test_patience_with_a_service_that_is_away_ends(url, slept):
    Answers.script = [AWAY] * 40
    with Door(url, "token") as door, pytest.raises(Unavailable):
        door.post("/imports", b"{}")
    assert slept == list(PAUSES_SECONDS)
