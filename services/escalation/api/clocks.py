"""By when is what due, and why? `GET /complaints/{id}/clocks`, `POST /complaints/{id}/extensions`."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime

from services.escalation.api.scope import EXTENDERS, READERS, seen_sheet
from services.escalation.domain.agreeing import without_date
from services.escalation.domain.clock import Clock, ClockState
from services.escalation.domain.foretelling import foretold
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.timing import explanation_of
from services.escalation.handlers.extend_clock import ExtendClock
from services.escalation.store.queries import SheetQueries
from shared.deciding import Actor
from shared.errors import Rejected
from shared.host.desk import Desk
from shared.host.fields import Answer, Body, Code, Line
from shared.outbox.writing import Idempotency
from shared.worktime import Calendar


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


class ToAgree(Answer):
    """A promise without a date, and the roles that agree on it."""

    clock: str
    agreed_by: list[str]


class Clocks(Answer):
    """All clocks of a complaint, in the order in which they began."""

    complaint_id: UUID
    complaint_no: str
    site: str
    department: str | None
    severity: str
    items: list[ClockLine]
    to_agree: list[ToAgree]
    """Promises that wait for a date which people agree upon."""


class Extension(Body):
    """A later limit: `target` counts from the clock's start, `due_at` is a moment agreed upon.

    Neither: the length that policy gives.
    """

    clock: Code
    reason_code: Code
    target: Line | None = None
    due_at: AwareDatetime | None = None


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The clocks' routes."""
    routes = APIRouter(tags=["clocks"])

    @routes.get("/complaints/{complaint_id}/clocks", summary="The clocks, explained")
    async def clocks(
        complaint_id: UUID,
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
        lang: Literal["zh", "en"] = "en",
    ) -> Clocks:
        """Each clock with its due date, its proofs and the reasons for the due date."""
        sheet = seen_sheet(await desk.queries.sheet(complaint_id), actor)
        calendar = desk.rules().calendar_of(sheet.site)
        found = await desk.queries.learned()
        return Clocks(
            complaint_id=sheet.complaint_id,
            complaint_no=sheet.complaint_no,
            site=sheet.site,
            department=sheet.department,
            severity=sheet.severity,
            items=[
                line_of(clock, calendar, lang, foretold(clock, sheet, found, desk.clock.now()))
                for clock in sheet.clocks
            ],
            to_agree=[
                ToAgree(clock=one.rule.name, agreed_by=list(one.agreed_by))
                for one in without_date(sheet, desk.rules())
            ],
        )

    @routes.post(
        "/complaints/{complaint_id}/extensions",
        status_code=201,
        summary="Put a due date off",
    )
    async def extend(
        complaint_id: UUID,
        body: Extension,
        request: Request,
        actor: Annotated[Actor, Depends(desk.actor(*EXTENDERS))],
        idempotency: Annotated[Idempotency | None, Depends(desk.idempotency)],
    ) -> ClockLine:
        """As often as policy says, by whom it names; the old due date stays as evidence (SLA-07)."""
        sheet = seen_sheet(await desk.queries.sheet(complaint_id), actor)
        command = ExtendClock(
            complaint_id=complaint_id,
            clock=body.clock,
            reason_code=body.reason_code,
            actor=actor,
            target=body.target,
            due_at=body.due_at,
        )
        decision = await desk.submit(command, request=request, idempotency=idempotency)
        after: ClockSheet | None = decision.state
        clock = after.clock_named(body.clock) if after is not None else None
        assert clock is not None, "the handler has just moved it"
        return line_of(clock, desk.rules().calendar_of(sheet.site), "en")

    return routes


def line_of(
    clock: Clock, calendar: Calendar, language: str, breach_probability: float | None = None
) -> ClockLine:
    """A clock as the doors show it."""
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
        explanation=_explanation(clock, calendar, language),
        breach_probability=breach_probability,
    )


_AGREED = {"zh": "到期时间是约定的。", "en": "The due date was agreed upon."}
_STANDS = {"zh": "此时钟现在暂停。", "en": "The clock stands still now."}


def _explanation(clock: Clock, calendar: Calendar, language: str) -> list[str]:
    if clock.agreed_at is not None:
        return [_AGREED[language]]
    try:
        lines = list(explanation_of(clock, calendar).lines(language))
    except Rejected as error:
        # The calendar has changed so much since that the old count can no longer be followed.
        return [error.sentence()]
    return [*lines, _STANDS[language]] if clock.paused_since is not None else lines
