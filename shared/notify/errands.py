"""What has a service to do after a decision, besides writing? Errands, kept and tried like notices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from shared.clock import Clock
from shared.database.transaction import FAILURES
from shared.errors import KesuError, NotYet
from shared.lettering import ReportLetter
from shared.notify.contacts import Contacts
from shared.notify.patience import Patience
from shared.notify.recipients import opened_contact
from shared.notify.table import Result, Waiting
from shared.sealed.sealer import Sealer

log = structlog.get_logger("kesu.notify")
Errand = Callable[[Waiting], Awaitable[None]]
"""Does it; done twice it must change nothing more."""
OnLost = Callable[[Waiting, datetime, str], None]
"""A customer's letter reaches nobody: which, since when that is known, and why."""
Give = Callable[[object], Awaitable[object]]
"""Has a command decided and kept. Raises KesuError, as the handler did."""


def nobody_misses(_waiting: Waiting, _at: datetime, _reason: str) -> None:
    """A letter that is given up is counted; no service wants to hear of it."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What a service brings along that writes to customers; without it letters go where they say."""

    contacts: Contacts | None = None
    errands: Mapping[str, Errand] = field(default_factory=dict)
    on_lost: OnLost = nobody_misses


@dataclass(frozen=True, slots=True)
class Errands:
    """The errands of one service by name."""

    known: Mapping[str, Errand]
    patience: Patience
    clock: Clock

    async def attempt(self, waiting: Waiting) -> Result:
        """Try it once, and say what to write down."""
        now = self.clock.now()
        if self.patience.is_exhausted(now, waiting.created_at):
            return Result(waiting.id, gave_up_at=now, last_error="it could not be done in time")
        try:
            await self.known[waiting.template](waiting)
        except (KesuError, *FAILURES) as error:
            reason = error.code if isinstance(error, KesuError) else type(error).__name__
            if not isinstance(error, NotYet):
                log.warning("errand.failed", errand=waiting.template, notice=str(waiting.id), reason=reason)
            again = self.patience.deferred(now, waiting.key, waiting.attempts)
            return Result(waiting.id, not_before=again, last_error=reason)
        return Result(waiting.id, delivered_at=self.clock.now())


def contact_corrected(contacts: Contacts, sealer: Sealer, clock: Clock, give: Give) -> Errand:
    """The errand that follows a corrected address: what is out is looked at, what waits goes there."""

    async def run(waiting: Waiting) -> None:
        complaint_id = waiting.complaint_id
        if await contacts.is_under_way(complaint_id, clock.now()):
            raise NotYet("letter-under-way", "a letter to this customer is being sent")
        sealed = await contacts.current(complaint_id)
        email = opened_contact(sealed, complaint_id, sealer).email if sealed else ""
        wrong = await contacts.misdirected(
            complaint_id, current=sealer.pseudonym(email) if email else "", corrected=waiting.created_at
        )
        for letter in wrong:
            # Reported before it is marked: told twice is told once, not told is lost.
            await give(ReportLetter(complaint_id, letter.template, "wrong-contact", letter.at))
        await contacts.settle(complaint_id, wrong, clock.now())

    return run
