"""How do many notices to one person become one letter? By person and template, once they stop coming."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.notify.message import Message, render
from shared.notify.table import Waiting


@dataclass(frozen=True, slots=True)
class Bounds:
    """From how many on notices to one person come as one letter, and how long it waits for more."""

    least: int = 5
    settle: timedelta = timedelta(seconds=3)
    longest: timedelta = timedelta(seconds=20)

    def is_complete(self, group: Sequence[Waiting], now: datetime) -> bool:
        """Whether no more is to be waited for: the newest is old enough, or the oldest too old.

        One that was tried before has waited already.
        """
        created = [waiting.created_at for waiting in group]
        tried = any(waiting.attempts for waiting in group)
        return tried or now - max(created) >= self.settle or now - min(created) >= self.longest


def digest_key(group: Sequence[Waiting]) -> str:
    """The same name for the same notices, so that a mail server can drop a second copy."""
    text = "\x1f".join(sorted(waiting.key for waiting in group))
    return f"digest:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def digest(messages: Sequence[tuple[Message, str]], language: str, *, name: str, company: str) -> Message:
    """One letter that lists them all, each with its subject and its own link (may be empty)."""
    lines = [
        f"{number}. {message.subject}" + (f"\n   {link}" if link else "")
        for number, (message, link) in enumerate(messages, start=1)
    ]
    return render(
        "digest",
        language,
        {
            "count": str(len(messages)),
            "first": messages[0][0].subject,
            "list": "\n".join(lines),
            "name": name or "–",
            "company": company,
        },
    )
