"""How is a frozen value made without paying for each of its fields?

A frozen dataclass writes every field past its own lock, by `object.__setattr__`: a case of some fifty
fields takes ten times as long as one that is not frozen, and a decision makes about a hundred fields. A
minted class is struck soft and hardens at the end: while `__init__` runs the value is of a twin without the
lock, with the same slots, and becomes one of its own class by the last step. Outside nothing differs
(docs/decisions/0056-values-are-struck-soft.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, field, fields, make_dataclass
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")


def minted(cls: type[T]) -> type[T]:
    """The class, a frozen dataclass with slots, with an `__init__` about as quick as of an unfrozen one.

    Raises TypeError for classes with `__post_init__`, or with fields that `__init__` does not take.
    """
    if hasattr(cls, "__post_init__") or any(not one.init for one in fields(cls)):  # type: ignore[arg-type]  # the type of a class says nothing of its being a dataclass
        msg = f"{cls.__name__} does more at its making than keeping what is given"
        raise TypeError(msg)
    given = [(one.name, Any, _as_given(one)) for one in fields(cls)]  # type: ignore[arg-type]  # as above
    twin = make_dataclass(cls.__name__, given, bases=cls.__bases__, slots=True)
    strike: Callable[..., None] = twin.__init__  # type: ignore[misc]  # of the class that was just made
    soften = object.__setattr__

    @wraps(cls.__init__)
    def making(self: Any, *args: Any, **kwargs: Any) -> None:
        soften(self, "__class__", twin)
        strike(self, *args, **kwargs)
        self.__class__ = cls

    cls.__init__ = making  # type: ignore[method-assign]  # that is the purpose
    return cls


def _as_given(known: Field[Any]) -> Any:
    if known.default_factory is not MISSING:
        return field(default_factory=known.default_factory)
    return field() if known.default is MISSING else field(default=known.default)
