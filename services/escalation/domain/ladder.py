"""Who is to be told next? The ladder of a profile, bottom-up (ESC-01 to ESC-06, RCS-01, RCS-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.escalation.domain.involvement import involvement_of
from services.escalation.domain.sheet import ClockSheet
from shared.participation import reachable
from shared.policy.model import Level, Rulebook
from shared.worktime import Target, Unit, due_at

_A_SECOND = Target(1, Unit.SECONDS)


@dataclass(frozen=True, slots=True)
class Rung:
    """A level with the people who are there to be told."""

    level: int
    to: tuple[str, ...]
    climbs_at: datetime | None
    """Until when one of them may answer; None: nobody is above."""


def next_rung(
    sheet: ClockSheet, above: int, told: frozenset[str], *, rules: Rulebook, now: datetime
) -> Rung | None:
    """The lowest level above that has somebody new to tell; None if there is none.

    Absent people are represented by their stand-ins, persons complained about are passed over, and
    nobody who was told already is told again.
    """
    levels = sorted(rules.profile_of(sheet.site).escalation, key=lambda level: level.level)
    higher = [level for level in levels if level.level > above]
    for position, level in enumerate(higher, start=1):
        people = _people(sheet, level, told, rules=rules, now=now)
        if people:
            is_top = position == len(higher)
            told_at = quiet_until(sheet, rules, now) or now
            return Rung(level.level, people, _until(sheet, level, is_top, rules, told_at))
    return None


def first_level(sheet: ClockSheet, rules: Rulebook) -> int:
    """The level that is told first: a grave case need not begin at the bottom."""
    return rules.profile_of(sheet.site).alarming.starts_at.get(sheet.severity, 1)


def quiet_until(sheet: ClockSheet, rules: Rulebook, now: datetime) -> datetime | None:
    """When the site opens, if such an alarm has to wait for that; None: it may go out now."""
    if sheet.severity not in rules.profile_of(sheet.site).alarming.quiet:
        return None
    # One working second from now ends one second after the desk is open: now, or at its opening.
    opens = due_at(rules.calendar_of(sheet.site), now, _A_SECOND) - timedelta(seconds=1)
    return opens if opens > now else None


def top_level(sheet: ClockSheet, rules: Rulebook) -> int:
    """The number of the last level; 1 where the profile has no ladder."""
    return max((level.level for level in rules.profile_of(sheet.site).escalation), default=1)


def _people(
    sheet: ClockSheet, level: Level, told: frozenset[str], *, rules: Rulebook, now: datetime
) -> tuple[str, ...]:
    return people_of(sheet, level.to, told, rules=rules, now=now)


def people_of(
    sheet: ClockSheet, roles: tuple[str, ...], told: frozenset[str], *, rules: Rulebook, now: datetime
) -> tuple[str, ...]:
    """Those who hold the roles and may be told: not the accused, the present ones, nobody of `told`."""
    found = reachable(roles, involvement_of(sheet), rules, now)
    return tuple(person for person in found if person not in told)


def _until(sheet: ClockSheet, level: Level, is_top: bool, rules: Rulebook, now: datetime) -> datetime | None:
    if is_top or level.acknowledge_within is None:
        return None
    return due_at(rules.calendar_of(sheet.site), now, level.acknowledge_within)
