"""Which keys may a written case have, and what is wrong with one that has others?

A key that nobody reads could change the question, and agreement on another question is worth nothing:
so an unknown key that speaks of times, limits or answers is refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.errors import Rejected
from shared.worktime.target import Unit

TARGETS = {
    "target_business_days": Unit.WORKING_DAYS,
    "target_business_hours": Unit.WORKING_HOURS,
    "target_business_minutes": Unit.MINUTES,
    "target_minutes": Unit.MINUTES,
    "target_seconds": Unit.SECONDS,
    "target_hours": Unit.WORKING_HOURS,
    "target_days": Unit.DAYS,
    "target_weeks": Unit.WEEKS,
}
OFFSETS = {
    "offset_business_days": Unit.WORKING_DAYS,
    "offset_business_hours": Unit.WORKING_HOURS,
    "offset_business_minutes": Unit.MINUTES,
    "offset_business_seconds": Unit.SECONDS,
}
LENGTHS = {"business_hours": 3600, "business_minutes": 60, "business_seconds": 1}
"""Seconds in the unit of `expected_...` and `exact_...`, the elapsed working time."""
TOLERANCES = {"tolerance_seconds": 1, "tolerance_minutes": 60}
"""Seconds in the unit in which a case says how far from its answer another may lie."""
CASE = frozenset(
    {
        "id",
        "metric",
        "calendar",
        "start",
        "events",
        "escalations",
        "end_of_working_day",
        "semantics",
        "boundary",
        "boundary_sensitive",
        "expected_due",
        "expected_due_other_boundary",
        "expected_paused_seconds",
        "exact_second_due",
        "recommended_due",
        *TOLERANCES,
        *TARGETS,
        *(f"{kind}_{unit}" for kind in ("expected", "exact") for unit in LENGTHS),
    }
)
EVENT = frozenset({"at", "kind"})
LEVEL = frozenset({"expected_at", "level", "name", *OFFSETS})
REMARKS = ("about", "comment", "note", "origin", "peer", "remark", "source", "title", "url", "verified")
"""How the keys begin that tell where a case is from and what was thought of it."""
# fmt: off
_OF_THE_QUESTION = frozenset({
    "at", "before", "after", "back", "backwards", "boundary", "break", "breaks", "business", "calendar",
    "day", "days", "direction", "due", "duration", "elapsed", "end", "ends", "exact", "expected",
    "holiday", "holidays", "hour", "hours", "kind", "level", "minute", "minutes", "month", "months",
    "offset", "pause", "paused", "pauses", "recommended", "recurring", "resume", "second", "seconds",
    "start", "starts", "stop", "stops", "target", "timezone", "tolerance", "unit", "until", "week",
    "weeks", "working", "year", "years", "zone",
})
# fmt: on


def check_keys(written: Mapping[str, object], known: frozenset[str], where: str = "") -> None:
    """Raises Rejected('unknown-key') for one that is not known and speaks of times, limits or answers.

    Whatever else a case tells is a remark: what begins as in REMARKS, prose, and names without such a word.
    """
    for name, value in written.items():
        prose = isinstance(value, str) and " " in value.strip()
        if name in known or value is None or name.startswith(REMARKS) or prose:
            continue
        if _OF_THE_QUESTION.isdisjoint(name.lower().replace("-", "_").split("_")):
            continue
        raise Rejected(
            "unknown-key",
            f"{name!r} is not read, but may change what is asked.",
            field=f"{where}{name}",
            remedy=f"Remove it, or make it a note. Known are {', '.join(sorted(known))}.",
        )


def mapping(value: object, field: str) -> Mapping[str, object]:
    """The value, if it is one. Raises Rejected('case-unreadable')."""
    if not isinstance(value, Mapping):
        raise unreadable(value, "a mapping", field)
    return value


def entries(value: object, field: str) -> list[object]:
    """The list; nothing is an empty one. Raises Rejected('case-unreadable')."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise unreadable(value, "a list", field)
    return value


def moment(value: object, field: str) -> datetime:
    """The moment that ISO 8601 text with an offset names. Raises Rejected('case-unreadable')."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as unknown:
        raise unreadable(value, "a time such as 2026-10-08T09:00:00Z", field) from unknown
    if found.tzinfo is None:
        raise unreadable(value, "a time with its offset, such as 2026-10-08T09:00:00Z", field)
    return found


def number(value: object, field: str) -> float:
    """The finite number. Raises Rejected('case-unreadable')."""
    try:
        found = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError as unknown:
        raise unreadable(value, "a number", field) from unknown
    if not math.isfinite(found):
        raise unreadable(value, "a number", field)
    return found


def length(value: object, field: str, unit_seconds: int = 1) -> timedelta:
    """The length of so many units. Raises Rejected('case-unreadable')."""
    try:
        return timedelta(seconds=number(value, field) * unit_seconds)
    except OverflowError as endless:
        raise unreadable(value, "a length of time", field) from endless


def flag(value: object, field: str) -> bool:
    """Yes or no; nothing is no. Raises Rejected('case-unreadable')."""
    if value in (None, False, True):
        return bool(value)
    raise unreadable(value, "true or false", field)


def unreadable(value: object, wanted: str, field: str) -> Rejected:
    """What to raise for a value of the wrong shape."""
    return Rejected("case-unreadable", f"{value!r} is not {wanted}.", field=field)
