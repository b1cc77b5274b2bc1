"""Does one row of a table leave another one nothing, or can both be about the same complaint?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, ClassVar, Protocol, TypeVar

from shared.policy.claims import covers_claims, share_claims
from shared.policy.rules import When


class Words(Protocol):
    """A dataclass whose fields are lists of words; an empty one asks nothing."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class Condition(Words, Protocol):
    """One that may hold figures of a claim too."""

    @property
    def claimed_above(self) -> Mapping[str, Decimal]:
        """By currency, the figure that the claim exceeds."""
        ...

    @property
    def claimed_up_to(self) -> Mapping[str, Decimal]:
        """By currency, the figure that the claim does not exceed."""
        ...


_FIGURES = frozenset({"claimed_above", "claimed_up_to"})


C = TypeVar("C", bound=Condition)
W = TypeVar("W", bound=Words)


def covers(earlier: C, later: C) -> bool:
    """Whether `earlier` takes every complaint that `later` is about, so that later never fires."""
    return covers_words(earlier, later) and covers_claims(earlier, later)


def covers_words(earlier: W, later: W) -> bool:
    """The same of the lists of words alone."""
    for part in words_of(earlier):
        wide, narrow = getattr(earlier, part), getattr(later, part)
        if wide and not (narrow and set(narrow) <= set(wide)):
            return False
    return True


def words_of(when: Words) -> tuple[str, ...]:
    """Names of the parts of a condition that are lists of words."""
    return tuple(part.name for part in fields(when) if part.name not in _FIGURES)


def overlap(one: When, other: When) -> bool:
    """Whether some complaint fits both. Flags never part two rows: a complaint may carry several."""
    parts = (part for part in words_of(one) if part != "flags")
    return share_claims(one, other) and not any(
        mine and theirs and set(mine).isdisjoint(theirs)
        for mine, theirs in ((getattr(one, part), getattr(other, part)) for part in parts)
    )
