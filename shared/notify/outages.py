"""Was a channel away, and is it back? Then nobody's notices need to wait for their turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.notify.outcome import FAILED, SENT
from shared.notify.table import Attempt


class Outages:
    """Since when each channel has only failed; by its kind, because one server serves many readers.

    One reader's faulty address among others that work is no outage.
    """

    def __init__(self, shortest: timedelta) -> None:
        self._shortest = shortest
        self._failing_since: dict[str, datetime] = {}
        self._over = False

    def note(self, attempts: Sequence[Attempt]) -> None:
        """Take what was tried into account."""
        for attempt in attempts:
            if attempt.outcome == FAILED:
                self._failing_since.setdefault(attempt.channel, attempt.at)
            elif attempt.outcome == SENT:
                since = self._failing_since.pop(attempt.channel, None)
                self._over = self._over or (since is not None and attempt.at - since >= self._shortest)

    def is_over(self) -> bool:
        """Whether an outage has ended since this was last asked."""
        over, self._over = self._over, False
        return over
