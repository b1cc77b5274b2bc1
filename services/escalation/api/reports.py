"""How did the promises stand on a day, and how good are forecasts? `GET /reports/{clocks|forecast}`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from dataclasses import asdict
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, Field

from services.escalation.api.scope import READERS
from services.escalation.domain.scoring import Score
from services.escalation.store.queries import SheetQueries
from services.escalation.store.reports import By, Standing
from shared.deciding import Actor
from shared.errors import Rejected
from shared.host.desk import Desk
from shared.host.fields import Answer, Code, DayOrInstant
from shared.host.parameters import only_known
from shared.participation import Scope, scope_of


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

    as_of: DayOrInstant
    by: By
    items: list[StandingLine]


class EndedLine(Answer):
    """Clocks of one name and group that ended in the period; `compliance`: met against met and breached."""

    site: str
    group: str
    clock: str
    met: int
    breached: int
    cancelled: int
    compliance: float | None


class EndedReport(Answer):
    """How clocks ended; breached ones count by their due date, the others by when they ended."""

    since: DayOrInstant = Field(alias="from")
    until: DayOrInstant = Field(alias="to")
    by: By
    history: bool
    items: list[EndedLine]


class DueLine(Answer):
    """What breaches next at a department: when, and how many complaints within that time."""

    site: str
    department: str
    next_due_at: AwareDatetime
    within: dict[str, int]


class DueReport(Answer):
    """Running clocks of live complaints; those overdue and not yet alarmed are within every time."""

    items: list[DueLine]


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
_FROM = "With `to`: how clocks ended from this moment, or day at each site, on."
_TO = "Up to and without this moment or day."


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The report's route."""
    routes = APIRouter(tags=["reports"], dependencies=[Depends(only_known)])

    @routes.get("/reports/clocks", summary="How the promises stood")
    async def clocks(
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
        as_of: Annotated[DayOrInstant | None, Query(description=_AS_OF)] = None,
        since: Annotated[DayOrInstant | None, Query(alias="from", description=_FROM)] = None,
        until: Annotated[DayOrInstant | None, Query(alias="to", description=_TO)] = None,
        site: Code | None = None,
        by: By = "department",
        history: bool = False,
    ) -> ClockReport | EndedReport:
        """Counted from the evidence that each clock keeps, so that the past can be asked for too.

        With `from` and `to`: how clocks ended in that period, as `kesu_clocks_total` counts them;
        `history=true`: those of complaints imported with their past instead.
        """
        scope = scope_of(actor, site)
        if since is not None or until is not None:
            period = _period(as_of, since, until)
            return await _ended(desk, period, by=by, scope=scope, history=history)
        wanted = as_of or desk.clock.now()
        items: list[StandingLine] = []
        for known in desk.rules().served_sites:
            if scope.sites is not None and known not in scope.sites:
                continue
            at = _moment(wanted, desk.rules().site(known).timezone)
            found = await desk.queries.standings(known, at, by=by, scope=scope)
            items += [_line(one) for one in found]
        return ClockReport(as_of=wanted, by=by, items=items)

    @routes.get("/reports/due", summary="What breaches next")
    async def due(
        actor: Annotated[Actor, Depends(desk.actor(*READERS))], site: Code | None = None
    ) -> DueReport:
        """By site and department: when the next running clock is due, and how many follow soon."""
        scope = scope_of(actor, site)
        return DueReport(
            items=[
                DueLine(
                    site=one.site,
                    department=one.department,
                    next_due_at=one.next_due_at,
                    within=dict(one.within),
                )
                for one in await desk.queries.due_counts()
                if scope.sites is None or one.site in scope.sites
                if scope.departments is None or one.department in {*scope.departments, ""}
            ]
        )

    reader = Depends(desk.actor(*READERS))

    @routes.get("/reports/forecast", summary="How good the forecasts are", dependencies=[reader])
    async def forecast() -> ForecastReport:
        """Brier scores of forecast and base rate by clock; empty before anything was learned."""
        found = await desk.queries.learned()
        if found is None:
            return ForecastReport(split_at=None, items=[])
        return ForecastReport(split_at=found.split_at, items=[_score(one) for one in found.scores.values()])

    return routes


_Period = tuple[date | datetime, date | datetime]


def _period(
    as_of: date | datetime | None, since: date | datetime | None, until: date | datetime | None
) -> _Period:
    """Both ends of the period. Raises Rejected('bad-period')."""
    if as_of is not None or since is None or until is None:
        raise Rejected(
            "bad-period",
            "a period has `from` and `to`, and no `as_of`",
            field="as_of" if as_of is not None else "from" if since is None else "to",
            remedy="Ask for from=2026-10-01&to=2026-11-01, or for as_of=2026-11-01.",
        )
    return since, until


async def _ended(
    desk: Desk[SheetQueries], period: _Period, *, by: By, scope: Scope, history: bool
) -> EndedReport:
    items: list[EndedLine] = []
    for known in desk.rules().served_sites:
        if scope.sites is not None and known not in scope.sites:
            continue
        zone = desk.rules().site(known).timezone
        since, until = (_moment(end, zone) for end in period)
        found = await desk.queries.ended_between(known, since, until, by=by, scope=scope, history=history)
        items += [EndedLine(**asdict(one), compliance=one.compliance) for one in found]
    given = {"from": period[0], "to": period[1], "by": by, "history": history, "items": items}
    return EndedReport.model_validate(given)


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
