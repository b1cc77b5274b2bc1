"""Which channel leads to one contact? Mail, or for the company's own people whatever Apprise knows."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from shared.addresses import is_mailbox, mailbox_of
from shared.notify.kinds import kind_of
from shared.notify.mail import Mail, MailServer
from shared.notify.message import Message
from shared.notify.outcome import FAILED, REFUSED, SENT, Outcome


class Channel(Protocol):
    """A way to one contact; `send` may block, it is called in a thread."""

    @property
    def kind(self) -> str:
        """Bounded name for metrics: mail, slack, dingtalk ..."""
        ...

    @property
    def target(self) -> str:
        """What breaks or is slow together, e.g. one mail server; never logged."""
        ...

    def send(self, message: Message, key: str) -> Outcome:
        """Try once. Never raises for what the other side does."""
        ...


@dataclass(frozen=True, slots=True)
class Post:
    """One of the services that Apprise knows, by its URL."""

    url: str
    kind: str
    target: str

    def send(self, message: Message, key: str) -> Outcome:  # noqa: ARG002 - Apprise carries no key
        """Try once."""
        # Apprise with its plugins takes 45 MB and two seconds: only who has chat contacts pays.
        from apprise import Apprise  # noqa: PLC0415

        # It logs the addresses that it sends to; nobody's address belongs in our logs.
        logging.getLogger("apprise").disabled = True
        door = Apprise()
        if not door.add(self.url):
            return Outcome(REFUSED, "the URL of the contact cannot be read")
        try:
            told = door.notify(title=message.subject, body=message.body)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; the notice waits
            return Outcome(FAILED, type(error).__name__)
        return Outcome(SENT) if told else Outcome(FAILED, "the service did not take it")


def staff_channel(contact: str, server: MailServer | None) -> Channel | None:
    """The way to a contact of the organisation's file: a mail address or an Apprise URL.

    None: it is neither, or no mail leaves.
    """
    scheme, colon, _ = contact.partition("://")
    if colon:
        # Host and port, without what else may stand there: two servers of one machine are two.
        target = scheme.lower() + "://" + urlsplit(contact).netloc.rpartition("@")[2].lower()
        return Post(contact, kind_of(scheme), target)
    return customer_channel(contact, server)


def customer_channel(contact: str, server: MailServer | None) -> Channel | None:
    """The way to a customer: mail and nothing else, whatever the text says.

    Whoever complains writes the address; a URL in its place would have this service call any host of
    the company's network. None: it is no single mailbox, or no mail leaves.
    """
    address = contact.strip()
    if server is None or not is_mailbox(address):
        return None
    return Mail(server, mailbox_of(address))
