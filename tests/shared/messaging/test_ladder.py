"""Where does a message go that could not be handled, and does it know why?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import Conflict, Forbidden, NotFound, NotYet, Rejected, Unavailable
from shared.messaging.ladder import ATTEMPT, MOST_ATTEMPTS, Park, Retry, next_move
from shared.messaging.topology import RETRY_STEPS

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
EARLY = NotYet("out-of-order", "number 2 came, 1 has not")


def climb(error: BaseException) -> tuple[list[int], Park]:
    """The steps taken until it is parked, as the broker would bring the message back."""
    headers: dict[str, object] = {"x-death": "the broker's own"}
    steps = []
    for round_ in range(20):
        move = next_move(error, headers, queue="kesu.routing.v1", now=NOW + timedelta(seconds=round_))
        if isinstance(move, Park):
            return steps, move
        assert isinstance(move, Retry)
        steps.append(move.step)
        headers = dict(move.headers)
    raise AssertionError("never parked")


def test_what_came_too_early_climbs_every_step_before_it_is_parked():
    steps, parked = climb(EARLY)
    assert steps == [0, 0, 0, 1, 1, 1, 2]
    assert len(steps) == MOST_ATTEMPTS - 1
    assert parked.code == "out-of-order"


def test_the_ladder_waits_5_seconds_a_minute_and_ten_minutes():
    assert [milliseconds for _, milliseconds in RETRY_STEPS] == [5_000, 60_000, 600_000]


@pytest.mark.parametrize("error", [ZeroDivisionError(), Unavailable("the server is away")])
def test_a_bug_or_a_missing_server_gets_three_more_tries(error):
    steps, parked = climb(error)
    assert steps == [0, 0, 0]
    assert parked.code == ("unavailable" if isinstance(error, Unavailable) else "bug")


@pytest.mark.parametrize("kind", [Rejected, Conflict, NotFound, Forbidden])
def test_what_cannot_succeed_is_parked_at_once(kind):
    steps, parked = climb(kind("unknown-site", "no site mars", field="site"))
    assert steps == []
    assert parked.headers["x-kesu-field"] == "site"


def test_the_message_carries_code_detail_queue_and_both_moments():
    _, parked = climb(EARLY)
    told = parked.headers
    assert (told["x-kesu-code"], told["x-kesu-detail"]) == ("out-of-order", "number 2 came, 1 has not")
    assert told["x-kesu-queue"] == "kesu.routing.v1"
    assert told[ATTEMPT] == MOST_ATTEMPTS
    assert told["x-kesu-first-failure"] == NOW.isoformat()
    assert told["x-kesu-last-failure"] == (NOW + timedelta(seconds=MOST_ATTEMPTS - 1)).isoformat()


def test_a_bug_is_named_by_its_type_and_its_text_which_may_be_personal_stays_at_home():
    _, parked = climb(ValueError("Fang Wang, fang@customer.example"))
    assert parked.headers["x-kesu-detail"] == "ValueError"
    assert not any("Fang" in str(value) for value in parked.headers.values())


def test_a_long_detail_is_cut_so_that_the_headers_fit():
    move = next_move(Rejected("long", "x" * 10_000), {}, queue="q", now=NOW)
    assert len(str(move.headers["x-kesu-detail"])) == 500


@pytest.mark.parametrize("value", [None, "three", b"3", -1.5, [], {}])
def test_a_count_that_somebody_else_wrote_is_no_count(value):
    move = next_move(EARLY, {ATTEMPT: value}, queue="q", now=NOW)
    assert isinstance(move, Retry) and move.headers[ATTEMPT] == 1


def test_the_headers_that_came_are_not_changed():
    came: dict[str, object] = {"cloudEvents_type": "complaint.registered.v1"}
    move = next_move(EARLY, came, queue="q", now=NOW)
    assert came == {"cloudEvents_type": "complaint.registered.v1"}
    assert move.headers["cloudEvents_type"] == "complaint.registered.v1"
