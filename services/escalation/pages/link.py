"""Which alarm does a link open, and for whom?

A token is `<escalation id>.<secret>`, or `<escalation id>~<person>.<secret>` as it stands in the notice to
that person: then the answer is theirs without asking.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.escalation.domain.alarm import Escalation
from services.escalation.domain.alarming import BETWEEN
from services.escalation.domain.answering import require_link_holds
from services.escalation.domain.sheet import ClockSheet
from services.escalation.store.queries import SheetQueries
from shared.errors import Forbidden, Unauthenticated
from shared.host.desk import Desk
from shared.web.links import unknown_link

PURPOSE = "ack"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the link leads to; `person` None: any of those who were told."""

    sheet: ClockSheet
    escalation: Escalation
    person: str | None


async def open_link(desk: Desk[SheetQueries], token: str) -> Opened:
    """The alarm that the token belongs to.

    Raises NotFound('unknown-link'), the same for a wrong secret and for an alarm that does not exist,
    so that a guess learns nothing; Forbidden('link-over') for one that may no longer be used.
    """
    identifier, _, secret = token.rpartition(".")
    written, _, person = identifier.partition(BETWEEN)
    try:
        escalation_id = UUID(written)
        desk.links.check(PURPOSE, identifier, secret)
    except (ValueError, Unauthenticated):
        raise unknown_link() from None
    sheet = await desk.queries.sheet_of(escalation_id)
    escalation = sheet.escalation(escalation_id) if sheet is not None else None
    if sheet is None or escalation is None:
        raise unknown_link()
    opened = Opened(sheet, escalation, person or None)
    # Without a person it acts for one of those who were told, so it holds while one of them may use it.
    _require_holds(desk, opened, *([person] if person else sorted(escalation.told)))
    return opened


def require_answers(desk: Desk[SheetQueries], opened: Opened, person: str) -> None:
    """Nothing, if this person may answer by the link. Raises Forbidden('link-over')."""
    _require_holds(desk, opened, person)


def _require_holds(desk: Desk[SheetQueries], opened: Opened, *people: str) -> None:
    for person in people[:-1]:
        try:
            return require_link_holds(opened.sheet, opened.escalation, person, desk.rules(), desk.clock.now())
        except Forbidden:
            continue
    # Nobody was told: then nobody was sent a link either.
    last = people[-1] if people else ""
    return require_link_holds(opened.sheet, opened.escalation, last, desk.rules(), desk.clock.now())
