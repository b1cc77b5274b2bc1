"""What mail did the code under test really send? A real SMTP server on loopback that keeps it."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.local.ports import free_ports


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One message as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text, or else the first part that is text."""
        body = self.message.get_body(preferencelist=("plain", "html"))
        return "" if body is None else str(body.get_content())


class SmtpServer:
    """A mail server that answers as told: at once, slowly, or with an error."""

    def __init__(self, port: int | None = None, *, utf8: bool = False) -> None:
        self.host = "127.0.0.1"
        self.port = port or free_ports(1)[0]
        self.utf8 = utf8
        """Whether it offers SMTPUTF8."""
        self.mails: list[ReceivedMail] = []
        self.refused = 0
        self.offered = 0
        """How many messages came, whether or not they have been answered."""
        self._answer: str | None = None
        self._refusals_left: int | None = None
        self._delay_seconds = 0.0
        self._controller: Controller | None = None
        self._kept: socket.socket | None = None

    @property
    def url(self) -> str:
        """As `mailto://` URLs want it: `smtp://127.0.0.1:port`."""
        return f"smtp://{self.host}:{self.port}"

    def refuse(self, answer: str = "451 4.3.0 try again later", *, times: int | None = None) -> None:
        """Answer the next messages (all of them, or `times`) with this error instead of keeping them."""
        self._answer, self._refusals_left = answer, times

    def accept(self) -> None:
        """Take mail again."""
        self._answer, self._refusals_left = None, None

    def answer_after(self, seconds: float) -> None:
        """Let every sender wait that long for the answer."""
        self._delay_seconds = seconds

    def start(self) -> None:
        """Listen, on the same port each time."""
        self.release()
        self._controller = Controller(
            self, hostname=self.host, port=self.port, ready_timeout=10, enable_SMTPUTF8=self.utf8
        )
        self._controller.start()

    def stop(self) -> None:
        """Be away: connections are refused until `start`, and nobody else gets the port meanwhile."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None
            self._kept = socket.socket()
            self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._kept.bind((self.host, self.port))

    def release(self) -> None:
        """Let the port go."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """What aiosmtpd calls for each message."""
        self.offered += 1
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        if self._answer is not None and self._refusals_left != 0:
            self.refused += 1
            if self._refusals_left is not None:
                self._refusals_left -= 1
            return self._answer
        self.mails.append(_received(envelope))
        return "250 2.0.0 kept"


def _received(envelope: Envelope) -> ReceivedMail:
    content: Any = envelope.content
    raw = content if isinstance(content, bytes) else str(content).encode()
    # As text: what is not ASCII (SMTPUTF8) would come out of bytes as surrogates.
    message = email.message_from_string(raw.decode(), policy=email.policy.default)
    return ReceivedMail(sender=envelope.mail_from or "", recipients=tuple(envelope.rcpt_tos), message=message)


@contextmanager
def smtp_server(*, utf8: bool = False) -> Iterator[SmtpServer]:
    """A mail server that listens; away at the end."""
    server = SmtpServer(utf8=utf8)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        server.release()
