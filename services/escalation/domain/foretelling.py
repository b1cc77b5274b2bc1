"""How probable is it that this clock of this complaint is missed, if that is known at all?"""

from __future__ import annotations

from datetime import datetime

from services.escalation.domain.clock import Clock, ClockState
from services.escalation.domain.life import share_of
from services.escalation.domain.proving import Learned
from services.escalation.domain.sheet import ClockSheet


def group_of(site: str, department: str | None) -> str:
    """What forecasts call a department: the same name at two sites is two departments."""
    return f"{site}:{department or ''}"


def foretold(clock: Clock, sheet: ClockSheet, learned: Learned | None, now: datetime) -> float | None:
    """Between 0 and 1, three digits; None unless it runs and forecasts of its name have proved better."""
    if learned is None or clock.state is not ClockState.RUNNING:
        return None
    share = share_of(clock.started_at, clock.due_at, now)
    department = group_of(sheet.site, sheet.department)
    probability = learned.shown(clock.name, department, clock.started_at, clock.due_at, share)
    return None if probability is None else round(probability, 3)
