"""Is a step of a periodic survey late? Then whoever has to do it is told, once (SLA-18)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from services.surveys.domain.timetable import Due, Round, timetable
from services.surveys.settings import Settings
from services.surveys.store.queries import InvitationQueries
from shared.database.transaction import FAILURES
from shared.deciding import Notice
from shared.errors import KesuError
from shared.host.desk import Desk
from shared.policy.asking import SurveyPlan
from shared.policy.model import Rulebook
from shared.worktime.local_time import local

log = structlog.get_logger("kesu.rounds")
TEMPLATE = "survey-step-overdue"
_EVERY_SECONDS = 60.0


async def chase(_settings: Settings, desk: Desk[InvitationQueries]) -> None:
    """A chore that looks every minute; what fails is logged and tried at the next turn."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        try:
            await once(desk.queries, desk.rules(), desk.clock.now())
        except (KesuError, *FAILURES) as error:
            log.warning("rounds.failed", error=type(error).__name__)


async def once(queries: InvitationQueries, rules: Rulebook, now: datetime) -> int:
    """How many letters the late steps of the newest rounds ask for, those that went out before too."""
    told = [
        (survey.round_id, notice)
        for survey in await queries.rounds.newest(None)
        for notice in letters(survey, rules, now)
    ]
    await queries.rounds.tell(told)
    return len(told)


def letters(survey: Round, rules: Rulebook, now: datetime) -> Iterator[Notice]:
    """One to each who answers for a step that is due and not done; none where policy dropped the survey."""
    if survey.site not in rules.organisation.sites:
        return
    plans = rules.profile_of(survey.site).surveys
    plan = next((plan for plan in plans if plan.name == survey.survey), None)
    if plan is None:
        return
    for due in timetable(plan, survey, rules.calendar_of(survey.site), now):
        if due.is_overdue and due.done_at is None and due.due_at is not None:
            for person in people(plan, survey.site, rules):
                yield _letter(survey, due, due.due_at, person, rules)


def people(plan: SurveyPlan, site: str, rules: Rulebook) -> tuple[str, ...]:
    """The head of the unit that carries the survey out, or the site's manager where it has none."""
    holders = rules.holders("department.manager", site=site, department=plan.field_unit)
    return holders or rules.holders("site.manager", site=site, department=None)


def _letter(survey: Round, due: Due, at: datetime, person: str, rules: Rulebook) -> Notice:
    site, known = rules.site(survey.site), rules.person(person)
    values = {
        "complaint_no": f"{survey.survey} {survey.site}",
        "survey": survey.survey,
        "step": due.step,
        "ends": due.ends,
        "due_at": f"{local(at, ZoneInfo(site.timezone)):%Y-%m-%d %H:%M} ({site.timezone})",
    }
    key = f"round:{survey.round_id}:{due.step}:{person}"
    return Notice(key, person, TEMPLATE, known.language if known else site.language, values)
