"""Are two servers started and ended beside each other, and is none left behind?"""

from contextlib import contextmanager
from threading import Barrier

import pytest

from shared.errors import Unavailable
from shared.local.beside import side_by_side


class Server:
    """Comes up and goes down only while its neighbour does the same."""

    def __init__(self, door: Barrier | None = None, *, fails: bool = False) -> None:
        self._door = door
        self._fails = fails
        self.ran = 0
        self.running = False

    @contextmanager
    def __call__(self):
        if self._fails:
            raise Unavailable("there is no broker", code="no-broker")
        self._meet()
        self.ran, self.running = self.ran + 1, True
        try:
            yield self
        finally:
            self._meet()
            self.running = False

    def _meet(self) -> None:
        if self._door is not None:
            self._door.wait(timeout=10)


def test_both_come_up_and_go_down_at_the_same_time():
    door = Barrier(2)
    one, other = Server(door), Server(door)

    with side_by_side(one(), other()) as (first, second):
        assert first() is one
        assert second() is other
        assert one.running
        assert other.running

    assert not one.running
    assert not other.running


def test_whoever_comes_up_is_ended_when_the_other_does_not():
    good, bad = Server(), Server(fails=True)

    with pytest.raises(Unavailable) as refused, side_by_side(good(), bad()) as (first, second):
        first()
        second()

    assert refused.value.code == "no-broker"
    assert good.ran == 1
    assert not good.running


def test_one_that_nobody_waited_for_is_ended_too():
    one, other = Server(), Server()

    with pytest.raises(ZeroDivisionError), side_by_side(one(), other()):
        1 / 0  # noqa: B018 - fails before anybody asked for a server

    assert (one.ran, one.running) == (1, False)
    assert (other.ran, other.running) == (1, False)
