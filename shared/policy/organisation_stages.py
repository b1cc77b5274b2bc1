"""What does an organisation file say of other times? Each change under `changes:` holds from its moment on.

A change is merged into what held before it, as `extends` does it: mappings key by key, lists replaced;
a person, department or site set to nothing is gone. Every stage is checked like a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.policy.document import Document
from shared.policy.layers import merged_with
from shared.policy.problems import Keys, Place, Problem, did_you_mean

CHANGES = "changes"
_PARTS = ("sites", "departments", "people")
_SUCCESSORS = "successors"
_KNOWN = ("from", *_PARTS, _SUCCESSORS)


@dataclass(frozen=True, slots=True)
class StageDocument:
    """What the file says from a moment on; None: from the beginning."""

    since: datetime | None
    document: Document


def stages_of(document: Document) -> tuple[tuple[StageDocument, ...], list[Problem]]:
    """The file without its changes, then one more for each change, and what is wrong with them."""
    changes = document.value.get(CHANGES, [])
    first = replace(document, value={k: v for k, v in document.value.items() if k != CHANGES})
    stages = [StageDocument(None, first)]
    if not isinstance(changes, list):
        return tuple(stages), [
            document.problem((CHANGES,), "is not a list", "Begin each change with `- from: 2026-12-01`.")
        ]
    problems: list[Problem] = []
    for at, change in enumerate(changes):
        keys: Keys = (CHANGES, at)
        wrong = list(_shape(document, keys, change))
        since = _moment(document, change["from"]) if not wrong else None
        if not wrong and since is None:
            remedy = "Write a date, or a moment such as 2026-12-01T08:00:00+08:00."
            wrong = [document.problem((*keys, "from"), "is not a moment", remedy)]
        problems += wrong
        if since is None:
            continue
        before = stages[-1].since
        if before is not None and since <= before:
            detail = "does not come after the change before it"
            problems.append(document.problem((*keys, "from"), detail, "Put the changes in their order."))
            continue
        stages.append(StageDocument(since, _changed(stages[-1].document, document, keys, change)))
    return tuple(stages), problems


def told_once(
    problems: Iterable[Problem], document: Document, since: datetime | None, known: Iterable[Problem]
) -> Iterator[Problem]:
    """Problems of one stage as the file's writer sees them, without those that are known already.

    A field of a change is named with its change; what a change makes wrong elsewhere says from when on.
    """
    ways = {(place.file, place.line): keys[1] for keys, place in document.places.items() if _inside(keys)}
    before = set(known)
    for problem in problems:
        at = ways.get((problem.file, problem.line))
        if at is not None and not problem.field.startswith(CHANGES):
            problem = replace(problem, field=f"{CHANGES}[{at}].{problem.field}")  # noqa: PLW2901
        elif since is not None and problem not in before:
            problem = replace(problem, detail=f"{problem.detail}, from {since:%Y-%m-%d} on")  # noqa: PLW2901
        yield problem


def _inside(keys: Keys) -> bool:
    return len(keys) > 1 and keys[0] == CHANGES


def _shape(document: Document, keys: Keys, change: object) -> Iterator[Problem]:
    if not isinstance(change, dict):
        yield document.problem(keys, "holds no `key: value` lines", "Begin with `from:`.")
        return
    if "from" not in change:
        yield document.problem(keys, "has no `from:`", "Say from when on it holds.")
    for key in change:
        if key == "calendars":
            remedy = "Give the calendar `versions:`, so that days of the past are still counted as they were."
            yield document.problem((*keys, key), "do not change here", remedy)
        elif key not in _KNOWN:
            yield document.problem((*keys, key), "is not known here", did_you_mean(key, _KNOWN))
        elif key != "from" and not isinstance(change[key], dict):
            yield document.problem(
                (*keys, key), "holds no `key: value` lines", "Write them indented below it."
            )
    if not any(change.get(part) for part in (*_PARTS, _SUCCESSORS)):
        yield document.problem(keys, "changes nothing", f"Give it some of: {', '.join(_PARTS)}.")


def _moment(document: Document, given: object) -> datetime | None:
    """Without an offset it is local to the first site of the file."""
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            return None
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime.combine(given, time())
    if not isinstance(given, datetime):
        return None
    return given if given.tzinfo else given.replace(tzinfo=_zone(document))


def _zone(document: Document) -> ZoneInfo:
    sites = document.value.get("sites")
    first = next(iter(sites.values()), None) if isinstance(sites, dict) else None
    try:
        return ZoneInfo(str(first["timezone"])) if isinstance(first, dict) else ZoneInfo("UTC")
    except (KeyError, ValueError, ZoneInfoNotFoundError):
        return ZoneInfo("UTC")


def _changed(base: Document, document: Document, keys: Keys, change: Mapping[str, Any]) -> Document:
    places: dict[Keys, Place] = {
        way[len(keys) :]: place for way, place in document.places.items() if way[: len(keys)] == keys
    }
    places.pop((), None)
    value = {key: inner for key, inner in change.items() if key in (*_PARTS, _SUCCESSORS)}
    merged = merged_with(base, Document(base.file, value, places))
    # Places of the changes themselves stay, so that a problem can be told by its change.
    return replace(merged, value=_without_the_gone(merged.value), problems=())


def _without_the_gone(value: dict[str, Any]) -> dict[str, Any]:
    """Entries that a change set to nothing are no longer there."""
    kept = {
        part: {key: inner for key, inner in value[part].items() if inner is not None}
        for part in _PARTS
        if isinstance(value.get(part), dict)
    }
    return {**value, **kept}
