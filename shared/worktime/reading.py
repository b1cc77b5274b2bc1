"""Which calendar does YAML-shaped data describe, and what is wrong with it if none?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

from shared.errors import Rejected
from shared.worktime.calendar import Calendar, Region, Revision
from shared.worktime.entries import (
    CLOSED,
    SingleDays,
    break_days,
    close_days,
    known_keys,
    missing,
    open_days,
    read_date,
    read_list,
    read_month_day,
    read_region,
    special_days,
    unreadable,
)
from shared.worktime.hours import Week, read_hours, read_week

KNOWN = frozenset(
    {
        "name",
        "timezone",
        "weekly_hours",
        "holidays",
        "recurring_holidays_mm_dd",
        "closed_days",
        "hours",
        "breaks",
        "make_up_days",
        "make_up_hours",
        "version",
        "versions",
        "effective",
        "description",
    }
)
NO_WEEK: Week = ()


def read_calendar(written: Mapping[str, object]) -> Calendar:
    """The calendar. Without a `version` it gets one made of its content, so any change shows.

    Raises Rejected naming the field and a remedy.
    """
    days = SingleDays()
    _known(written, "")
    first = _revision(written, "", days, Revision(date.min, _version(written), NO_WEEK))
    later = _revisions(written, days, first)
    if not first.weekly and not later:
        raise missing("weekly_hours")
    base = first if first.weekly else later[0]
    _refuse_contradictions(days)
    return Calendar(
        name=str(written.get("name", "calendar")),
        timezone=_timezone(written),
        weekly=base.weekly,
        holidays=frozenset(days.off),
        working_days=tuple(sorted(days.worked.items())),
        version=first.version,
        recurring=base.recurring,
        regions=base.regions,
        make_up_hours=read_hours(written.get("make_up_hours"), "make_up_hours"),
        revisions=later,
        names=tuple(sorted(days.names.items())),
        special=tuple(sorted(days.special.items())),
        breaks=tuple(sorted(days.breaks.items())),
    )


def _refuse_contradictions(days: SingleDays) -> None:
    for both in sorted(days.off & set(days.worked)):
        raise Rejected(
            "day-both-open-and-closed",
            f"{both.isoformat()} is both a holiday and a make-up working day.",
            field="make_up_days",
            remedy="Keep the one that is true.",
        )
    for key, others in (("make_up_days", set(days.worked)), ("holidays", days.off)):
        for both in sorted(others & set(days.special)):
            raise Rejected(
                "day-with-two-hours",
                f"{both.isoformat()} has hours of its own and stands under {key} too.",
                field=f"hours.{both.isoformat()}",
                remedy="Keep the one that is true.",
            )


def _revisions(written: Mapping[str, object], days: SingleDays, first: Revision) -> tuple[Revision, ...]:
    later: list[Revision] = []
    for position, version in enumerate(read_list(written.get("versions"), "versions")):
        where = f"versions[{position}]."
        found = _later(version, where, days, later[-1] if later else first)
        if later and found.effective <= later[-1].effective:
            raise Rejected(
                "versions-out-of-order",
                f"A version from {found.effective.isoformat()} follows a later one.",
                field=f"{where}effective",
                remedy="List the versions by rising effective date.",
            )
        later.append(found)
    return tuple(later)


def _later(version: object, where: str, days: SingleDays, before: Revision) -> Revision:
    """A later version; what it does not say stays as it was before."""
    if not isinstance(version, Mapping):
        raise unreadable(where.rstrip("."), version)
    _known(version, where)
    if version.get("effective") is None:
        raise missing(f"{where}effective")
    effective = read_date(version["effective"], f"{where}effective")
    label = str(version.get("version") or effective.isoformat())
    start = Revision(effective, label, before.weekly, before.recurring, before.regions)
    found = _revision(version, where, days, start)
    if not found.weekly:
        raise missing(f"{where}weekly_hours")
    return found


def _revision(written: Mapping[str, object], where: str, days: SingleDays, before: Revision) -> Revision:
    """What the data say from a date on. Single dates go to `days`: they need no version."""
    replaced = bool(where) and "holidays" in written
    regions = set[Region]() if replaced else set(before.regions)
    recurring = set[tuple[int, int]]() if replaced else set(before.recurring)
    for key in ("holidays", "closed_days"):
        for position, entry in enumerate(read_list(written.get(key), f"{where}{key}")):
            field_name = f"{where}{key}[{position}]"
            if isinstance(entry, Mapping):
                known_keys(entry, CLOSED, field_name)
            if isinstance(entry, Mapping) and "country" in entry:
                regions.add(read_region(entry, field_name))
            elif isinstance(entry, Mapping) and "every_year" in entry:
                recurring.add(read_month_day(entry["every_year"], field_name))
            else:
                close_days(entry, field_name, days)
    field_name = f"{where}recurring_holidays_mm_dd"
    for entry in read_list(written.get("recurring_holidays_mm_dd"), field_name):
        recurring.add(read_month_day(entry, field_name))
    open_days(written.get("make_up_days"), f"{where}make_up_days", days)
    special_days(written.get("hours"), f"{where}hours", days)
    break_days(written.get("breaks"), f"{where}breaks", days)
    hours = written.get("weekly_hours")
    weekly = before.weekly if hours is None else read_week(hours, f"{where}weekly_hours")
    ordered = tuple(sorted(regions, key=lambda one: (one.country, one.subdivision)))
    return Revision(before.effective, before.version, weekly, frozenset(recurring), ordered)


def _timezone(written: Mapping[str, object]) -> str:
    zone = written.get("timezone")
    if not isinstance(zone, str) or not zone:
        raise missing("timezone")
    return zone


def _version(written: Mapping[str, object]) -> str:
    if written.get("version") is not None:
        return str(written["version"])
    return hashlib.sha256(repr(_canonical(written)).encode()).hexdigest()[:10]


def _canonical(written: object) -> object:
    """The same for the same content, in whatever order its fields were written."""
    if isinstance(written, Mapping):
        return sorted((str(key), repr(_canonical(value))) for key, value in written.items())
    if isinstance(written, (list, tuple)):
        return [_canonical(value) for value in written]
    return str(written)


def _known(written: Mapping[str, object], where: str) -> None:
    for name in written:
        if name not in KNOWN:
            raise Rejected(
                "unknown-field",
                f"{name!r} is not a field of a calendar.",
                field=f"{where}{name}",
                remedy=f"Known are {', '.join(sorted(KNOWN))}.",
            )
