"""Is a minted value like any other frozen one, only sooner made?"""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest
from pydantic import TypeAdapter

from services.routing.domain.case import Case, Placement
from shared.policy.minting import minted
from shared.policy.model import Rulebook
from tests.routing.builders import NOW, RULES, an_assigned_case


@minted
@dataclass(frozen=True, slots=True)
class Coin:
    """A value of three fields."""

    worth: int
    metal: str = "copper"
    marks: list[str] = field(default_factory=list)


@pytest.mark.parametrize("value", [Coin(1), an_assigned_case(), an_assigned_case().placement, RULES])
def test_it_is_of_its_own_class_and_cannot_be_changed(value):
    assert type(value) in {Coin, Case, Placement, Rulebook}
    name = fields(value)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, None)
    with pytest.raises(FrozenInstanceError):
        delattr(value, name)
    assert not hasattr(value, "__dict__")


def test_it_keeps_what_is_given_and_fills_in_the_rest():
    assert (Coin(1).worth, Coin(1).metal, Coin(1).marks) == (1, "copper", [])
    assert Coin(1).marks is not Coin(1).marks
    assert Coin(2, metal="gold") == Coin(2, "gold", [])
    assert repr(Coin(1)) == "Coin(worth=1, metal='copper', marks=[])"


def test_it_is_copied_replaced_pickled_and_read_as_before():
    coin = replace(Coin(1), metal="gold")

    assert (copy.copy(coin), pickle.loads(pickle.dumps(coin))) == (coin, coin)
    adapter = TypeAdapter(Coin)
    assert adapter.validate_json(adapter.dump_json(coin)) == coin


def test_a_field_too_many_or_too_few_is_refused():
    with pytest.raises(TypeError, match="Coin"):
        Coin()
    with pytest.raises(TypeError, match="Coin"):
        Coin(1, weight=2)


def test_a_class_that_does_more_at_its_making_is_refused():
    @dataclass(frozen=True, slots=True)
    class Checked:
        worth: int

        def __post_init__(self) -> None:
            assert self.worth

    with pytest.raises(TypeError, match="does more"):
        minted(Checked)


def test_a_case_of_a_moment_ago_is_equal_and_another_is_not():
    case = an_assigned_case()

    assert replace(case) == case
    assert replace(case, ended_at=NOW) != case
