"""How does a clock look to those who may see it? With its proofs, and the reasons for its due date."""

from __future__ import annotations

from datetime import datetime

from services.escalation.domain.clock import Clock, ClockState
from services.escalation.domain.timing import explanation_of
from shared.errors import Rejected
from shared.host.fields import Answer
from shared.policy.model import Rulebook
from shared.worktime import Calendar, Explanation, local_time


class WarningLine(Answer):
    """A warning point."""

    percent: int
    at: datetime
    fired: bool


class PauseLine(Answer):
    """A time in which the clock stood still; without `end` it still does."""

    start: datetime
    end: datetime | None
    waiting_for: str
    by: str


class FormerLine(Answer):
    """A due date that no longer holds."""

    due_at: datetime
    target: str
    given_up_at: datetime
    reason: str
    breached_at: datetime | None


class ClockLine(Answer):
    """One clock with its proofs; `explanation` says in plain lines why it is due then."""

    clock: str
    life: int
    round: int
    state: ClockState
    started_at: datetime
    target: str
    due_at: datetime
    late: bool
    met_at: datetime | None
    breached_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    policy_version: str
    warnings: list[WarningLine]
    pauses: list[PauseLine]
    former: list[FormerLine]
    explanation: list[str]
    breach_probability: float | None = None
    """That it will be missed, 0 to 1; only while it runs and where forecasts have proved better than the
    base rate."""


def line_of(
    clock: Clock, site: str, rules: Rulebook, language: str, breach_probability: float | None = None
) -> ClockLine:
    """A clock as the doors show it, explained by the terms under which it was promised."""
    return ClockLine(
        clock=clock.name,
        life=clock.life,
        round=clock.round,
        state=clock.state,
        started_at=clock.started_at,
        target=clock.target,
        due_at=clock.due_at,
        late=clock.late,
        met_at=clock.met_at,
        breached_at=clock.breached_at,
        cancelled_at=clock.cancelled_at,
        cancel_reason=clock.cancel_reason,
        policy_version=clock.policy_version,
        warnings=[WarningLine(percent=p.percent, at=p.at, fired=p.fired) for p in clock.warnings],
        pauses=[
            PauseLine(start=p.start, end=p.end, waiting_for=p.waiting_for, by=p.by) for p in clock.pauses
        ],
        former=[
            FormerLine(
                due_at=f.due_at,
                target=f.target,
                given_up_at=f.given_up_at,
                reason=f.reason,
                breached_at=f.breached_at,
            )
            for f in clock.former
        ],
        explanation=_explanation(clock, rules.calendar_of(site, clock.terms), language),
        breach_probability=breach_probability,
    )


_AGREED = {"zh": "到期时间是约定的。", "en": "The due date was agreed upon."}
_STANDS = {"zh": "此时钟现在暂停。", "en": "The clock stands still now."}
_UNKNOWN = {
    "zh": "到期时间：{due}（{zone}）。时限：{target}，依据版本 {version}；当时的日历已无法查到。",
    "en": "Due {due} ({zone}). Target: {target} by version {version}; the calendar of then is not known.",
}


def _explanation(clock: Clock, calendar: Calendar, language: str) -> list[str]:
    if clock.agreed_at is not None:
        return [_AGREED[language]]
    why = _why(clock, calendar)
    if why is None:
        # Made by an earlier release, or its terms are lost: better no reasons than those of another date.
        due = f"{local_time(clock.due_at, calendar.zone):%Y-%m-%d %H:%M}"
        words = {"target": clock.target, "version": clock.policy_version, "zone": calendar.timezone}
        return [_UNKNOWN[language].format(due=due, **words)]
    lines = list(why.lines(language))
    return [*lines, _STANDS[language]] if clock.paused_since is not None else lines


def _why(clock: Clock, calendar: Calendar) -> Explanation | None:
    """The reasons for its due date; None: in this calendar it would be another."""
    try:
        why = explanation_of(clock, calendar)
    except Rejected:
        return None
    return why if why.due_at == clock.due_at else None
