"""How does a complaint look to whoever reads the register?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime

from services.intake.domain.complaint import ClockState, Complaint
from services.intake.domain.objecting import is_late
from shared.deciding import Decision
from shared.events.intake import Flags, Kind, Money, Product
from shared.host.fields import Answer
from shared.lifecycle import Status


class Standing(Answer):
    """Where it stands after a change."""

    id: UUID
    complaint_no: str
    status: Status


class Summary(Standing):
    """A line of a list."""

    site: str
    kind: Kind
    category: str
    type: str
    channel: str
    received_at: AwareDatetime
    department: str | None
    severity: str | None
    due_at: AwareDatetime | None


class Clock(Answer):
    """A promise as escalation last told it."""

    due_at: AwareDatetime
    state: ClockState


class Survey(Answer):
    """How the customer was asked; score from 0 to 100."""

    state: str
    score: float | None


class ReplyView(Answer):
    """What the customer said to the answer; the comment only for those who may see it."""

    round: int
    accepts: bool
    at: AwareDatetime
    comment: str | None


class Personal(Answer):
    """The opened personal part; `ref` is the customer number that it was brought with."""

    ref: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    postcode: str | None = None
    region: str | None = None
    narrative: str | None = None
    desired_outcome: str | None = None
    details: dict[str, str] | None = None


class Detail(Summary):
    """Everything about one complaint; `personal` is null where it is not for the reader's eyes."""

    registered_at: AwareDatetime
    customer_ref: str
    customer_grade: str
    language: str
    flags: Flags
    product: Product | None
    order_ref: str | None
    claimed: Money | None
    accused_refs: tuple[str, ...]
    assignee: str | None
    round: int
    liability: str | None
    outcome: str | None
    promised_at: AwareDatetime | None
    clocks: dict[str, Clock]
    survey: Survey | None
    reply: ReplyView | None
    objection_until: AwareDatetime | None
    objection_late: bool | None
    """Whether it was raised after the contract's limit; null: none was noted."""
    merged_into: str | None
    duplicates: list[str]
    history: bool
    source: str | None
    source_ref: str | None
    personal: Personal | None


class Line(Answer):
    """A line of the history; `out_of_table` contradicted the status and changed nothing."""

    at: AwareDatetime
    what: str
    by: str
    facts: dict[str, str]
    out_of_table: bool


def complaint_in(decision: Decision[Any]) -> Complaint:
    """The complaint that a command left behind; no command here ends one."""
    assert isinstance(decision.state, Complaint)
    return decision.state


def standing(complaint: Complaint) -> Standing:
    """Number and status."""
    return Standing(id=complaint.complaint_id, complaint_no=complaint.complaint_no, status=complaint.status)


def summary(complaint: Complaint) -> Summary:
    """The complaint as a line of a list."""
    return Summary(**_summary(complaint))


def detail(complaint: Complaint, personal: Personal | None, comment: str | None) -> Detail:
    """The whole complaint with what was opened for this reader."""
    reply, survey, origin = complaint.reply, complaint.survey, complaint.origin
    return Detail(
        **_summary(complaint),
        registered_at=complaint.registered_at,
        customer_ref=complaint.customer_ref,
        customer_grade=complaint.customer_grade,
        language=complaint.language,
        flags=complaint.flags,
        product=complaint.product,
        order_ref=complaint.order_ref,
        claimed=complaint.claimed,
        accused_refs=complaint.accused_refs,
        assignee=complaint.assignee,
        round=complaint.round,
        liability=complaint.liability,
        outcome=complaint.outcome,
        promised_at=complaint.promised_at,
        clocks={
            name: Clock(due_at=clock.due_at, state=clock.state) for name, clock in complaint.clocks.items()
        },
        survey=Survey(state=survey.state, score=survey.score) if survey else None,
        reply=ReplyView(round=reply.round, accepts=reply.accepts, at=reply.at, comment=comment)
        if reply
        else None,
        objection_until=complaint.objection.until if complaint.objection else None,
        objection_late=is_late(complaint),
        merged_into=complaint.merged_into.complaint_no if complaint.merged_into else None,
        duplicates=[link.complaint_no for link in complaint.absorbed],
        history=complaint.imported,
        source=origin.source if origin else None,
        source_ref=origin.ref if origin else None,
        personal=personal,
    )


def lines(complaint: Complaint) -> list[Line]:
    """The history, oldest first."""
    return [
        Line(
            at=entry.at,
            what=entry.what,
            by=entry.by,
            facts=dict(entry.facts),
            out_of_table=entry.out_of_table,
        )
        for entry in complaint.history
    ]


def _summary(complaint: Complaint) -> dict[str, Any]:
    return {
        "id": complaint.complaint_id,
        "complaint_no": complaint.complaint_no,
        "status": complaint.status,
        "site": complaint.site,
        "kind": complaint.kind,
        "category": complaint.category,
        "type": complaint.type,
        "channel": complaint.channel,
        "received_at": complaint.received_at,
        "department": complaint.department,
        "severity": complaint.severity,
        "due_at": complaint.promise(),
    }
