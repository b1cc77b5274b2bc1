"""What may be offered to settle a complaint, what was, and who signed for it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.routing.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in one currency (ISO 4217); amounts of different currencies are never added."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much comes back and how much is delivered for it."""

    returned: Decimal
    delivered: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way to settle it, prepared beforehand; the next is offered when one is refused (DSP-21)."""

    remedies: tuple[str, ...]
    compensation: Amount | None = None
    goods: Amount | None = None
    """What goods are worth that are given beyond what was bought."""
    cost_bearer: str | None = None
    """Who pays for it; None: whom policy names (C-16)."""
    impossible: tuple[str, ...] = ()
    """What the customer wants and cannot be given; this is offered instead (DSP-20)."""
    reason_code: str | None = None
    """Why something is impossible, or why this is an exception (DSP-11, DSP-20)."""
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the company offers; numbered over all rounds, so that a signature names one of them."""

    number: int
    round: int
    remedies: tuple[str, ...]
    by: str
    at: datetime
    compensation: Amount | None = None
    goods: Amount | None = None
    terms: Terms | None = None
    """Whose word it needs; None: it was made before policy was asked, a director signs for money."""
    cost_bearer: str | None = None
    """As whoever proposed it said; `terms` hold whom policy names."""
    impossible: tuple[str, ...] = ()
    reason_code: str | None = None
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody with the authority approved one proposal or sent it back (APR-01 and following)."""

    proposal: int
    approves: bool
    by: str
    role: str
    at: datetime
    reason_code: str | None = None
    in_place_of: str | None = None
    """Whom the signer stood in for (RCS-03)."""
    tests: tuple[str, ...] = ()
    """What the signer confirmed to have checked (APR-04, APR-05)."""
