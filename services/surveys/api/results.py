"""What did customers think? `GET /results`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from services.surveys.api.scope import READERS
from services.surveys.domain.results import Result, by_survey, summarise
from services.surveys.store.queries import InvitationQueries, Window
from shared.deciding import Actor
from shared.errors import Rejected
from shared.host.desk import Desk
from shared.host.fields import Code
from shared.participation import scope_of


class Figures(BaseModel):
    """Forms and answers; ratios are 0 to 1 and absent where nothing was distributed or answered."""

    invited: int
    answered: int
    expired: int
    replaced: int
    recovery_ratio: float | None
    mean_score: float | None
    satisfied_ratio: float | None
    grades: dict[str, int]


class SurveyFigures(Figures):
    """The figures of one survey at one site."""

    site: str
    survey: str


class Results(BaseModel):
    """Everything in the window, taken together and by site and survey."""

    total: Figures
    items: list[SurveyFigures]


def router(desk: Desk[InvitationQueries]) -> APIRouter:
    """The results' routes."""
    routes = APIRouter(tags=["results"])

    @routes.get("/results", summary="Scores, recovery and distribution")
    async def results(
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
        site: Code | None = None,
        survey: Code | None = None,
        since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    ) -> Results:
        """Counts forms by when they were distributed: `from` inclusive, `to` exclusive.

        Recovery is answered forms against forms distributed (SUR-28), open ones included, so it
        still grows for a window whose forms have not all expired.
        """
        if since is not None and until is not None and since >= until:
            raise Rejected("empty-window", "`to` must be later than `from`", field="to")
        scope = scope_of(actor, site)
        window = Window(scope.sites, survey, since, until, scope.departments)
        tallies = await desk.queries.tallies(window)
        return Results(
            total=_figures(summarise(tallies)),
            items=[
                SurveyFigures(site=site, survey=survey, **_figures(result).model_dump())
                for (site, survey), result in by_survey(tallies).items()
            ],
        )

    return routes


def _figures(result: Result) -> Figures:
    return Figures(
        invited=result.invited,
        answered=result.answered,
        expired=result.expired,
        replaced=result.replaced,
        recovery_ratio=result.recovery_ratio,
        mean_score=result.mean_score,
        satisfied_ratio=result.satisfied_ratio,
        grades=dict(result.grades),
    )
