"""What is the business calendar of a site, and which hours does a given day have in it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from shared.errors import Rejected
from shared.worktime.hours import DAYS, NO_HOURS, Hours, Week, check_hours, without
from shared.worktime.public_holidays import EDITION, public_days


class DayKind(StrEnum):
    """Why a day has the hours it has."""

    WEEKLY = "weekly"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    SPECIAL = "special"
    """Other opening on this one date."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local date of a calendar."""

    on: date
    hours: Hours
    kind: DayKind = DayKind.WEEKLY
    name: str = ""
    name_zh: str = ""
    usually_open: bool = False
    """Whether the weekly hours alone would open this day."""
    breaks: Hours = NO_HOURS
    """Parts of this date that are closed; `hours` has them no more."""
    is_cut: bool = False
    """Whether those breaks took any of its hours away."""


@dataclass(frozen=True, slots=True)
class Region:
    """A country or region whose public holidays (and make-up working days) a calendar keeps."""

    country: str
    subdivision: str = ""
    make_up_days: bool = True


@dataclass(frozen=True, slots=True)
class Revision:
    """What a calendar says from an effective local date on, until the next revision."""

    effective: date
    version: str
    weekly: Week
    recurring: frozenset[tuple[int, int]] = frozenset()
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """A business calendar: weekly hours in one time zone, and the days that differ.

    On a given date the first that applies decides: special, working_days, holidays, recurring, make-up
    days of the regions, their holidays, weekly hours of the revision in force. Breaks are cut out of
    whatever hours the date has then.
    Raises Rejected for an unknown time zone or impossible hours. Source: C-02, edge case 6.
    """

    name: str
    timezone: str
    weekly: Week
    holidays: frozenset[date] = frozenset()
    working_days: tuple[tuple[date, Hours], ...] = ()
    version: str = "1"
    recurring: frozenset[tuple[int, int]] = frozenset()
    """Holidays of every year, as (month, day)."""
    regions: tuple[Region, ...] = ()
    make_up_hours: Hours = NO_HOURS
    """Hours of a region's make-up day; empty means those of the week's first open day."""
    revisions: tuple[Revision, ...] = ()
    """Later versions, by rising effective date; before the first the calendar itself applies."""
    names: tuple[tuple[date, str], ...] = ()
    """Names of single days, where they are known."""
    special: tuple[tuple[date, Hours], ...] = ()
    """Dates with hours of their own."""
    breaks: tuple[tuple[date, Hours], ...] = ()
    """Dates that are closed for a part of the day."""
    memory: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Tables computed from the fields above, kept for speed; no part of what a calendar is."""

    def __post_init__(self) -> None:
        """Refuses what could only fail later, in the middle of a deadline."""
        try:
            self.memory["zone"] = ZoneInfo(self.timezone)
        except (KeyError, OSError, ValueError) as unknown:
            raise Rejected(
                "unknown-timezone",
                f"{self.timezone!r} is not a time zone.",
                field="timezone",
                remedy="Use an IANA name such as Asia/Shanghai or Europe/London.",
            ) from unknown
        for week in (self.weekly, *(revision.weekly for revision in self.revisions)):
            _check_week(week)
        for key, days in (
            ("make_up_days", self.working_days),
            ("hours", self.special),
            ("breaks", self.breaks),
        ):
            for day, hours in days:
                check_hours(hours, f"{key}.{day.isoformat()}")
        self.memory["working"] = dict(self.working_days)
        self.memory["special"] = dict(self.special)
        self.memory["breaks"] = dict(self.breaks)
        self.memory["names"] = dict(self.names)
        self.memory["first"] = Revision(date.min, self.version, self.weekly, self.recurring, self.regions)

    @staticmethod
    def from_mapping(written: Mapping[str, object]) -> Calendar:
        """The calendar that YAML-shaped data describes. Raises Rejected naming field and remedy."""
        from shared.worktime.reading import read_calendar  # noqa: PLC0415 - reading builds calendars

        return read_calendar(written)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the hours are meant."""
        zone = self.memory["zone"]
        assert isinstance(zone, ZoneInfo)
        return zone

    @property
    def public_days_edition(self) -> str:
        """By which release of the holidays library it counts; empty: it keeps no region's public days."""
        return EDITION if any(rule.regions for rule in (self.memory["first"], *self.revisions)) else ""

    def in_force(self, on: date) -> Revision:
        """What applies on that local date."""
        for revision in reversed(self.revisions):
            if revision.effective <= on:
                return revision
        first = self.memory["first"]
        assert isinstance(first, Revision)
        return first

    def day(self, on: date) -> Day:
        """The hours of that local date, and why it has them. Not cached: see `timeline`."""
        day = self._whole_day(on)
        breaks = self.memory["breaks"].get(on)
        if breaks is None:
            return day
        left = without(day.hours, breaks)
        return replace(day, hours=left, breaks=breaks, is_cut=left != day.hours)

    def _whole_day(self, on: date) -> Day:
        """The date as if nothing closed a part of it."""
        rule = self.in_force(on)
        weekly = rule.weekly[on.weekday()]
        name = self.memory["names"].get(on, "")
        if (hours := self.memory["special"].get(on)) is not None:
            return Day(on, hours, DayKind.SPECIAL, name, name, bool(weekly))
        if (hours := self.memory["working"].get(on)) is not None:
            return Day(on, hours, DayKind.MAKE_UP, name, name, bool(weekly))
        if on in self.holidays or (on.month, on.day) in rule.recurring:
            return Day(on, NO_HOURS, DayKind.HOLIDAY, name, name, bool(weekly))
        public = self._public_day(on, rule, weekly) if rule.regions else None
        return public or Day(on, weekly, DayKind.WEEKLY, name, name, bool(weekly))

    def _public_day(self, on: date, rule: Revision, weekly: Hours) -> Day | None:
        for region in rule.regions:
            public = public_days(region.country, region.subdivision, on.year)
            if on in public.worked and region.make_up_days and not weekly:
                return Day(on, self._make_up_hours(rule), DayKind.MAKE_UP, "", "")
            if on in public.off:
                names = public.off[on], public.off_zh.get(on, public.off[on])
                return Day(on, NO_HOURS, DayKind.HOLIDAY, *names, bool(weekly))
        return None

    def _make_up_hours(self, rule: Revision) -> Hours:
        return self.make_up_hours or next((hours for hours in rule.weekly if hours), NO_HOURS)


def _check_week(week: Week) -> None:
    if len(week) != len(DAYS):
        raise Rejected(
            "week-incomplete",
            f"A week has {len(DAYS)} days, not {len(week)}.",
            field="weekly_hours",
            remedy="Give seven entries, Monday first; an empty one means closed.",
        )
    for name, hours in zip(DAYS, week, strict=True):
        check_hours(hours, f"weekly_hours.{name}")
