"""What happens when a promise is broken? An alarm is raised, and climbs until a human answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.escalation.domain.alarm import Alert, Escalation
from services.escalation.domain.clock import Clock
from services.escalation.domain.ladder import (
    Rung,
    first_level,
    next_rung,
    people_of,
    quiet_until,
    top_level,
)
from services.escalation.domain.sheet import ClockSheet, with_escalation
from services.escalation.domain.turn import Turn
from shared.deciding import Notice
from shared.events.escalation import EscalationRaised
from shared.ids import derived_id
from shared.policy.model import Rulebook
from shared.worktime.local_time import local

CAUSE = "clock-breached"
HANDED_UP = "handed-up"
"""Somebody who has the case cannot solve it and says so (ESC-01, ESC-09)."""
TEMPLATES = {CAUSE: "clock-breached", HANDED_UP: "handed-up"}
"""What asks people to act, by cause."""
COPY = "clock-breached-copy"
BETWEEN = "~"
"""Between alarm and person in the reference that becomes a person's own link."""


def raise_alarm(
    turn: Turn, clock: Clock, *, rules: Rulebook, now: datetime, cause: str = CAUSE, by: str | None = None
) -> Turn:
    """The turn with an alarm about this clock, told to the lowest level that has anybody but `by`.

    Nobody at all to be found leaves the alarm standing at the top, where lists and metrics show it.
    """
    sheet = turn.sheet
    ordinal = 1 + sum((one.clock, one.cause) == (clock.name, cause) for one in sheet.escalations)
    parts = [str(sheet.complaint_id), clock.name, str(clock.key), str(ordinal)]
    identifier = derived_id(clock.due_at, *parts, *(() if cause == CAUSE else (cause,)))
    ladder = _seen_by(sheet, clock)
    first = first_level(sheet, rules) - 1
    known = frozenset({by} if by else ())
    rung = next_rung(ladder, first, known, rules=rules, now=now)
    if rung is None and first:
        rung = next_rung(ladder, 0, known, rules=rules, now=now)
    escalation = Escalation(
        id=identifier,
        clock=clock.name,
        life=clock.life,
        round=clock.round,
        ordinal=ordinal,
        due_at=clock.due_at,
        cause=cause,
        alerts=(),
        climbs_at=None,
    )
    return _tell(turn, escalation, rung or Rung(top_level(sheet, rules), (), None), rules, now)


def climb(turn: Turn, escalation: Escalation, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn with the next level told, or with the alarm resting where nobody is above."""
    sheet = turn.sheet
    key = (escalation.clock, escalation.life, escalation.round)
    clock = next((one for one in sheet.clocks if one.key == key), None)
    rung = next_rung(_seen_by(sheet, clock), escalation.level, escalation.told, rules=rules, now=now)
    if rung is None:
        return turn.on(with_escalation(sheet, replace(escalation, climbs_at=None)))
    return _tell(turn, escalation, rung, rules, now)


def _seen_by(sheet: ClockSheet, clock: Clock | None) -> ClockSheet:
    """The sheet in the eyes of whoever has to keep the clock: an action's department has its own head."""
    if clock is None or clock.department is None:
        return sheet
    return replace(sheet, department=clock.department)


def _tell(turn: Turn, escalation: Escalation, rung: Rung, rules: Rulebook, now: datetime) -> Turn:
    told = replace(
        escalation,
        alerts=(*escalation.alerts, Alert(rung.level, rung.to, now)),
        climbs_at=rung.climbs_at,
    )
    sheet = with_escalation(turn.sheet, told)
    raised = EscalationRaised(
        complaint_no=sheet.complaint_no,
        escalation_id=str(told.id),
        clock=told.clock,
        level=rung.level,
        to=rung.to,
        cause=told.cause,
        due_at=told.due_at,
    )
    later = quiet_until(sheet, rules, now)
    notices = [_notice(sheet, told, person, rules, later) for person in rung.to]
    if len(told.alerts) == 1:
        notices += _copies(sheet, told, rules, now)
    return turn.then(sheet, raised, notices=tuple(notices))


def _copies(sheet: ClockSheet, escalation: Escalation, rules: Rulebook, now: datetime) -> list[Notice]:
    """What those get who are only to know (ESC-10, ESC-11); whoever is asked to act needs no copy.

    A copy is no alert: climbing may still ask its reader to answer.
    """
    roles = rules.profile_of(sheet.site).alarming.copied_to(sheet.facts)
    people = people_of(sheet, roles, escalation.told, rules=rules, now=now)
    later = quiet_until(sheet, rules, now)
    originals = (_notice(sheet, escalation, person, rules, later) for person in people)
    return [replace(original, key=f"{original.key}:copy", template=COPY) for original in originals]


def notice_key(complaint_id: UUID, escalation: Escalation, level: int, person: str) -> str:
    """What names the notice of this alarm to this person: nobody is told twice for one cause.

    A later alarm of the same clock (extended, reopened) is another cause.
    """
    cause = f"{complaint_id}:{escalation.clock}:{level}:{person}"
    if escalation.cause != CAUSE:
        cause = f"{cause}:{escalation.cause}"
    return cause if escalation.ordinal == 1 else f"{cause}:{escalation.ordinal}"


def _notice(
    sheet: ClockSheet, escalation: Escalation, person: str, rules: Rulebook, later: datetime | None
) -> Notice:
    site = rules.site(sheet.site)
    there = local(escalation.due_at, ZoneInfo(site.timezone))
    known = rules.person(person)
    return Notice(
        key=notice_key(sheet.complaint_id, escalation, escalation.level, person),
        to=person,
        template=TEMPLATES[escalation.cause],
        language=known.language if known else site.language,
        values={
            "complaint_no": sheet.complaint_no,
            "clock": escalation.clock,
            "due_at": f"{there:%Y-%m-%d %H:%M} ({site.timezone})",
            "level": str(escalation.level),
            "site": sheet.site,
            "department": sheet.department or "-",
            "link": f"ack:{escalation.id}{BETWEEN}{person}",
        },
        not_before=later,
    )
