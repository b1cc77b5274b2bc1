"""Are Kesu's names unique, ordered by time, and the same when the same thing is named again?"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared import ids
from shared.ids import derived_id, moment_of, new_id, oldest_id

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))
NAMES = st.lists(st.text(max_size=8), min_size=1, max_size=4)


def test_an_id_has_the_layout_of_rfc_9562_version_7():
    before = datetime.now(UTC)
    name = new_id()
    after = datetime.now(UTC)

    assert (name.version, name.variant) == (7, "specified in RFC 4122")
    made = moment_of(name)
    assert made is not None
    assert before - timedelta(milliseconds=2) <= made <= after + timedelta(milliseconds=50)


def test_every_id_is_greater_than_the_one_before():
    names = [new_id() for _ in range(20_000)]
    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_threads_never_make_the_same_id_and_each_sees_its_own_in_order():
    made: list[list[UUID]] = []

    def make() -> None:
        made.append([new_id() for _ in range(2000)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(own == sorted(own) for own in made)
    assert len({name.int >> 64 for own in made for name in own}) == 8000, "the ordered half alone is unique"


def test_a_clock_that_steps_back_does_not_bring_old_ids_back(monkeypatch):
    first = new_id()
    past = ids.time.time_ns() - 3_600_000_000_000
    monkeypatch.setattr(ids.time, "time_ns", lambda: past)
    assert new_id() > first


@given(moment=MOMENTS, names=NAMES)
def test_the_same_moment_and_parts_always_give_the_same_id(moment, names):
    name = derived_id(moment, *names)
    abroad = moment.astimezone(timezone(timedelta(hours=8)))

    assert name == derived_id(abroad, *names)
    assert name.version == 7 and name.variant == "specified in RFC 4122"
    made = moment_of(name)
    assert made is not None and abs(made - moment) < timedelta(milliseconds=2)


@given(moment=MOMENTS, one=NAMES, other=NAMES)
def test_other_parts_give_another_id(moment, one, other):
    if one != other and "\x1f" not in "".join(one + other):
        assert derived_id(moment, *one) != derived_id(moment, *other)


def test_a_part_cannot_pass_for_two():
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    assert derived_id(moment, "sh01", "7") != derived_id(moment, "sh017")
    assert derived_id(moment, "a", "bc") != derived_id(moment, "ab", "c")


@settings(max_examples=60)
@given(moment=MOMENTS, names=NAMES, apart=st.integers(1, 10**9))
@example(moment=datetime(6430, 1, 1, 0, 0, 0, 149972, tzinfo=UTC), names=[""], apart=1)
def test_the_bound_of_a_moment_parts_ids_before_it_from_those_after_it(moment, names, apart):
    earlier = moment - timedelta(milliseconds=apart)
    if earlier.year < 1971:
        return
    bound = oldest_id(moment)
    assert derived_id(earlier, *names) < bound <= derived_id(moment, *names)


def test_ids_from_elsewhere_tell_no_time_and_moments_before_1970_make_the_smallest_ids():
    assert moment_of(uuid4()) is None
    ancient = datetime(1900, 1, 1, tzinfo=UTC)
    assert oldest_id(ancient).int == 0
    assert moment_of(derived_id(ancient, "x")) == datetime(1970, 1, 1, tzinfo=UTC)
