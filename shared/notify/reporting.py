"""Who hears what became of a notice? The metrics, the log and, if it reaches nobody, the service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from shared.clock import Clock
from shared.notify.errands import OnLost
from shared.notify.kinds import NONE
from shared.notify.mail import NEVER
from shared.notify.patience import Patience
from shared.notify.table import CUSTOMER, Result, Waiting
from shared.observability import metrics

log = structlog.get_logger("kesu.notify")
OnSent = Callable[[str, str], None]
OnUndelivered = Callable[[Waiting], None]
GAVE_UP = "gave_up"


def count(channel: str, outcome: str) -> None:
    """Count an attempt."""
    metrics.ALERTS.labels(channel, outcome).inc()


def nobody_asks(_waiting: Waiting) -> None:
    """What cannot be delivered waits and is counted; no service wants to hear of it."""


@dataclass(frozen=True, slots=True)
class Reporting:
    """Tells of attempts; of a digest once, of its notices each."""

    clock: Clock
    patience: Patience
    on_sent: OnSent
    on_undelivered: OnUndelivered
    on_lost: OnLost

    def tell(self, group: Sequence[Waiting], results: Sequence[Result]) -> None:
        """Say what became of these, which were one letter if there are several."""
        for attempt in results[0].attempts:
            self.on_sent(attempt.channel, attempt.outcome)
        for waiting, result in zip(group, results, strict=True):
            self._tell(waiting, result)

    def _tell(self, waiting: Waiting, result: Result) -> None:
        if result.gave_up_at:
            self.on_sent(result.attempts[-1].channel if result.attempts else NONE, GAVE_UP)
            if waiting.to == CUSTOMER:
                self.on_lost(waiting, result.gave_up_at, result.last_error or "")
        if result.delivered_at is not None:
            return
        if self._reaches_nobody(waiting, result):
            self.on_undelivered(waiting)
        if result.attempts:
            log.warning(
                "notice.failed",
                notice=str(waiting.id),
                complaint=str(waiting.complaint_id),
                template=waiting.template,
                reason=result.last_error,
                gave_up=result.gave_up_at is not None,
            )

    def _reaches_nobody(self, waiting: Waiting, result: Result) -> bool:
        """Whether somebody else should be told: there is no way to this person, or none in time."""
        tries = result.attempts
        if result.gave_up_at is not None or any(one.channel == NONE for one in tries):
            return True
        if tries and all(one.detail in NEVER for one in tries):
            return True
        return self.clock.now() - waiting.created_at >= self.patience.alarm_after
