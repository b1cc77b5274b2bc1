"""Whose survey does a link open?"""

from __future__ import annotations

from uuid import UUID

from services.surveys.domain.invitation import Invitation
from services.surveys.store.queries import InvitationQueries
from shared.errors import Unauthenticated
from shared.host.desk import Desk
from shared.web.links import unknown_link

PURPOSE = "survey"


async def find_invitation(desk: Desk[InvitationQueries], token: str) -> Invitation:
    """The invitation that `<complaint id>.<secret>` belongs to.

    Raises NotFound('unknown-link'), the same for a wrong secret and for a complaint that does not
    exist, so that a guess learns nothing.
    """
    identifier, _, secret = token.partition(".")
    try:
        complaint_id = UUID(identifier)
        desk.links.check(PURPOSE, complaint_id, secret)
    except (ValueError, Unauthenticated):
        raise unknown_link() from None
    invitation = await desk.queries.invitation(complaint_id)
    if invitation is None:
        raise unknown_link()
    return invitation


async def find_again(desk: Desk[InvitationQueries], invitation: Invitation) -> Invitation:
    """The same invitation as it stands now."""
    return await desk.queries.invitation(invitation.complaint_id) or invitation
