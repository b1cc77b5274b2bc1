"""What does one written case ask: which calendar, when, with which pauses and which target?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.errors import Rejected
from shared.worktime.calendar import Calendar
from shared.worktime.case_keys import (
    CASE,
    EVENT,
    LEVEL,
    OFFSETS,
    TARGETS,
    check_keys,
    entries,
    flag,
    mapping,
    moment,
    number,
    unreadable,
)
from shared.worktime.pauses import Pause
from shared.worktime.target import WORKING_SECONDS, End, Target, Unit

_KINDS = ("pause", "resume", "stop")
_BOUNDARIES = (End.PERIOD_END, End.NEXT_OPEN)


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
    """The question of a case. Raises Rejected naming the field that cannot be read."""
    check_keys(case, CASE)
    calendar = mapping(case.get("calendar"), "calendar")
    stop, pauses = _events(entries(case.get("events"), "events"))
    return Question(
        Calendar.from_mapping({"name": str(case.get("id")), **calendar}),
        moment(case.get("start"), "start"),
        stop,
        pauses,
        _target(case, boundary),
        tuple(_escalations(entries(case.get("escalations"), "escalations"))),
    )


def boundary_of(case: Mapping[str, object]) -> End:
    """Under which boundary the expected due time holds; not said is period_end. Raises Rejected."""
    said = case.get("boundary")
    if said is None:
        return End.PERIOD_END
    if said not in _BOUNDARIES:
        raise unreadable(said, f"one of {', '.join(_BOUNDARIES)}", "boundary")
    return End(str(said))


def _events(listed: list[object]) -> tuple[datetime | None, tuple[Pause, ...]]:
    """The end of the clock if there is one, and its pauses; one never resumed lasts until then.

    A second `pause` while the clock stands still changes nothing: it is the state that counts.
    """
    stop: datetime | None = None
    paused_at: datetime | None = None
    pauses: list[Pause] = []
    read = [_event(entry, f"events[{position}]") for position, entry in enumerate(listed)]
    for at, kind, field in sorted(read, key=lambda event: event[0]):
        if kind == "pause":
            paused_at = paused_at or at
        elif kind == "resume":
            if paused_at is None:
                raise Rejected("event-impossible", "A resume without a pause before it.", field=field)
            pauses.append(Pause(paused_at, at))
            paused_at = None
        elif stop is not None:
            raise Rejected("event-impossible", "A second stop.", field=field)
        else:
            stop = at
    if paused_at is not None:
        pauses.append(Pause(paused_at, stop if stop and stop >= paused_at else None))
    return stop, tuple(pauses)


def _event(entry: object, field: str) -> tuple[datetime, str, str]:
    event = mapping(entry, field)
    check_keys(event, EVENT, f"{field}.")
    kind = event.get("kind")
    if kind not in _KINDS:
        raise unreadable(kind, f"one of {', '.join(_KINDS)}", f"{field}.kind")
    return moment(event.get("at"), f"{field}.at"), str(kind), field


def _target(case: Mapping[str, object], boundary: End) -> Target | None:
    given = _only_one(case, TARGETS, "")
    if given is None:
        return None
    at_close = flag(case.get("end_of_working_day"), "end_of_working_day")
    return _amount(case[given], TARGETS[given], End.CLOSE_OF_BUSINESS if at_close else boundary, given)


def _escalations(listed: list[object]) -> Iterator[tuple[Target, datetime]]:
    for position, entry in enumerate(listed):
        where = f"escalations[{position}]."
        level = mapping(entry, where.rstrip("."))
        check_keys(level, LEVEL, where)
        given = _only_one(level, OFFSETS, where)
        if given is None:
            raise Rejected("offset-missing", f"A level needs one of {', '.join(OFFSETS)}.", field=where)
        offset = _amount(level[given], OFFSETS[given], End.PERIOD_END, f"{where}{given}")
        yield offset, moment(level.get("expected_at"), f"{where}expected_at")


def _only_one(written: Mapping[str, object], names: Mapping[str, Unit], where: str) -> str | None:
    """Which of the names is given. Raises Rejected('targets-contradict') if several are."""
    given = [name for name in names if written.get(name) is not None]
    if len(given) > 1:
        raise Rejected(
            "targets-contradict", f"{' and '.join(given)} are both given.", field=f"{where}{given[1]}"
        )
    return given[0] if given else None


def _amount(written_amount: object, unit: Unit, end: End, field: str) -> Target:
    """The target; a part of a minute or hour is counted in seconds. Raises Rejected."""
    amount = number(written_amount, field)
    if amount.is_integer():
        return Target(int(amount), unit, end)
    seconds = amount * WORKING_SECONDS.get(unit, 0)
    if not seconds or abs(seconds - round(seconds)) > 0.001:  # noqa: PLR2004 - a millisecond
        raise unreadable(written_amount, "a whole number of seconds or days", field)
    return Target(round(seconds), Unit.SECONDS, end)
