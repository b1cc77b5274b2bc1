"""Who is meant, and how can they be reached? Resolved when the notice is sent, not when it is written."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

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
    pseudonym: str = ""
    """Stands for a customer's address where the address itself must not."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What a sealed part says of how its customer is called and written to; may be empty."""

    name: str
    email: str


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
    known = opened_contact(waiting.sealed, waiting.complaint_id, sealer)
    if not is_mailbox(known.email):
        return Recipient(known.name, (), is_customer=True)
    return Recipient(known.name, (known.email,), is_customer=True, pseudonym=sealer.pseudonym(known.email))


def opened_contact(sealed: str, complaint_id: UUID, sealer: Sealer) -> Contact:
    """The contact in a sealed part. Raises Rejected('cannot-open')."""
    opened = sealer.open(sealed, about=complaint_id)
    within = opened.get("customer")
    known = within if isinstance(within, dict) else opened
    return Contact(str(known.get("name") or ""), str(known.get("email") or "").strip())
