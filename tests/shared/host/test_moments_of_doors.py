"""Does every door of every service refuse days and moments that nobody can count with?"""

import importlib
import pkgutil
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, get_args

import pytest
from fastapi import APIRouter
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from shared.host.fields import Body, Day, DayOrInstant, Instant, moment_in_reach
from shared.messaging.topology import SERVICES

EDGES = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59Z",
    "1800-01-01T00:00:00+14:00",
    "2099-12-31T23:59:59-14:00",
    "1799-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z",
    "0001-01-01",
    "9999-12-31",
    "20261128",
    1_700_000_000,
)


def is_dated(kind: Any) -> bool:
    """Whether a value of this type may be a day or a moment."""
    if kind in (date, datetime, AwareDatetime):
        return True
    return any(is_dated(part) for part in get_args(kind))


def bodies() -> list[type[Body]]:
    """Every request body of every service, and what is written inside of one."""
    for service in SERVICES:
        api = importlib.import_module(f"services.{service}.api")
        for module in pkgutil.iter_modules(api.__path__):
            importlib.import_module(f"{api.__name__}.{module.name}")
    found, left = [], [Body]
    while left:
        kind = left.pop()
        found.append(kind)
        left += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("services.")]


FIELDS = sorted(
    {
        (f"{kind.__module__}.{kind.__name__}.{name}", kind, name)
        for kind in bodies()
        for name, field in kind.model_fields.items()
        if is_dated(field.annotation)
    },
    key=lambda found: found[0],
)


def test_the_bodies_with_dates_are_found():
    assert len(FIELDS) >= 14
    assert {name.split(".")[1] for name, _, _ in FIELDS} == set(SERVICES)


@pytest.mark.parametrize(
    ("kind", "name"), [found[1:] for found in FIELDS], ids=[found[0] for found in FIELDS]
)
def test_no_body_takes_a_date_at_the_edge_or_a_number_as_one(kind, name):
    field = kind.model_fields[name]
    adapter = TypeAdapter(
        Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    )

    for edge in EDGES:
        with pytest.raises(ValidationError):
            adapter.validate_python(edge)


def dated_queries():
    """Every query parameter with a day or a moment, of every route of every service."""
    for service in SERVICES:
        plan = importlib.import_module(f"services.{service}.app").PLAN
        for make in plan.routers:
            router = make(_AnyDesk())
            assert isinstance(router, APIRouter)
            for route in router.routes:
                for parameter in getattr(getattr(route, "dependant", None), "query_params", ()):
                    if is_dated(parameter.field_info.annotation):
                        yield f"{service} {route.path} {parameter.alias}", parameter


class _AnyDesk:
    """Gives whatever a router asks for when it is built."""

    def __getattr__(self, name):
        return lambda *given, **named: lambda: None


QUERIES = list(dated_queries())


@pytest.mark.parametrize("parameter", [one for _, one in QUERIES], ids=[name for name, _ in QUERIES])
def test_no_query_takes_a_date_at_the_edge(parameter):
    for edge in EDGES[:-1]:
        _, errors = parameter.validate(edge, {}, loc=("query", parameter.alias))
        assert errors, edge


def test_the_queries_with_dates_are_found():
    assert {name.split(" ")[0] for name, _ in QUERIES} >= {"intake", "escalation", "surveys"}


def test_what_lies_just_inside_is_taken_as_it_is():
    instant, day = TypeAdapter(Instant), TypeAdapter(Day)

    assert instant.validate_python("1800-01-01T00:00:00Z") == datetime(1800, 1, 1, tzinfo=UTC)
    assert instant.validate_python("2099-12-31T23:59:59Z").year == 2099
    assert instant.validate_python("2026-11-28 08:00:00+08:00") == datetime(2026, 11, 28, tzinfo=UTC)
    assert day.validate_python("2099-12-31") == date(2099, 12, 31)
    assert moment_in_reach(datetime(2026, 1, 1, tzinfo=UTC)).year == 2026


@pytest.mark.parametrize("written", ["2026-11-28T00:00:00+14:00", "2026-11-28T00:00:00Z"])
def test_only_a_bare_date_is_a_day(written):
    either = TypeAdapter(DayOrInstant)

    moment = either.validate_python(written)

    assert isinstance(moment, datetime)
    assert moment == datetime.fromisoformat(written)
    assert either.validate_python(moment) is moment
    assert type(either.validate_python("2026-11-28")) is date
    assert either.dump_python(moment, mode="json").startswith("2026-11-28T00:00:00")
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(written)
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(datetime(2026, 11, 28, tzinfo=timezone(timedelta(hours=14))))
