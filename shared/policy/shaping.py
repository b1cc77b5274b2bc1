"""Do plain values have the shape of our dataclasses, and if not, what does their writer mend?"""

from __future__ import annotations

import types
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from shared.errors import Rejected
from shared.policy.document import MUST_BE_SET, Document
from shared.policy.problems import Keys, Problem, did_you_mean
from shared.worktime import Target, Unit

T = TypeVar("T")

_NUMBERS = (int, float, Decimal)
_NOT_FINITE = frozenset({"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})

_TARGETS = (
    "target",
    "acknowledge_within",
    "expires_after",
    "remind_after",
    "length",
    "within",
    "opened_within",
)
_GROUPS = ("cap",)
"""Mappings of targets."""
_STAND_IN = Target(1, Unit.DAYS)
"""Takes the place of a target that cannot be read, so that the rest is still looked at."""
_NUMBER = ("is not a number", "Write a number.")
_WHOLE = ("is not a whole number", "Write a whole number.")
_YES_NO = ("is neither yes nor no", "Write yes or no.")
_MAPPING = ("holds no `key: value` lines", "Write them indented below it.")
_MOMENT = ("is not a moment", "Write for example 2026-10-01T08:00:00+08:00.")
_DAY = ("is not a date", "Write for example 2026-10-01.")
_PLAIN = {
    "tuple_type": ("is not a list", "Write a list, for example [a, b]."),
    "string_type": ("is not a text", "Put quotes around numbers, yes, no and dates."),
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "bool_parsing": _YES_NO,
    "bool_type": _YES_NO,
    "mapping_type": _MAPPING,
    "dict_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "datetime_type": _MOMENT,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
}
"""What pydantic's kinds of error mean to somebody who writes YAML."""


def shape(kind: type[T], document: Document) -> tuple[T | None, tuple[Problem, ...]]:
    """The value of that type which the document describes, or None with everything that is wrong.

    What somebody must still set is no problem here: `Document.placeholders` tells it.
    """
    problems: list[Problem] = []
    prepared = _with_targets((), document.value, document, problems)
    waiting = set(document.placeholders())
    misread = [found for found in _misread((), kind, prepared) if found[0] not in waiting]
    problems += [_problem(kind, document, way, error, "") for way, error in misread]
    try:
        value: T = _adapter(cast("Hashable", kind)).validate_python(prepared)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False, include_context=False):
            keys: Keys = found["loc"]
            if keys not in waiting:
                problems.append(_problem(kind, document, keys, found["type"], found["msg"]))
        return None, tuple(dict.fromkeys(problems))
    return (None if problems else value), tuple(problems)


def _misread(keys: Keys, kind: Any, value: object) -> Iterator[tuple[Keys, str]]:
    """What would be taken, but not as it was meant, with the kind of error that says so.

    A moment written as a number would be seconds since 1970, `true` would be the number one.
    """
    kind = _without_none(kind)
    if isinstance(value, dict):
        known = _hints(cast("Hashable", kind)) if is_dataclass(kind) else {}
        inner = (
            get_args(kind)[1] if isinstance(get_origin(kind), type) and len(get_args(kind)) > 1 else object
        )
        for key, one in value.items():
            yield from _misread((*keys, key), known.get(key, inner), one)
    elif isinstance(value, list):
        inner = get_args(kind)[0] if get_origin(kind) is tuple else object
        for index, one in enumerate(value):
            yield from _misread((*keys, index), inner, one)
    elif kind in (datetime, date) and not _is_moment(value):
        yield keys, "datetime_type" if kind is datetime else "date_type"
    elif kind in _NUMBERS and (isinstance(value, bool) or str(value).lower() in _NOT_FINITE):
        yield keys, "int_type" if kind is int else "float_type"


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, date) or bool(datetime.fromisoformat(cast("str", value)))
    except (TypeError, ValueError):
        return value is None


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(cast("type", kind))


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    """Made once: it costs more than reading a file with it."""
    return TypeAdapter(cast("Any", kind))


def _problem(kind: type, document: Document, keys: Keys, error: str, text: str) -> Problem:
    if error in {"unexpected_keyword_argument", "missing"}:
        known = _keys_at(kind, keys[:-1])
        if error == "missing":
            return document.problem(keys, "is missing", f"Add `{keys[-1]}:` here.")
        return document.problem(keys, "is not known here", did_you_mean(str(keys[-1]), known))
    detail, remedy = _PLAIN.get(error, (text.removeprefix("Input "), ""))
    return document.problem(keys, detail, remedy)


def _keys_at(kind: Any, keys: Keys) -> tuple[str, ...]:
    """Names of the fields that the dataclass at this way has."""
    for key in keys:
        kind = _without_none(kind)
        origin = get_origin(kind)
        if is_dataclass(kind) and isinstance(kind, type):
            kind = _hints(kind).get(str(key), object)
        elif origin is tuple:
            kind = get_args(kind)[0]
        elif isinstance(origin, type) and issubclass(origin, Mapping):
            kind = get_args(kind)[1]
        else:
            return ()
    kind = _without_none(kind)
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in {Union, types.UnionType}:
        return next(part for part in get_args(kind) if part is not types.NoneType)
    return kind


def _with_targets(keys: Keys, value: Any, document: Document, problems: list[Problem]) -> Any:
    if (
        keys
        and (keys[-1] in _TARGETS or keys[-2:-1] in [(group,) for group in _GROUPS])
        and value is not None
        and not isinstance(value, dict | list)
    ):
        return _STAND_IN if value == MUST_BE_SET else _target(keys, value, document, problems)
    if isinstance(value, dict):
        return {k: _with_targets((*keys, k), v, document, problems) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_targets((*keys, i), v, document, problems) for i, v in enumerate(value)]
    return value


def _target(keys: Keys, value: object, document: Document, problems: list[Problem]) -> Target:
    try:
        target = Target.parse(value.isoformat() if isinstance(value, date) else str(value))
    except Rejected as error:
        problems.append(document.problem(keys, error.detail.rstrip("."), error.remedy or ""))
        return _STAND_IN
    if target.amount < 0 or (target.amount == 0 and target.unit not in _MAY_BE_ZERO):
        problems.append(
            document.problem(keys, f"{target} is not a limit", "Write an amount greater than zero.")
        )
        return _STAND_IN
    return target


_MAY_BE_ZERO = frozenset({Unit.SAME_DAY, Unit.CLOSE_OF_BUSINESS})
