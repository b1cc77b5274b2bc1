"""How does a company fill in the figures that a source leaves open, without repeating the rest?

`set:` maps fields as `kesu policy check` names them to values. Only what is `must_be_set` can be
filled, so that a shipped promise is never changed by the way.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from shared.policy.document import Document
from shared.policy.problems import Keys, Place, Problem, did_you_mean, dotted


def filled(merged: Document, heir: Document) -> Document:
    """What the heir says with everything under its `set:` filled in, and what cannot be."""
    wanted = heir.value.get("set")
    if not isinstance(wanted, dict):
        problem = heir.problem(("set",), "holds no `field: value` lines", "Write them indented below it.")
        return _with(merged, merged.value, merged.places, [problem])
    open_fields = {dotted(keys): keys for keys in merged.placeholders()}
    value: Any = deepcopy(merged.value)
    places = dict(merged.places)
    problems: list[Problem] = []
    for field, given in wanted.items():
        way: Keys = ("set", field)
        keys = open_fields.get(field)
        if keys is None:
            remedy = did_you_mean(field, open_fields) if open_fields else "Nothing is open: remove it."
            problems.append(heir.problem(way, "is no field that must be set", remedy))
            continue
        _put(value, keys, given)
        _move(places, keys, heir, way)
    return _with(merged, value, places, problems)


def _with(merged: Document, value: Any, places: Any, problems: list[Problem]) -> Document:
    return Document(merged.file, value, places, (*merged.problems, *problems))


def _put(value: Any, keys: Keys, given: object) -> None:
    for key in keys[:-1]:
        value = value[key]
    value[keys[-1]] = given


def _move(places: dict[Keys, Place], keys: Keys, heir: Document, way: Keys) -> None:
    """The filled value, and all in it, stands where the heir wrote it."""
    for known, place in heir.places.items():
        if known[: len(way)] == way:
            places[keys + known[len(way) :]] = place
