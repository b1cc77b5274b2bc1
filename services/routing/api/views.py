"""How does a case look to those who may see it? Facts only: sealed data never leaves by this door."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.routing.domain.case import Case
from shared.events.intake import Kind
from shared.events.routing import Liability, Severity, WaitingFor
from shared.host.fields import Answer
from shared.lifecycle import Status


class MoneyView(Answer):
    """An amount in one currency."""

    amount: Decimal
    currency: str


class PlacementView(Answer):
    """Who has it or had it, and why."""

    department: str
    assistants: tuple[str, ...]
    assignee: str | None
    severity: Severity
    priority: int
    rule: str
    policy_version: str
    informed: tuple[str, ...]
    reason: str | None
    at: datetime
    by: str


class PauseView(Answer):
    """For whom it waits."""

    reason: str
    waiting_for: WaitingFor
    since: datetime
    before: Status


class FindingView(Answer):
    """What the investigation established."""

    liability: Liability
    valid: bool
    cause_code: str
    by: str
    at: datetime


class ProposalView(Answer):
    """What the company offered."""

    number: int
    round: int
    remedies: tuple[str, ...]
    compensation: MoneyView | None
    by: str
    at: datetime


class SignatureView(Answer):
    """Who decided on which proposal."""

    proposal: int
    approves: bool
    by: str
    role: str
    at: datetime
    reason_code: str | None


class BreachView(Answer):
    """A promise that was not kept."""

    clock: str
    due_at: datetime


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
    orders: tuple[OrderView, ...]


class CasePage(Answer):
    """Some cases; `next` goes into `after` of the following request, None at the end."""

    items: list[CaseLine]
    next: UUID | None


def line_of(case: Case) -> CaseLine:
    """The case as one line of a list."""
    return CaseLine.model_validate(_line(case))


def view_of(case: Case) -> CaseView:
    """The case in full."""
    facts = case.facts
    shown = _line(case) | {
        "channel": facts.channel,
        "grade": facts.grade,
        "flags": tuple(sorted(facts.flags)),
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
        "orders": case.orders,
    }
    return CaseView.model_validate(shown, from_attributes=True)


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
        "priority": placement.priority,
        "round": case.round,
        "received_at": case.received_at,
        "history": case.history,
        "breaches": len(case.breaches),
    }
