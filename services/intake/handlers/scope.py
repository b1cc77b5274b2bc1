"""May this person touch this complaint, and is there one at all?"""

from __future__ import annotations

from uuid import UUID

from services.intake.domain.complaint import Complaint
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound


def require_site(actor: Actor, site: str) -> None:
    """Nothing, if the actor's scope covers the site. Raises Forbidden('out-of-scope')."""
    if not actor.may_see_site(site):
        raise Forbidden(
            "out-of-scope",
            f"your token does not cover site {site}",
            field="site",
            remedy="Ask an administrator for a token with this site.",
        )


def require_complaint(state: Complaint | None, complaint_id: UUID, actor: Actor) -> Complaint:
    """The complaint, if it exists and lies in the actor's scope.

    Raises NotFound('unknown-complaint'), Forbidden('out-of-scope').
    """
    if state is None:
        raise NotFound("unknown-complaint", f"no complaint {complaint_id} in the register", field="id")
    require_site(actor, state.site)
    if state.department is not None and not actor.may_see_department(state.department):
        raise Forbidden(
            "out-of-scope",
            f"your token does not cover department {state.department}",
            field="department",
            remedy="Ask an administrator for a token with this department.",
        )
    return state
