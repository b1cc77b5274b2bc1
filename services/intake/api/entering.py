"""How does a body become a command, with everything personal sealed first?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.intake.api.bodies import ComplaintBody, CustomerBody
from services.intake.domain.complaint import Origin
from services.intake.domain.identity import digits_of
from services.intake.handlers.register_complaint import RegisterComplaint
from shared.deciding import Actor
from shared.events.intake import Flags
from shared.sealed.sealer import Sealer

PERSONAL_CUSTOMER = ("name", "email", "phone", "address", "postcode", "region")
PERSONAL = (*PERSONAL_CUSTOMER, "narrative", "desired_outcome", "details")
"""What the sealed part may hold."""
NO_FLAGS = Flags()


def command_of(
    body: ComplaintBody,
    complaint_id: UUID,
    actor: Actor,
    sealer: Sealer,
    *,
    imported: bool = False,
    origin: Origin | None = None,
) -> RegisterComplaint:
    """The command that registers this body under this id."""
    customer = body.customer or CustomerBody()
    personal = personal_part(body, customer)
    return RegisterComplaint(
        complaint_id=complaint_id,
        actor=actor,
        site=body.site,
        kind=body.kind,
        category=body.category,
        type=body.type,
        channel=body.channel,
        customer_ref=customer.ref or pseudonym_of(personal, complaint_id, sealer, origin),
        received_at=body.received_at,
        language=body.language,
        customer_grade=customer.grade,
        flags=body.flags.as_flags() if body.flags else NO_FLAGS,
        product=body.product.as_product() if body.product else None,
        order_ref=body.order_ref,
        claimed=body.claimed.as_money() if body.claimed else None,
        accused_refs=body.accused_refs,
        sealed=sealer.seal(personal, about=complaint_id) if personal else None,
        reachable=customer.email is not None,
        imported=imported,
        origin=origin,
    )


def personal_part(body: ComplaintBody, customer: CustomerBody) -> dict[str, Any]:
    """What is to be sealed; what was not said is left out."""
    given: dict[str, Any] = {name: getattr(customer, name) for name in PERSONAL_CUSTOMER}
    given["narrative"] = body.narrative
    given["desired_outcome"] = body.desired_outcome
    given["details"] = body.details
    return {name: value for name, value in given.items() if value}


def pseudonym_of(
    personal: Mapping[str, Any], complaint_id: UUID, sealer: Sealer, origin: Origin | None
) -> str:
    """The same name for the same address or telephone, so that a customer's complaints are found.

    `personal` is the sealed part, opened. Whoever left neither is a customer of their own.
    """
    if personal.get("email"):
        return sealer.pseudonym(str(personal["email"]))
    if digits := digits_of(personal.get("phone")):
        return sealer.pseudonym(digits)
    return sealer.pseudonym(f"{origin.source}:{origin.ref}" if origin else str(complaint_id))
