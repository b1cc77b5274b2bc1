"""How did the promises stand on a day? `GET /reports/clocks`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from services.escalation.api.scope import READERS, scope_of
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
        for known in sorted(desk.rules().organisation.sites):
            if scope.sites is not None and known not in scope.sites:
                continue
            at = _moment(wanted, desk.rules().site(known).timezone)
            found = await desk.queries.standings(known, at, by=by, scope=scope)
            items += [_line(one) for one in found]
        return ClockReport(as_of=wanted, by=by, items=items)

    return routes


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
