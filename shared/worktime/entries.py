"""What does one entry of a written calendar say: a closed day, an open one, a country, a date?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shared.errors import Rejected
from shared.worktime.calendar import Region
from shared.worktime.hours import NO_HOURS, Hours, check_hours, read_hours
from shared.worktime.public_holidays import public_days

LONGEST_CLOSURE_DAYS = 3660
CLOSED = frozenset({"date", "from", "to", "every_year", "country", "subdivision", "make_up_days", "name"})
"""What an entry under `holidays` may say of itself."""
OPENED = frozenset({"hours", "name"})
"""What an entry under `make_up_days`, `hours` or `breaks` may say of itself."""
_ANY_YEAR = 2024
_YES, _NO = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


@dataclass(slots=True)
class SingleDays:
    """What has been gathered so far about single days."""

    off: set[date] = field(default_factory=set)
    worked: dict[date, Hours] = field(default_factory=dict)
    names: dict[date, str] = field(default_factory=dict)
    special: dict[date, Hours] = field(default_factory=dict)
    breaks: dict[date, Hours] = field(default_factory=dict)


def close_days(entry: object, field_name: str, days: SingleDays) -> None:
    """A date, `{date, name}` or `{from, to, name}` is closed."""
    if not isinstance(entry, Mapping):
        days.off.add(read_date(entry, field_name))
        return
    for on in _range(entry, field_name):
        days.off.add(on)
        if entry.get("name"):
            days.names[on] = str(entry["name"])


def _range(entry: Mapping[str, object], field_name: str) -> Iterator[date]:
    first = read_date(entry.get("date", entry.get("from")), field_name)
    last = read_date(entry.get("to", first), field_name)
    if not 0 <= (last - first).days <= LONGEST_CLOSURE_DAYS:
        raise Rejected(
            "closure-out-of-order",
            f"A closure from {first.isoformat()} to {last.isoformat()} cannot be meant.",
            field=field_name,
            remedy="Give the first day as `from` and the last as `to`.",
        )
    return (first + timedelta(days=more) for more in range((last - first).days + 1))


def open_days(written: object, field_name: str, days: SingleDays) -> None:
    """Make-up days: a mapping from date to hours, or to `{hours, name}`."""
    for on, hours, where in _single_days(written, field_name, days):
        if not hours:
            raise Rejected(
                "make-up-day-without-hours",
                f"Make-up day {on.isoformat()} has no hours.",
                field=where,
                remedy='Give its hours, for example [["09:00", "18:00"]].',
            )
        days.worked[on] = hours


def special_days(written: object, field_name: str, days: SingleDays) -> None:
    """Other opening on single dates: as make-up days, for dates that are open anyway too."""
    for on, hours, where in _single_days(written, field_name, days):
        if not hours:
            raise Rejected(
                "day-without-hours",
                f"{on.isoformat()} has no hours.",
                field=where,
                remedy="Give its hours; a closed day stands under holidays.",
            )
        days.special[on] = hours


def break_days(written: object, field_name: str, days: SingleDays) -> None:
    """Closed parts of single dates: a mapping from date to what is closed, or to `{hours, name}`."""
    for on, closed, where in _single_days(written, field_name, days):
        if not closed:
            raise Rejected(
                "break-without-hours",
                f"{on.isoformat()} does not say when it is closed.",
                field=where,
                remedy='Give the closed part, for example [["12:00", "17:30"]].',
            )
        days.breaks[on] = tuple(sorted({*days.breaks.get(on, NO_HOURS), *closed}))
        check_hours(days.breaks[on], where)


def _single_days(written: object, field_name: str, days: SingleDays) -> Iterator[tuple[date, Hours, str]]:
    """Each date with its intervals and the field that it stands in; names are noted."""
    if written is None:
        return
    if not isinstance(written, Mapping):
        raise unreadable(field_name, written)
    for key, said in written.items():
        where = f"{field_name}.{key}"
        on, hours = read_date(key, where), said
        if isinstance(said, Mapping):
            known_keys(said, OPENED, where)
            days.names[on] = str(said.get("name", ""))
            hours = said.get("hours")
        yield on, read_hours(hours, where), where


def read_region(entry: Mapping[str, object], field_name: str) -> Region:
    """The country or region named. Raises Rejected('unknown-country')."""
    country = entry["country"]
    if not isinstance(country, str):
        # A reader of YAML 1.1 has made false of the word NO, which is Norway.
        raise Rejected(
            "unknown-country",
            f"{country!r} is no country code.",
            field=field_name,
            remedy='Put the code in quotes, for example country: "NO" for Norway.',
        )
    subdivision = str(entry.get("subdivision") or "")
    try:
        public_days(
            country, subdivision, _ANY_YEAR
        )  # Whether the library knows it does not depend on the year.
    except Rejected as unknown:
        raise Rejected(unknown.code, unknown.detail, field=field_name, remedy=unknown.remedy) from unknown
    return Region(
        country, subdivision, read_flag(entry.get("make_up_days", True), f"{field_name}.make_up_days")
    )


def read_flag(written: object, field_name: str) -> bool:
    """Yes or no, as a truth value or as a word. Raises Rejected('flag-unreadable')."""
    word = str(written).lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise Rejected(
        "flag-unreadable", f"{written!r} is neither yes nor no.", field=field_name, remedy="Write yes or no."
    )


def known_keys(entry: Mapping[str, object], known: frozenset[str], field_name: str) -> None:
    """Raises Rejected('unknown-field') for a key that would otherwise be passed over in silence."""
    for name in entry:
        if name not in known:
            raise Rejected(
                "unknown-field",
                f"{name!r} is nothing that a day can say of itself.",
                field=f"{field_name}.{name}",
                remedy=f"Known are {', '.join(sorted(known))}.",
            )


def read_list(written: object, field_name: str) -> list[object]:
    """A list, or nothing for what is absent. Raises Rejected."""
    if written is None:
        return []
    if not isinstance(written, (list, tuple)):
        raise unreadable(field_name, written)
    return list(written)


def read_date(written: object, field_name: str) -> date:
    """A date, as YAML gives it or as text. Raises Rejected('date-unreadable')."""
    try:
        # A moment is no day: which day it is depends on where one stands.
        if isinstance(written, date) and not isinstance(written, datetime):
            return written
        return date.fromisoformat(str(written))
    except ValueError as unknown:
        raise Rejected(
            "date-unreadable",
            f"{written!r} is not a date.",
            field=field_name,
            remedy="Write 2026-10-01.",
        ) from unknown


def read_month_day(written: object, field_name: str) -> tuple[int, int]:
    """Month and day of `12-25`. Raises Rejected."""
    day = read_date(f"2000-{written}", field_name)  # 2000 had a 29 February.
    return day.month, day.day


def missing(field_name: str) -> Rejected:
    """What to raise for a field that must be there."""
    return Rejected(
        "field-missing",
        f"A calendar needs {field_name}.",
        field=field_name,
        remedy='Add it: timezone: Asia/Shanghai, or weekly_hours: {mon: [["09:00", "18:00"]]}.',
    )


def unreadable(field_name: str, written: object) -> Rejected:
    """What to raise for a value of the wrong shape."""
    return Rejected(
        "field-unreadable",
        f"{written!r} does not have the expected shape.",
        field=field_name,
        remedy="Compare with an example calendar.",
    )
