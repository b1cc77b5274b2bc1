"""Does a command wait for a register that has too much to do, however long that takes?"""

from __future__ import annotations

import pytest

from shared.cli import door as module
from shared.cli.door import PAUSES_SECONDS, Door
from shared.errors import Unavailable

BUSY = (503, b'{"code": "bulk-backlog", "detail": "earlier rows are not handled yet"}')
AWAY = (503, b'{"code": "database-away", "detail": "the database does not answer"}')
DONE = (200, b"{}")


class Register:
    """A connection whose answers are written down before."""

    def __init__(self, *script: tuple[int, bytes]) -> None:
        self._script = list(script)
        self.status = 0

    def request(self, *_: object) -> None:
        self.status, self._body = self._script.pop(0)

    def getresponse(self) -> Register:
        return self

    def read(self) -> bytes:
        return self._body

    def getheader(self, name: str, default: str) -> str:
        return "5" if (name, self.status) == ("Retry-After", 503) else default


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    moments: list[float] = []
    monkeypatch.setattr(module.time, "sleep", moments.append)
    return moments


def a_door(monkeypatch, *script: tuple[int, bytes]) -> Door:
    register = Register(*script)
    monkeypatch.setattr(Door, "_connection", lambda self: register)
    return Door("http://127.0.0.1:8001", "token")


def test_a_register_that_has_too_much_to_do_is_asked_again_as_it_says(monkeypatch, slept):
    door = a_door(monkeypatch, *[BUSY] * 40, DONE)

    assert door.post("/imports", b"{}").status == 200
    assert slept == [5.0] * 40


def test_patience_with_a_service_that_is_away_ends(monkeypatch, slept):
    door = a_door(monkeypatch, *[AWAY] * 40)

    with pytest.raises(Unavailable):
        door.post("/imports", b"{}")
    assert slept == list(PAUSES_SECONDS)
