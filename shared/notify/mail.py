"""How does a letter reach one mailbox? Over SMTP, the same mailbox in the envelope and in the header."""

from __future__ import annotations

import email
import email.policy
import hashlib
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

from shared.addresses import Mailbox, Sender, sender_of
from shared.errors import Rejected
from shared.notify.kinds import MAIL
from shared.notify.message import Message
from shared.notify.outcome import FAILED, REFUSED, SENT, Outcome

NO_SMTPUTF8 = "the mail server takes no such address (SMTPUTF8)"
AMBIGUOUS = "the address cannot be written into a header"
NEVER = frozenset({NO_SMTPUTF8, AMBIGUOUS})
"""Details of a refusal that lies in the address: waiting changes nothing, and somebody else hears at once."""
DEFAULT_NAME = "Kesu"
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PERMANENT = range(500, 600)
_TAKEN = range(200, 300)
# Lines of eight bits and lines of any length pass no old server unharmed; seven bits pass them all.
_ASCII = email.policy.SMTP.clone(cte_type="7bit")
_UTF8 = email.policy.SMTPUTF8.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail leaves: smtp:// in the clear, smtp+starttls:// or smtps:// encrypted."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: Sender
    timeout_seconds: float

    @classmethod
    def from_url(cls, url: str, *, sender: str, timeout_seconds: float = 10.0) -> MailServer:
        """The server of `smtp://user:password@host:port`, for letters from this sender (KESU_MAIL_FROM).

        Raises Rejected('bad-smtp-url'), Rejected('bad-sender').
        """
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
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            security=parts.scheme,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=sender_of(sender),
            timeout_seconds=timeout_seconds,
        )

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
    """A mail to one mailbox. The same key gives the same Message-ID, so that a mail server or reader
    can drop the second copy after a crash between sending and recording.
    """

    server: MailServer
    to: Mailbox
    kind: str = MAIL
    target: str = MAIL

    def send(self, message: Message, key: str) -> Outcome:
        """Try once."""
        content = _content(self.server.sender, self.to, message, key)
        if not _names_only(content, self.to):
            return Outcome(REFUSED, AMBIGUOUS)
        try:
            client = self.server.connect()
            try:
                return _transmit(client, self.server.sender.mailbox, self.to, content)
            finally:
                # What was taken is taken, however the server says goodbye.
                with suppress(smtplib.SMTPException, OSError):
                    client.quit()
                client.close()
        except smtplib.SMTPDataError as error:
            return _of_code(error.smtp_code)
        except smtplib.SMTPResponseException as error:
            return _of_code(error.smtp_code, may_refuse=False)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return Outcome(FAILED, type(error).__name__)


def digest(key: str) -> str:
    """The key without what it is made of: mail headers are read by strangers."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _content(sender: Sender, to: Mailbox, message: Message, key: str) -> bytes:
    mail = EmailMessage(policy=_UTF8 if to.needs_smtputf8 else _ASCII)
    origin = sender.mailbox
    mail["From"] = Address(sender.name or DEFAULT_NAME, username=origin.local, domain=origin.domain)
    mail["To"] = Address(username=to.local, domain=to.domain)
    mail["Subject"] = message.subject
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{digest(key)}@{origin.domain}>"
    mail["X-Kesu-Notice"] = digest(key)
    # RFC 3834, and what Exchange goes by: no absence notes and receipts in answer to a machine.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.body)
    return mail.as_bytes()


def _names_only(content: bytes, to: Mailbox) -> bool:
    """Whether whoever reads the header finds the mailbox of the envelope there, and no other."""
    # As text: from bytes the parser would give what is not ASCII as surrogates.
    head = email.message_from_string(content.decode(), policy=_UTF8)
    return [(one.username, one.domain) for one in head["To"].addresses] == [(to.local, to.domain)]


def _transmit(client: smtplib.SMTP, sender: Mailbox, to: Mailbox, content: bytes) -> Outcome:
    """Give it to the server command by command: smtplib's own methods parse the addresses once more."""
    client.ehlo_or_helo_if_needed()
    options = ""
    if to.needs_smtputf8:
        if not client.has_extn("smtputf8"):
            return Outcome(REFUSED, NO_SMTPUTF8)
        client.command_encoding = "utf-8"
        options = " SMTPUTF8 BODY=8BITMIME"
    code, _ = client.docmd("MAIL", f"FROM:<{sender}>{options}")
    if code not in _TAKEN:
        return _of_code(code, may_refuse=False)
    code, _ = client.docmd("RCPT", f"TO:<{to}>")
    if code not in _TAKEN:
        return _of_code(code)
    code, _ = client.data(content)
    return Outcome(SENT) if code in _TAKEN else _of_code(code)


def _of_code(code: int, *, may_refuse: bool = True) -> Outcome:
    refused = may_refuse and code in _PERMANENT
    return Outcome(REFUSED if refused else FAILED, f"SMTP {code}")
