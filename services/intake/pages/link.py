"""Whose case does a link open?"""

from __future__ import annotations

from uuid import UUID

from services.intake.domain.complaint import Complaint
from services.intake.store.queries import ComplaintQueries
from shared.errors import Unauthenticated
from shared.host.desk import Desk
from shared.web.links import unknown_link

PURPOSE = "case"


async def find_case(desk: Desk[ComplaintQueries], token: str) -> Complaint:
    """The complaint that `<complaint id>/<secret>` belongs to; mails write a dot for the slash.

    Raises NotFound('unknown-link'), the same for a wrong secret and for a complaint that does not
    exist, so that a guess learns nothing.
    """
    identifier, secret = token[:36], token[37:]
    try:
        complaint_id = UUID(identifier)
        desk.links.check(PURPOSE, complaint_id, secret)
    except (ValueError, Unauthenticated):
        raise unknown_link() from None
    complaint = await desk.queries.by_id(complaint_id)
    if complaint is None:
        raise unknown_link()
    return complaint
