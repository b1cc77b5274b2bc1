"""Can a target be written down, read back, and refused?"""

import pytest

from shared.errors import Rejected
from shared.worktime import End, Target, Unit


@pytest.mark.parametrize(
    "text",
    [
        "90 min",
        "24 h",
        "8 wh",
        "15 s",
        "7 d",
        "3 wd",
        "2 w",
        "same_day",
        "close_of_business",
        "3 close_of_business",
        "2026-10-08",
        "3 wd following_day",
        "5 wd close_of_business",
        "60 min next_open",
        "-60 min",
        "8 w following_day",
    ],
)
def test_what_is_written_is_what_is_read(text):
    assert str(Target.parse(text)) == text


def test_the_space_may_be_missing():
    assert Target.parse(" 3wd ") == Target(3, Unit.WORKING_DAYS)


def test_parts_are_understood():
    assert Target.parse("3 wd following_day") == Target(3, Unit.WORKING_DAYS, End.FOLLOWING_DAY)
    assert Target.parse("same_day") == Target(0, Unit.SAME_DAY)


@pytest.mark.parametrize(
    "text",
    ["", "three days", "3", "3 moons", "3.5 wd", "1 same_day", "2026-13-01", "3 wd sometime", "4 date"],
)
def test_what_cannot_be_understood_is_refused_with_a_remedy(text):
    with pytest.raises(Rejected) as refused:
        Target.parse(text)

    assert refused.value.code == "target-unreadable"
    assert refused.value.field == "target"
    assert refused.value.remedy


def test_hours_cannot_be_counted_from_the_following_day():
    with pytest.raises(Rejected) as refused:
        Target.parse("24 h following_day")

    assert refused.value.code == "target-end-impossible"
