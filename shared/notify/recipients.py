"""Who is meant, and how can they be reached? Resolved when the notice is sent, not when it is written."""

from __future__ import annotations

from dataclasses import dataclass

from shared.addresses import is_mailbox
from shared.notify.table import CUSTOMER, Waiting
from shared.policy.model import Rulebook
from shared.sealed.sealer import Sealer


@dataclass(frozen=True, slots=True)
class Recipient:
    """Contacts in the order in which they are tried."""

    name: str
    contacts: tuple[str, ...]
    is_customer: bool


def recipient_of(waiting: Waiting, rules: Rulebook, sealer: Sealer) -> Recipient:
    """Whom the notice is for; without contacts if nobody knows how to reach them.

    Raises Rejected('cannot-open') if the customer's contact was sealed with a key that is missing.
    """
    if waiting.to != CUSTOMER:
        person = rules.person(waiting.to)
        if person is None:
            return Recipient("", (), is_customer=False)
        return Recipient(person.name, person.contacts, is_customer=False)
    if waiting.sealed is None:
        return Recipient("", (), is_customer=True)
    opened = sealer.open(waiting.sealed, about=waiting.complaint_id)
    within = opened.get("customer")
    known = within if isinstance(within, dict) else opened
    email = str(known.get("email") or "").strip()
    contacts = (email,) if is_mailbox(email) else ()
    return Recipient(str(known.get("name") or ""), contacts, is_customer=True)
