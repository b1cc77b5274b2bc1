"""Which clocks has a corrective action? One until it is done, one until its effect is judged (CAP-03)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from services.escalation.domain.clock import ACTION, Clock, WarningPoint
from services.escalation.domain.sheet import ClockSheet
from shared.policy.model import Rulebook
from shared.worktime.local_time import local

EFFECT = f"{ACTION}effect"
"""The clock of the check, whatever step it is about."""
CANCELLED = "action.cancelled"


def due_clock(
    sheet: ClockSheet,
    action_id: str,
    discipline: str,
    department: str,
    *,
    started_at: datetime,
    due_at: datetime,
    rules: Rulebook,
) -> Clock:
    """The clock of an action that was opened; kept when it is completed."""
    name = f"{ACTION}{discipline}"
    return _fixed(sheet, name, "action.completed", action_id, department, started_at, due_at, rules)


def effect_clock(
    sheet: ClockSheet,
    action_id: str,
    department: str,
    *,
    started_at: datetime,
    due_at: datetime,
    rules: Rulebook,
) -> Clock:
    """The clock of an action that was completed; kept when somebody judges its effect."""
    return _fixed(sheet, EFFECT, "action.verified", action_id, department, started_at, due_at, rules)


def is_known(sheet: ClockSheet, clock: Clock) -> bool:
    """Whether this very clock was begun before: the same action, from the same moment."""
    return any(
        (one.name, one.meets_on, one.started_at) == (clock.name, clock.meets_on, clock.started_at)
        for one in sheet.clocks
    )


def _fixed(
    sheet: ClockSheet,
    name: str,
    meets_on: str,
    action_id: str,
    department: str,
    started_at: datetime,
    due_at: datetime,
    rules: Rulebook,
) -> Clock:
    """A clock with a due date that somebody named: no pause of the case moves it."""
    profile = rules.profile_of(sheet.site)
    there = local(due_at, ZoneInfo(rules.site(sheet.site).timezone))
    span = due_at - started_at
    return Clock(
        name=name,
        started_at=started_at,
        target=there.date().isoformat(),
        due_at=due_at,
        agreed_at=due_at,
        policy_version=profile.version,
        meets_on=(f"{meets_on}:{action_id}",),
        cancels_on=(f"{CANCELLED}:{action_id}",),
        life=sheet.life,
        # Clocks of one name are told apart by their round; a complaint may have several actions at once.
        round=sum(one.name == name for one in sheet.clocks),
        warnings=tuple(
            WarningPoint(percent, started_at + span * percent / 100)
            for percent in profile.corrective.warn_at_percent
        ),
        department=department,
    )
