"""Which sealed texts does a stored value hold, and how do they look under the active key?

Pure: what stands in a database is read and written by `shared.database.resealing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.errors import Rejected
from shared.sealed.sealer import Sealer


@dataclass(frozen=True, slots=True)
class Resealed:
    """A value after re-sealing: how many of its texts changed, how many no key of the ring opens."""

    value: Any
    changed: int
    unopened: int


@dataclass(slots=True)
class _Count:
    changed: int = 0
    unopened: int = 0


@dataclass(frozen=True, slots=True)
class _Work:
    sealer: Sealer
    about: UUID
    count: _Count = field(default_factory=_Count)


def holds_sealed(name: str) -> bool:
    """Whether a field of this name holds sealed text: `sealed`, or whatever ends with `_sealed`."""
    return name == "sealed" or name.endswith("_sealed")


def keys_in(value: Any) -> Counter[str]:
    """How many sealed texts of the value each key sealed, by the key's name."""
    found: Counter[str] = Counter()
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if holds_sealed(name) and isinstance(inner, str):
                found[inner.partition(".")[0]] += 1
            else:
                found += keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            found += keys_in(inner)
    return found


def reseal(value: Any, sealer: Sealer, *, about: UUID) -> Resealed:
    """The JSON value with every sealed text under the active key; what does not open stays as it is.

    `about` is the complaint that everything in the value was sealed about. Source: PRV-01, PRV-07.
    """
    work = _Work(sealer, about)
    return Resealed(_walked(value, work), work.count.changed, work.count.unopened)


def _walked(value: Any, work: _Work) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _text(inner, work)
            if holds_sealed(name) and isinstance(inner, str)
            else _walked(inner, work)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_walked(inner, work) for inner in value]
    return value


def _text(sealed: str, work: _Work) -> str:
    if not work.sealer.needs_rotation(sealed):
        return sealed
    try:
        plain = work.sealer.open(sealed, about=work.about)
    except Rejected:
        work.count.unopened += 1
        return sealed
    work.count.changed += 1
    return work.sealer.seal(plain, about=work.about)
