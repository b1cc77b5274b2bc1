"""How did the promises stand on a day, and how good are forecasts? `GET /reports/{clocks|forecast}`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from services.escalation.api.scope import READERS, scope_of
from services.escalation.domain.scoring import Score
from services.escalation.store.queries import SheetQueries
from services.escalation.store.reports import By, Standing
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Answer, Code


class StandingLine(Answer):
    """Clocks of one name and group; met, late, overdue, running, paused and cancelled sum to started."""

    site: str
    group: str
    clock: str
    started: int
    met: int
    late: int
    overdue: int
    running: int
    paused: int
    cancelled: int


class ClockReport(Answer):
    """How the clocks stood; `group` is a department or a category, as asked."""

    as_of: date | AwareDatetime
    by: By
    items: list[StandingLine]


class BinLine(Answer):
    """Questions that got about the same answer, and how it turned out."""

    asked: int
    foretold: float
    happened: float


class ScoreLine(Answer):
    """How forecasts of one clock did on the newest outcomes; Brier scores, the lower the better."""

    clock: str
    asked: int
    missed: float
    forecast: float
    base_rate: float
    skill: float
    calibration_error: float
    """How far foretold and happened lie apart on average (ECE)."""
    reliability: float
    resolution: float
    uncertainty: float
    """Murphy's parts: the score is about reliability less resolution plus uncertainty."""
    is_shown: bool
    """Whether the forecast beats the base rate by more than chance, so that it is shown at all."""
    bins: list[BinLine]


class ForecastReport(Answer):
    """Older outcomes were learned from, those since `split_at` judge."""

    split_at: AwareDatetime | None
    items: list[ScoreLine]


_AS_OF = "A moment, or a day: then its very beginning at each site. Left out: now."


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The report's route."""
    routes = APIRouter(tags=["reports"])

    @routes.get("/reports/clocks", summary="How the promises stood")
    async def clocks(
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
        as_of: Annotated[date | AwareDatetime | None, Query(description=_AS_OF)] = None,
        site: Code | None = None,
        by: By = "department",
    ) -> ClockReport:
        """Counted from the evidence that each clock keeps, so that the past can be asked for too."""
        scope = scope_of(actor, site)
        wanted = as_of or desk.clock.now()
        items: list[StandingLine] = []
        for known in desk.rules().served_sites:
            if scope.sites is not None and known not in scope.sites:
                continue
            at = _moment(wanted, desk.rules().site(known).timezone)
            found = await desk.queries.standings(known, at, by=by, scope=scope)
            items += [_line(one) for one in found]
        return ClockReport(as_of=wanted, by=by, items=items)

    @routes.get("/reports/forecast", summary="How good the forecasts are")
    async def forecast(actor: Annotated[Actor, Depends(desk.actor(*READERS))]) -> ForecastReport:
        """Brier scores of forecast and base rate by clock; empty before anything was learned."""
        scope_of(actor, None)
        found = await desk.queries.learned()
        if found is None:
            return ForecastReport(split_at=None, items=[])
        return ForecastReport(split_at=found.split_at, items=[_score(one) for one in found.scores.values()])

    return routes


def _score(score: Score) -> ScoreLine:
    return ScoreLine(
        clock=score.clock,
        asked=score.asked,
        missed=score.missed,
        forecast=score.forecast,
        base_rate=score.base_rate,
        skill=score.skill,
        calibration_error=score.calibration_error,
        reliability=score.reliability,
        resolution=score.resolution,
        uncertainty=score.uncertainty,
        is_shown=score.is_better,
        bins=[BinLine(asked=b.asked, foretold=b.foretold, happened=b.happened) for b in score.bins],
    )


def _moment(wanted: date | datetime, timezone: str) -> datetime:
    if isinstance(wanted, datetime):
        return wanted
    return datetime.combine(wanted, time(), ZoneInfo(timezone))


def _line(one: Standing) -> StandingLine:
    return StandingLine(
        site=one.site,
        group=one.group,
        clock=one.clock,
        started=one.started,
        met=one.met,
        late=one.late,
        overdue=one.overdue,
        running=one.running,
        paused=one.paused,
        cancelled=one.cancelled,
    )
