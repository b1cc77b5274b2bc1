"""May what has no value be left out of every document that is kept? Only if it is read as none again."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel

from services.escalation.store.tables import STORE as SHEETS
from services.intake.store.tables import STORE as COMPLAINTS
from services.routing.store.presences import PRESENCES
from services.routing.store.tables import STORE as CASES
from services.surveys.store.tables import STORE as INVITATIONS
from shared.database.documents import DocumentStore

STORES = (COMPLAINTS, CASES, PRESENCES, SHEETS, INVITATIONS)


def parts(kind: Any, seen: set[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each field below this type, with its type and its default."""
    if get_origin(kind) is not None or isinstance(kind, types.UnionType):
        for inner in get_args(kind):
            yield from parts(inner, seen)
    elif isinstance(kind, type) and kind not in seen:
        seen.add(kind)
        hints = get_type_hints(kind) if dataclasses.is_dataclass(kind) or issubclass(kind, BaseModel) else {}
        for name, default in defaults(kind):
            yield f"{kind.__name__}.{name}", hints[name], default
            yield from parts(hints[name], seen)


def defaults(kind: type) -> Iterator[tuple[str, Any]]:
    if dataclasses.is_dataclass(kind):
        yield from ((one.name, one.default) for one in dataclasses.fields(kind))
    elif issubclass(kind, BaseModel):
        yield from ((name, one.get_default()) for name, one in kind.model_fields.items())


def may_be_none(kind: Any) -> bool:
    return isinstance(None, kind) if isinstance(kind, type) else type(None) in get_args(kind)


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.table.name)
def test_a_field_that_may_have_no_value_has_none_by_default(store: DocumentStore[Any]):
    found = list(parts(store.state_type, set()))

    assert len(found) > 5, "the fields were found at all"
    assert not [name for name, kind, default in found if may_be_none(kind) and default is not None]


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.table.name)
def test_no_mapping_holds_entries_without_a_value(store: DocumentStore[Any]):
    mappings = [
        (name, kind)
        for name, kind, _ in parts(store.state_type, set())
        if isinstance(origin := get_origin(kind), type) and issubclass(origin, Mapping)
    ]

    assert not [name for name, kind in mappings if may_be_none(get_args(kind)[1])]
