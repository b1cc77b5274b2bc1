"""Which row of a decision table decides, without looking at all of them?

A bitmap index: each part of a condition knows, for each word, the rows that let it pass, as the bits
of one integer. A decision is one lookup per part and the intersection of what they give, whatever the
number of rows (docs/decisions/0020-decision-tables-in-plain-python.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from shared.policy.claims import asks_of_claim, fits_claim
from shared.policy.rules import Facts, When


class Row(Protocol):
    """Anything with a condition."""

    @property
    def when(self) -> When:
        """Which complaints the row is about."""
        ...


R = TypeVar("R", bound=Row)
_SINGLE = ("kind", "category", "type", "channel", "site", "grade", "severity", "product_line")
Bits = dict[str | None, int]
"""Rows by word; under None those that do not ask, so that they let every other word pass."""


class Table(Generic[R]):
    """Rows that can be asked which of them match; the order of rows is the order of preference."""

    __slots__ = ("_all", "_asking", "_flags", "_parts", "_rows")

    def __init__(self, rows: Sequence[R]) -> None:
        self._rows = tuple(rows)
        self._all = (1 << len(self._rows)) - 1
        # Parts that no row asks about let every row pass: they are not looked at.
        asked = [part for part in _SINGLE if any(getattr(row.when, part) for row in self._rows)]
        indexes = [(part, _index(self._rows, part)) for part in asked]
        self._parts = tuple((part, bits, bits[None]) for part, bits in indexes)
        self._flags = _flag_index(self._rows) if any(row.when.flags for row in self._rows) else None
        self._asking = sum(1 << at for at, row in enumerate(self._rows) if asks_of_claim(row.when))

    def first(self, facts: Facts) -> R | None:
        """The first row that matches (hit policy: first; for a unique table the only one)."""
        hits = self._hits(facts)
        return self._rows[(hits & -hits).bit_length() - 1] if hits else None

    def first_and_others(self, facts: Facts, most: int) -> tuple[R | None, tuple[R, ...]]:
        """The first row that matches, and up to `most` of those below it that match as well."""
        hits = self._hits(facts)
        if not hits:
            return None, ()
        first = self._rows[(hits & -hits).bit_length() - 1]
        hits &= hits - 1
        if not hits:
            return first, ()
        others: list[R] = []
        while hits and len(others) < most:
            others.append(self._rows[(hits & -hits).bit_length() - 1])
            hits &= hits - 1
        return first, tuple(others)

    def every(self, facts: Facts) -> tuple[R, ...]:
        """All rows that match, in their order (hit policy: collect)."""
        hits, found = self._hits(facts), []
        while hits:
            found.append(self._rows[(hits & -hits).bit_length() - 1])
            hits &= hits - 1
        return tuple(found)

    def _hits(self, facts: Facts) -> int:
        hits = self._all
        for part, bits, unasked in self._parts:
            hits &= bits.get(getattr(facts, part), unasked)
        if self._flags is not None and hits:
            passing = self._flags[None]
            for flag in facts.flags:
                passing |= self._flags.get(flag, 0)
            hits &= passing
        # Figures have no index: only the rows that all else lets pass are compared.
        return self._claiming(hits, facts) if hits & self._asking else hits

    def _claiming(self, hits: int, facts: Facts) -> int:
        asking = hits & self._asking
        while asking:
            lowest = asking & -asking
            if not fits_claim(self._rows[lowest.bit_length() - 1].when, facts.claimed):
                hits ^= lowest
            asking ^= lowest
        return hits


def _index(rows: Sequence[Row], part: str) -> Bits:
    asked: list[tuple[str, ...]] = [getattr(row.when, part) for row in rows]
    open_rows = sum(1 << at for at, words in enumerate(asked) if not words)
    bits: Bits = {None: open_rows}
    for at, words in enumerate(asked):
        for word in words:
            bits[word] = bits.get(word, open_rows) | 1 << at
    return bits


def _flag_index(rows: Sequence[Row]) -> Bits:
    """As `_index`, but a row passes on any of its flags, so words do not carry the open rows."""
    bits: Bits = {None: sum(1 << at for at, row in enumerate(rows) if not row.when.flags)}
    for at, row in enumerate(rows):
        for flag in row.when.flags:
            bits[flag] = bits.get(flag, 0) | 1 << at
    return bits
