"""When is a notice tried again, and when is it given up?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.notify.digest import Bounds


@dataclass(frozen=True, slots=True)
class Patience:
    """Exponential back-off, spread out so that an outage does not end in a stampede."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=10)
    give_up_after: timedelta = timedelta(days=7)
    lease: timedelta = timedelta(minutes=2)
    """How long a claimed notice is kept from other dispatchers; after a crash it waits that long."""
    attempt_seconds: float = 15.0
    """How long one channel may take."""
    alarm_after: timedelta = timedelta(minutes=15)
    """Undelivered for that long it is reported: somebody else may have to be told."""
    digest: Bounds = field(default_factory=Bounds)
    outage: timedelta = timedelta(minutes=1)
    """A channel on which nothing arrived for that long was away: once it is back, nobody waits longer."""

    def next_try(self, now: datetime, key: str, tries: int) -> datetime:
        """When to try again after so many tries (1: the first has just failed)."""
        doubled = self.first * 2 ** min(tries - 1, 30) if tries <= _MOST_DOUBLINGS else self.longest
        return now + min(doubled, self.longest) * _spread(key, tries)

    def deferred(self, now: datetime, key: str, tries: int) -> datetime:
        """When to look again at one whose channel is busy; that is no try."""
        return now + self.first * _spread(key, -tries - 1)

    def is_exhausted(self, now: datetime, created_at: datetime) -> bool:
        """Whether it has been tried long enough."""
        return now - created_at > self.give_up_after


_MOST_DOUBLINGS = 20


def _spread(key: str, tries: int) -> float:
    """From 0.5 to 1.5, the same for the same try, so that a test can tell it."""
    seed = hashlib.sha256(f"{key}\x1f{tries}".encode()).digest()
    return 0.5 + int.from_bytes(seed[:4], "big") / 2**32
