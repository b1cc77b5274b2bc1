"""What does one written case ask: which calendar, when, with which pauses and which target?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.worktime.calendar import Calendar
from shared.worktime.pauses import Pause
from shared.worktime.target import End, Target, Unit

_TARGETS = {
    "target_business_days": Unit.WORKING_DAYS,
    "target_business_hours": Unit.WORKING_HOURS,
    "target_business_minutes": Unit.MINUTES,
    "target_minutes": Unit.MINUTES,
    "target_seconds": Unit.SECONDS,
    "target_hours": Unit.WORKING_HOURS,
    "target_days": Unit.DAYS,
    "target_weeks": Unit.WEEKS,
}
_OFFSETS = {
    "offset_business_days": Unit.WORKING_DAYS,
    "offset_business_hours": Unit.WORKING_HOURS,
    "offset_business_minutes": Unit.MINUTES,
}


@dataclass(frozen=True, slots=True)
class Question:
    """A case without its answers."""

    calendar: Calendar
    start: datetime
    stop: datetime | None
    """The end of an elapsed time, where the case asks for one."""
    pauses: tuple[Pause, ...]
    target: Target | None
    escalations: tuple[tuple[Target, datetime], ...]
    """Offsets from the due time, and when each is expected."""


def read_question(case: Mapping[str, object], boundary: End) -> Question:
    """The question of a case. Raises Rejected, KeyError, TypeError or ValueError if unreadable."""
    calendar = case["calendar"]
    if not isinstance(calendar, Mapping):
        raise TypeError("calendar")
    stop, pauses = _events(case.get("events"))
    return Question(
        Calendar.from_mapping({"name": str(case.get("id")), **calendar}),
        moment(case["start"]),
        stop,
        pauses,
        _target(case, boundary),
        tuple(_escalations(case.get("escalations"))),
    )


def moment(text: object) -> datetime:
    """The moment that ISO 8601 text names."""
    return datetime.fromisoformat(str(text))


def _events(listed: object) -> tuple[datetime | None, tuple[Pause, ...]]:
    """The end of the clock if there is one, and its pauses; one never resumed lasts until then."""
    stop: datetime | None = None
    paused_at: datetime | None = None
    pauses: list[Pause] = []
    entries = listed if isinstance(listed, list) else []
    for event in sorted(entries, key=lambda entry: moment(entry["at"])):
        at, kind = moment(event["at"]), event["kind"]
        if kind == "pause":
            paused_at = paused_at or at
        elif kind == "resume":
            pauses += [Pause(paused_at, at)] if paused_at else []
            paused_at = None
        elif kind == "stop":
            stop = at
        else:
            raise ValueError(f"event kind {kind!r}")
    if paused_at is not None:
        pauses.append(Pause(paused_at, stop if stop and stop >= paused_at else None))
    return stop, tuple(pauses)


def _target(case: Mapping[str, object], boundary: End) -> Target | None:
    for key, unit in _TARGETS.items():
        if case.get(key) is not None:
            at_close = bool(case.get("end_of_working_day"))
            return _amount(case[key], unit, End.CLOSE_OF_BUSINESS if at_close else boundary)
    return None


def _amount(written_amount: object, unit: Unit, end: End) -> Target:
    amount = float(str(written_amount))
    if unit is Unit.MINUTES and not amount.is_integer():
        return Target(round(amount * 60), Unit.SECONDS, end)
    if unit is Unit.WORKING_HOURS and not amount.is_integer():
        return Target(round(amount * 3600), Unit.SECONDS, end)
    return Target(int(amount), unit, end)


def _escalations(listed: object) -> Iterator[tuple[Target, datetime]]:
    for level in listed if isinstance(listed, list) else []:
        offset = next(
            _amount(level[key], unit, End.PERIOD_END)
            for key, unit in _OFFSETS.items()
            if level.get(key) is not None
        )
        yield offset, moment(level["expected_at"])
