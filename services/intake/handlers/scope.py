"""May this person touch this complaint, and is there one at all?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.intake.domain.complaint import Complaint
from services.intake.domain.involvement import involvement_of
from services.intake.handlers.register_complaint import RegisterComplaint
from shared.deciding import Actor
from shared.errors import NotFound
from shared.participation import require_part
from shared.policy.model import Rulebook


def require_complaint(state: Complaint | None, complaint_id: UUID, actor: Actor) -> Complaint:
    """The complaint, if it exists and the actor may take part in it.

    Raises NotFound('unknown-complaint'), Forbidden('out-of-scope', 'recused').
    """
    if state is None:
        raise NotFound("unknown-complaint", f"no complaint {complaint_id} in the register", field="id")
    require_part(involvement_of(state), actor)
    return state


def admit(complaint: Complaint, command: Any, _rules: Rulebook) -> None:
    """Raises Forbidden('out-of-scope', 'recused') if the command's actor may not take part.

    Whoever registered it may ask again what came of that, whichever department has it by now. What the suite
    does by itself has no actor.
    """
    actor: Actor | None = getattr(command, "actor", None)
    departments = () if isinstance(command, RegisterComplaint) else None
    if actor is not None:
        require_part(involvement_of(complaint), actor, departments=departments)
