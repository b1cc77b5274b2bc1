"""What does intake tell? That a complaint came in, and what the customer says afterwards."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import EventData, Part

Kind = Literal["complaint", "suggestion", "enquiry", "service_request", "praise"]


class Flags(Part):
    """What makes a complaint special, whatever its type (SEV-01, SAF-01, RCS-04, ESC-10)."""

    safety: bool = False
    legal: bool = False
    reputation: bool = False
    authority: bool = False
    staff_conduct: bool = False


class Product(Part):
    """The goods concerned (INT-04, INT-06); `line` is the code of their product line."""

    name: str | None = None
    line: str | None = None
    batch: str | None = None
    sold_on: str | None = None


class Money(Part):
    """An amount in one currency (ISO 4217)."""

    amount: Decimal
    currency: str


class IntakeEvent(EventData):
    """Told by intake."""

    producer: ClassVar[str] = "intake"


class ComplaintRegistered(IntakeEvent):
    """A complaint is in the register; `history` marks one imported with its old dates.

    `promised_at` is a due date that it was brought with, `closed_at` when it had ended before.
    """

    type_name: ClassVar[str] = "complaint.registered.v1"

    kind: Kind
    category: str
    type: str
    channel: str
    received_at: datetime
    registered_at: datetime
    customer_ref: str
    customer_grade: str = "general"
    language: str
    flags: Flags = Flags()
    product: Product | None = None
    order_ref: str | None = None
    claimed: Money | None = None
    accused_refs: tuple[str, ...] = ()
    history: bool = False
    promised_at: datetime | None = None
    closed_at: datetime | None = None
    sealed: str | None = None


class ComplaintAcknowledged(IntakeEvent):
    """The customer was told that it arrived and by when an answer comes (INF-05)."""

    type_name: ClassVar[str] = "complaint.acknowledged.v1"

    at: datetime
    by: str
    promised_at: datetime | None = None


class ComplaintDeclined(IntakeEvent):
    """It is not accepted for handling, with one of the profile's reasons (INT-22)."""

    type_name: ClassVar[str] = "complaint.declined.v1"

    at: datetime
    by: str
    reason_code: str


class AmendedFacts(Part):
    """The new values of open fields, as in complaint.registered; what is absent stayed as it was.

    Those from `kind` on are told of imported history only, when the register that it comes from corrects
    itself. `closed_at`: it had ended there, or ended at another moment than was told before.
    """

    language: str | None = None
    customer_ref: str | None = None
    customer_grade: str | None = None
    flags: Flags | None = None
    product: Product | None = None
    order_ref: str | None = None
    claimed: Money | None = None
    accused_refs: tuple[str, ...] | None = None
    kind: Kind | None = None
    category: str | None = None
    type: str | None = None
    channel: str | None = None
    received_at: datetime | None = None
    promised_at: datetime | None = None
    closed_at: datetime | None = None


class ComplaintAmended(IntakeEvent):
    """Facts were corrected or completed; `changed` names the fields, `facts` holds the new open values.

    Personal ones are sealed.
    """

    type_name: ClassVar[str] = "complaint.amended.v1"

    at: datetime
    by: str
    changed: tuple[str, ...]
    facts: AmendedFacts | None = None
    sealed: str | None = None


class ComplaintWithdrawn(IntakeEvent):
    """The customer takes it back."""

    type_name: ClassVar[str] = "complaint.withdrawn.v1"

    at: datetime
    by: str
    reason_code: str = "customer-wish"


class ComplaintReopened(IntakeEvent):
    """It is taken up again after it had ended."""

    type_name: ClassVar[str] = "complaint.reopened.v1"

    at: datetime
    by: str
    reason_code: str


class ComplaintMerged(IntakeEvent):
    """It says what another one says and goes on as part of that; both stay readable."""

    type_name: ClassVar[str] = "complaint.merged.v1"

    at: datetime
    by: str
    reason_code: str
    into_id: UUID
    into_no: str


class ComplaintAbsorbed(IntakeEvent):
    """A duplicate was merged into this one; `received_at` is when the first of its customers spoke."""

    type_name: ClassVar[str] = "complaint.absorbed.v1"

    at: datetime
    by: str
    reason_code: str
    duplicate_id: UUID
    duplicate_no: str
    received_at: datetime


class CustomerReplied(IntakeEvent):
    """The customer agrees to the answer of this round or refuses it (INF-02, CLS-01)."""

    type_name: ClassVar[str] = "customer.replied.v1"

    at: datetime
    round: int
    accepts: bool
    sealed: str | None = None
