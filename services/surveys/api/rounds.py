"""How does a round of a periodic survey stand against its limits? `POST|GET /rounds` (SLA-18)."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from services.surveys.domain.timetable import Due, Round, moments_of, plan_named, reached, timetable
from services.surveys.store.queries import InvitationQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Answer, Body, Code, Line
from shared.ids import derived_id
from shared.participation import Involvement, may_take_part, require_part, require_site, scope_of

NOBODYS = UUID(int=0)
"""The id of a round that has none yet."""
KEEPERS = ("handler", "manager")
READERS = ("handler", "manager", "director", "auditor")


class Opening(Body):
    """A survey of the site's policy begins; `at` is the first of its moments. Left out: now."""

    site: Code
    survey: Code
    at: AwareDatetime | None = None


class Moment(Body):
    """A moment of the survey has come, in the words of policy. `at` left out: now."""

    moment: Line
    at: AwareDatetime | None = None


class StepLine(Answer):
    """A step with its limit; `due_at` is null while the moment that it counts from has not come."""

    step: str
    since: str
    ends: str
    due_at: AwareDatetime | None
    done_at: AwareDatetime | None
    overdue: bool


class RoundLine(Answer):
    """A run of a survey and its steps."""

    id: UUID
    site: str
    survey: str
    steps: list[StepLine]


class RoundPage(Answer):
    """Rounds, the newest first."""

    items: list[RoundLine]


def router(desk: Desk[InvitationQueries]) -> APIRouter:
    """The routes of rounds."""
    routes = APIRouter(tags=["rounds"])
    keeper, reader = Depends(desk.actor(*KEEPERS)), Depends(desk.actor(*READERS))

    @routes.post("/rounds", status_code=201, summary="Begin a round of a survey")
    async def begin(body: Opening, actor: Annotated[Actor, keeper]) -> RoundLine:
        """The first step counts from `at`. Said again with the same `at` it is the same round."""
        require_site(actor, body.site)
        plan = plan_named(desk.rules().profile_of(body.site).surveys, body.survey)
        require_part(_involvement(desk, body.site, plan.name), actor)
        now = desk.clock.now()
        at = body.at or now
        fresh = reached(plan, Round(NOBODYS, body.site, plan.name, {}), moments_of(plan)[0], at, now)
        survey = replace(fresh, round_id=derived_id(at, "round", body.site, plan.name))
        return _line(desk, await desk.queries.rounds.open(survey))

    @routes.post("/rounds/{round_id}/moments", summary="Note that a moment has come")
    async def note(round_id: UUID, body: Moment, actor: Annotated[Actor, keeper]) -> RoundLine:
        """Ends the step that it belongs to and begins what counts from it; the same again changes nothing."""

        def noted(survey: Round) -> Round:
            require_part(_involvement(desk, survey.site, survey.survey), actor)
            plan = plan_named(desk.rules().profile_of(survey.site).surveys, survey.survey)
            now = desk.clock.now()
            return reached(plan, survey, body.moment, body.at or survey.moments.get(body.moment, now), now)

        return _line(desk, await desk.queries.rounds.change(round_id, noted))

    @routes.get("/rounds", summary="How rounds stand")
    async def rounds(
        actor: Annotated[Actor, reader], site: Code | None = None, after: UUID | None = None
    ) -> RoundPage:
        """Of 200 those that concern the caller; `after` is the id of the last one of the page before."""
        found = await desk.queries.rounds.newest(scope_of(actor, site).sites, after=after)
        seen = (one for one in found if may_take_part(_involvement(desk, one.site, one.survey), actor))
        return RoundPage(items=[_line(desk, survey) for survey in seen])

    return routes


def _involvement(desk: Desk[InvitationQueries], site: str, name: str) -> Involvement:
    """Whose a round is: the department that policy lets carry the survey out, else the whole site's."""
    rules = desk.rules()
    plans = rules.profile_of(site).surveys if site in rules.organisation.sites else ()
    unit = next((plan.field_unit for plan in plans if plan.name == name), "")
    return Involvement(site, (unit,) if unit in rules.organisation.departments else ())


def _line(desk: Desk[InvitationQueries], survey: Round) -> RoundLine:
    rules = desk.rules()
    plan = next((one for one in rules.profile_of(survey.site).surveys if one.name == survey.survey), None)
    calendar = rules.calendar_of(survey.site)
    steps = timetable(plan, survey, calendar, desk.clock.now()) if plan else ()
    return RoundLine(
        id=survey.round_id, site=survey.site, survey=survey.survey, steps=[_step(one) for one in steps]
    )


def _step(one: Due) -> StepLine:
    return StepLine(
        step=one.step,
        since=one.since,
        ends=one.ends,
        due_at=one.due_at,
        done_at=one.done_at,
        overdue=one.is_overdue,
    )
