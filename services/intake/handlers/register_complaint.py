"""How does a complaint enter the register?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.intake.domain.acceptance import known_kind, plausible_end, plausible_moment
from services.intake.domain.complaint import Complaint, Entry, Origin
from services.intake.handlers.notices import to_customer
from shared.deciding import Actor, Context, Decision
from shared.events.intake import ComplaintRegistered, Flags, Money, Product
from shared.lifecycle import Status
from shared.participation import require_site


@dataclass(frozen=True, slots=True)
class RegisterComplaint:
    """Enter it. Twice with the same id is once: the second answer names what is already there.

    `received_at` None: now. `language` None: the site's. `sealed` holds everything personal;
    `reachable`: an e-mail address is among it. `imported`: nobody is alerted or written to.
    """

    numbered: ClassVar[bool] = True
    """The shell locks the counter of `site` for it."""

    complaint_id: UUID
    actor: Actor
    site: str
    kind: str
    category: str
    type: str
    channel: str
    customer_ref: str
    received_at: datetime | None = None
    language: str | None = None
    customer_grade: str = "general"
    flags: Flags = field(default_factory=Flags)
    product: Product | None = None
    order_ref: str | None = None
    claimed: Money | None = None
    accused_refs: tuple[str, ...] = ()
    sealed: str | None = None
    reachable: bool = False
    imported: bool = False
    origin: Origin | None = None
    promised_at: datetime | None = None
    """By when it was to be done, as whoever brings it says."""
    closed_at: datetime | None = None
    """When it ended where it comes from."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What whoever brings a complaint gets for it; `known`: it was in the register before."""

    complaint_id: UUID
    complaint_no: str
    known: bool


def register_complaint(
    state: Complaint | None, command: RegisterComplaint, context: Context
) -> Decision[Complaint]:
    """The new entry with its number, told to everybody; an e-mail to a customer with an address.

    Raises Forbidden('out-of-scope'); Rejected 'unknown-site', 'unknown-kind',
    'received-in-future', 'received-too-long-ago', 'closed-in-future',
    'closed-not-history'. Source: INT-02, INT-23, INF-05.
    """
    require_site(command.actor, command.site)
    if state is not None:
        return Decision(state, answer=Receipt(state.complaint_id, state.complaint_no, known=True))
    complaint = _entered(command, context)
    return Decision(
        complaint,
        tells=(_told(complaint),),
        notices=to_customer(complaint, "complaint-acknowledged", "registered"),
        answer=Receipt(complaint.complaint_id, complaint.complaint_no, known=False),
    )


def _entered(command: RegisterComplaint, context: Context) -> Complaint:
    site = context.rules.site(command.site)
    kind = known_kind(command.kind, command.site, context.rules)
    received_at = plausible_moment(command.received_at or context.now, context.now, history=command.imported)
    ended_at = plausible_end(command.closed_at, context.now, history=command.imported)
    facts = {"kind": kind, "channel": command.channel}
    if command.origin is not None:
        facts["source"] = command.origin.source
    return Complaint(
        complaint_id=command.complaint_id,
        # The number comes last of all: whoever is refused must not use one up.
        complaint_no=context.next_number(command.site),
        site=command.site,
        # What ended elsewhere is no work of ours: it comes in as closed, and no desk gets it.
        status=Status.CLOSED if ended_at else Status.REGISTERED,
        kind=kind,
        category=command.category,
        type=command.type,
        channel=command.channel,
        received_at=received_at,
        registered_at=context.now,
        customer_ref=command.customer_ref,
        language=command.language or site.language,
        customer_grade=command.customer_grade,
        flags=command.flags,
        product=command.product,
        order_ref=command.order_ref,
        claimed=command.claimed,
        accused_refs=command.accused_refs,
        sealed=command.sealed,
        reachable=command.reachable,
        imported=command.imported,
        origin=command.origin,
        promised_at=command.promised_at,
        closed_at=ended_at,
        history=(Entry(context.now, "complaint.registered", command.actor.person, facts),),
    )


def _told(complaint: Complaint) -> ComplaintRegistered:
    return ComplaintRegistered(
        complaint_no=complaint.complaint_no,
        kind=complaint.kind,
        category=complaint.category,
        type=complaint.type,
        channel=complaint.channel,
        received_at=complaint.received_at,
        registered_at=complaint.registered_at,
        customer_ref=complaint.customer_ref,
        customer_grade=complaint.customer_grade,
        language=complaint.language,
        flags=complaint.flags,
        product=complaint.product,
        order_ref=complaint.order_ref,
        claimed=complaint.claimed,
        accused_refs=complaint.accused_refs,
        history=complaint.imported,
        promised_at=complaint.promised_at,
        closed_at=complaint.closed_at,
        sealed=complaint.sealed,
    )
