"""By when did the customer have to speak, and was that in time? (SLA-19, C-10)

The contract's limit binds the customer, not the register: a complaint that came too late is registered like
any other and flagged. Whether it is declined for that, a person decides and the customer is told.
"""

from __future__ import annotations

from services.intake.domain.complaint import Complaint
from shared.errors import Rejected

LATE = "late"
"""The reason of policies for declining what was raised too late (INT-22)."""


def is_late(complaint: Complaint) -> bool | None:
    """Whether it was raised after the contract's limit; None: no limit was noted."""
    limit = complaint.objection
    return None if limit is None else complaint.first_received_at > limit.until


def require_late(complaint: Complaint, reason_code: str) -> None:
    """Nothing, unless it is to be declined as late and was in time. Raises Rejected('not-late')."""
    limit = complaint.objection
    if reason_code == LATE and limit is not None and not is_late(complaint):
        raise Rejected(
            "not-late",
            f"it was raised in time: {limit.clause} allowed until {limit.until.isoformat()}",
            field="reason_code",
            remedy="Decline it for another reason, or correct the limit of the contract.",
        )
