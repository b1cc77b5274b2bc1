"""By when is each step of a periodic survey to be done? Each counts from a zero point of its own (SLA-18).

A policy names moments in its own words: `forms issued` ends one step and is the zero point of the next. A
round is one run of such a survey at one site, with the moments that have come so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.errors import Conflict, Rejected
from shared.policy.asking import SurveyPlan
from shared.policy.problems import did_you_mean
from shared.worktime import Calendar, due_at

OLDEST = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Round:
    """One run of a survey: which moments have come, and when."""

    round_id: UUID
    site: str
    survey: str
    moments: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Due:
    """One step: `due_at` None while its zero point has not come, `done_at` None until it is done."""

    step: str
    since: str
    ends: str
    due_at: datetime | None
    done_at: datetime | None
    is_overdue: bool
    """Done too late, or not done though it is due."""


def timetable(plan: SurveyPlan, survey: Round, calendar: Calendar, now: datetime) -> tuple[Due, ...]:
    """Every step of the plan in its order, due in the working calendar of the site."""
    found = []
    for step in plan.steps:
        began, done = survey.moments.get(step.since), survey.moments.get(step.end)
        due = due_at(calendar, began, step.within) if began is not None else None
        is_overdue = due is not None and (done or now) > due
        found.append(Due(step.name, step.since, step.end, due, done, is_overdue))
    return tuple(found)


def moments_of(plan: SurveyPlan) -> tuple[str, ...]:
    """The moments that the plan knows, each once, in the order in which they come."""
    return tuple(dict.fromkeys(name for step in plan.steps for name in (step.since, step.end)))


def reached(plan: SurveyPlan, survey: Round, moment: str, at: datetime, now: datetime) -> Round:
    """The round with this moment; the same again changes nothing.

    Raises Rejected('unknown-moment', 'moment-in-future', 'moment-too-long-ago'), Conflict('moment-known').
    """
    known = moments_of(plan)
    if moment not in known:
        raise Rejected(
            "unknown-moment",
            f"the survey {plan.name} knows no moment {moment}",
            field="moment",
            remedy=f"{did_you_mean(moment, known)} It knows: {', '.join(known)}.".strip(),
        )
    if at > now:
        raise Rejected("moment-in-future", f"{at.isoformat()} has not come yet", field="at")
    if at < now - OLDEST:
        raise Rejected("moment-too-long-ago", f"{at.isoformat()} is a typing error", field="at")
    before = survey.moments.get(moment)
    if before is not None and before != at:
        raise Conflict("moment-known", f"{moment} was noted at {before.isoformat()}", field="moment")
    return survey if before is not None else replace(survey, moments={**survey.moments, moment: at})


def plan_named(plans: tuple[SurveyPlan, ...], name: str) -> SurveyPlan:
    """The survey of that name, if it has steps. Raises Rejected('unknown-survey')."""
    timed = {plan.name: plan for plan in plans if plan.steps}
    if name not in timed:
        raise Rejected(
            "unknown-survey",
            f"policy has no survey {name} with steps",
            field="survey",
            remedy=f"It has: {', '.join(timed) or 'none'}.",
        )
    return timed[name]
