"""Where does the demonstration's mail go? A real SMTP server on loopback that keeps what it gets."""

from __future__ import annotations

import contextlib
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from shared.local.ports import free_ports

_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as its reader sees it."""

    to: str
    subject: str
    text: str

    def link(self, part: str) -> str | None:
        """The first link whose path holds `part`, e.g. `/s/`."""
        return next((found for found in _LINK.findall(self.text) if part in found), None)


@dataclass
class Mailbox:
    """Everything that arrived, in the order of arrival.

    Without slots: aiosmtpd looks through its handler's members, and on Python 3.11.2 (Debian 12) a class that
    `dataclass(slots=True)` made anew keeps a `__weakref__` of the one before, at which that look ends.
    """

    mails: list[Mail] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 - aiosmtpd's interface
        """Take a mail."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
        self.mails += [Mail(to, str(message["subject"]), text) for to in envelope.rcpt_tos]
        return "250 OK"


@contextlib.contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mailbox that is open while the context lasts; `url` is its SMTP address."""
    kept = Mailbox()
    # The controller connects to its own port to see whether it serves, so it has to know it before.
    (port,) = free_ports(1)
    controller = Controller(kept, hostname="127.0.0.1", port=port, ready_timeout=10)
    controller.start()
    try:
        kept.url = f"smtp://127.0.0.1:{port}"
        yield kept
    finally:
        controller.stop()
