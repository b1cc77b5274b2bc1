"""How does a case look to those who may see it? Facts only: sealed data never leaves by this door."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.routing.api.parts import (
    AppointmentView,
    BreachView,
    ChangeView,
    ConfirmationView,
    FindingView,
    GoodsView,
    ModeView,
    MoneyView,
    OptionView,
    PauseView,
    PlacementView,
    ProposalView,
    RaiseView,
    ReviewView,
    SentSheetView,
    SignatureView,
    VisitView,
)
from services.routing.api.record_views import NeededView, RecordLine, lines_of, needed_of
from services.routing.domain.asking import awaited
from services.routing.domain.case import Case
from services.routing.domain.remedying import warranty_of
from shared.events.intake import Kind
from shared.events.routing import Severity
from shared.host.fields import Answer
from shared.lifecycle import Status
from shared.policy.model import Rulebook


class OrderView(Answer):
    """What a manager decided on an alarm; `refusal` says why it could not be done."""

    escalation_id: str
    decision: str
    by: str
    at: datetime
    department: str | None
    assignee: str | None
    reason_code: str | None
    refusal: str | None


class CaseLine(Answer):
    """A case as one line of a list."""

    complaint_id: UUID
    complaint_no: str
    site: str
    status: Status
    kind: Kind
    category: str
    type: str
    department: str
    assignee: str | None
    severity: Severity
    priority: int
    round: int
    received_at: datetime
    history: bool
    breaches: int


class CaseView(CaseLine):
    """All that routing knows of a case."""

    channel: str
    grade: str
    flags: tuple[str, ...]
    product_line: str
    claimed: MoneyView | None
    language: str
    placement: PlacementView
    former: tuple[PlacementView, ...]
    recused: tuple[str, ...]
    accepted_by: str | None
    pause: PauseView | None
    finding: FindingView | None
    proposals: tuple[ProposalView, ...]
    signatures: tuple[SignatureView, ...]
    agreed_round: int | None
    fulfilled_round: int | None
    refusals: int
    reopenings: int
    ended_at: datetime | None
    broken_promises: tuple[BreachView, ...]
    options: tuple[OptionView, ...]
    confirmation: ConfirmationView | None
    visits: tuple[VisitView, ...]
    mode: ModeView | None
    reviews: tuple[ReviewView, ...]
    raises: tuple[RaiseView, ...]
    attached: tuple[str, ...]
    appointments: tuple[AppointmentView, ...]
    goods: GoodsView
    warranty: str | None
    """`within` or `after` on the day of the complaint; None: not known."""
    unsignable_since: datetime | None
    """Since when nobody may give the signature that is due."""
    awaited: tuple[str, ...]
    """Persons whose step comes next because policy names them; empty: the handler's."""
    version: int
    """Goes into `If-Match` of the next step."""
    changes: tuple[ChangeView, ...]
    orders: tuple[OrderView, ...]
    sheets: tuple[SentSheetView, ...]
    records: tuple[RecordLine, ...]
    records_needed: tuple[NeededView, ...]
    """What policy still asks for before the end, by what is known now."""


class CasePage(Answer):
    """Some cases; `next` goes into `after` of the following request, None at the end."""

    items: list[CaseLine]
    next: UUID | None


def line_of(case: Case) -> CaseLine:
    """The case as one line of a list."""
    return CaseLine.model_validate(_line(case))


def view_of(case: Case, rules: Rulebook, now: datetime) -> CaseView:
    """The case in full, with whom it waits for by the policy of now."""
    facts = case.facts
    shown = _line(case) | {
        "channel": facts.channel,
        "grade": facts.grade,
        "flags": tuple(sorted(facts.flags)),
        "product_line": facts.product_line,
        "claimed": facts.claimed,
        "language": case.language,
        "placement": case.placement,
        "former": case.former,
        "recused": case.recused,
        "accepted_by": case.accepted_by,
        "pause": case.pause,
        "finding": case.finding,
        "proposals": case.proposals,
        "signatures": case.signatures,
        "agreed_round": case.agreed_round,
        "fulfilled_round": case.fulfilled_round,
        "refusals": case.refusals,
        "reopenings": case.reopenings,
        "ended_at": case.ended_at,
        "broken_promises": case.breaches,
        "warranty": warranty_of(case, rules),
        "awaited": awaited(case, rules, now),
        "orders": case.orders,
        "records": lines_of(case, rules),
        "records_needed": needed_of(case, rules),
    }
    shown |= {name: getattr(case, name) for name in _AS_KEPT}
    return CaseView.model_validate(shown, from_attributes=True)


_AS_KEPT = (
    "options",
    "confirmation",
    "visits",
    "mode",
    "reviews",
    "raises",
    "attached",
    "appointments",
    "goods",
    "unsignable_since",
    "version",
    "changes",
    "sheets",
)


def _line(case: Case) -> dict[str, object]:
    facts, placement = case.facts, case.placement
    return {
        "complaint_id": case.complaint_id,
        "complaint_no": case.complaint_no,
        "site": case.site,
        "status": case.status,
        "kind": facts.kind,
        "category": facts.category,
        "type": facts.type,
        "department": placement.department,
        "assignee": placement.assignee,
        "severity": placement.severity,
        "priority": case.priority,
        "round": case.round,
        "received_at": case.received_at,
        "history": case.history,
        "breaches": len(case.breaches),
    }
