"""Is a changed record the same as the library's own would be?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.escalation.domain.sheet import ClockSheet
from services.intake.domain.complaint import Complaint
from shared.changing import changed


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0
    tags: tuple[str, ...] = ()
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    x: int

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError


@dataclass(frozen=True)
class Open:
    x: int


changes = st.fixed_dictionaries(
    {}, optional={"x": st.integers(), "y": st.integers(), "tags": st.tuples(st.text())}
)


@given(st.builds(Point, st.integers(), st.integers()), changes)
def test_it_is_what_replace_gives_and_the_old_one_stays(point, given):
    before = replace(point)

    assert changed(point, **given) == replace(point, **given)
    assert point == before


def test_a_field_that_is_not_there_is_refused_like_a_misspelt_argument():
    with pytest.raises(TypeError, match="Point has no field 'z'"):
        changed(Point(1), z=2)


@pytest.mark.parametrize("record", [Checked(1), Open(1)])
def test_a_record_that_checks_itself_or_has_no_slots_is_refused(record):
    with pytest.raises(TypeError, match="not a plain slotted dataclass"):
        changed(record, x=-1)


@pytest.mark.parametrize("record", [ClockSheet, Complaint])
def test_the_records_it_is_for_can_be_changed(record):
    empty = object.__new__(record)
    for name in record.__slots__:
        object.__setattr__(empty, name, name)

    copy = changed(empty, site="here")

    assert copy.site == "here"
    assert all(getattr(copy, name) == name for name in record.__slots__ if name != "site")
