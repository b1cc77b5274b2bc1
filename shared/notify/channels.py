"""How does one message reach one contact? By mail or through Apprise, with a plain outcome either way."""

from __future__ import annotations

import hashlib
import logging
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Protocol
from urllib.parse import unquote, urlsplit

from shared.errors import Rejected
from shared.notify.kinds import kind_of
from shared.notify.message import Message

SENT, FAILED, REFUSED = "sent", "failed", "refused"
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refused`: this contact will never take it. The detail holds no personal text."""

    kind: str
    detail: str = ""


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
class MailServer:
    """Where mail leaves: smtp:// in the clear, smtp+starttls:// or smtps:// encrypted."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    timeout_seconds: float

    @classmethod
    def from_url(cls, url: str, *, sender: str, timeout_seconds: float = 10.0) -> MailServer:
        """The server of `smtp://user:password@host:port`. Raises Rejected('bad-smtp-url')."""
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in _PORTS or not parts.hostname or port == -1:
            raise Rejected(
                "bad-smtp-url",
                "the address of the mail server cannot be read",
                field="KESU_SMTP_URL",
                remedy="Write smtp://host:25, smtp+starttls://user:password@host or smtps://...",
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        port = port or _PORTS[parts.scheme]
        return cls(parts.hostname, port, parts.scheme, user, password, sender, timeout_seconds)

    def connect(self) -> smtplib.SMTP:
        """A connection that is ready to send. Raises OSError or SMTPException."""
        if self.security == "smtps":
            context = ssl.create_default_context()
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout_seconds, context=context
            )
        else:
            client = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        if self.security == "smtp+starttls":
            client.starttls(context=ssl.create_default_context())
        if self.user:
            client.login(self.user, self.password)
        return client


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one address. The same key gives the same Message-ID, so that a mail server or reader
    can drop the second copy after a crash between sending and recording.
    """

    server: MailServer
    address: str
    kind: str = "mail"
    target: str = "mail"

    def send(self, message: Message, key: str) -> Outcome:
        """Try once."""
        try:
            with self.server.connect() as client:
                client.send_message(_mail(self.server.sender, self.address, message, key))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            return _smtp(codes[0] if codes else 0)
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            return _smtp(error.smtp_code, may_refuse=isinstance(error, smtplib.SMTPDataError))
        except smtplib.SMTPResponseException as error:
            return _smtp(error.smtp_code, may_refuse=False)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return Outcome(FAILED, type(error).__name__)
        return Outcome(SENT)


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
    the company's network. None: it is no mail address, or no mail leaves.
    """
    if "@" in contact and "://" not in contact and server is not None:
        return Mail(server, contact.strip())
    return None


def digest(key: str) -> str:
    """The key without what it is made of: mail headers are read by strangers."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _mail(sender: str, address: str, message: Message, key: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = formataddr(("Kesu", sender))
    mail["To"] = address
    mail["Subject"] = message.subject
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{digest(key)}@{sender.rpartition('@')[2] or 'kesu'}>"
    mail["X-Kesu-Notice"] = digest(key)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


def _smtp(code: int, *, may_refuse: bool = True) -> Outcome:
    refused = may_refuse and code in _PERMANENT
    return Outcome(REFUSED if refused else FAILED, f"SMTP {code}")
