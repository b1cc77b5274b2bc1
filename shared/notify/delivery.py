"""What becomes of one claimed notice? Its contacts in order, until one of them takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.database.transaction import FAILURES
from shared.errors import Rejected
from shared.notify.channels import Channel, customer_channel, staff_channel
from shared.notify.contacts import Contacts
from shared.notify.digest import digest, digest_key
from shared.notify.kinds import NONE
from shared.notify.lanes import Lanes
from shared.notify.links import PublicLinks
from shared.notify.mail import MailServer
from shared.notify.message import Message, render
from shared.notify.outcome import FAILED, REFUSED, SENT, Outcome
from shared.notify.patience import Patience
from shared.notify.recipients import Recipient, recipient_of
from shared.notify.table import CUSTOMER, Attempt, Result, Waiting
from shared.policy.model import Rulebook
from shared.sealed.sealer import Sealer

NO_CONTACT = "no contact"


@dataclass(frozen=True, slots=True)
class Delivery:
    """All that one attempt needs; makes no change in the database."""

    rules: Callable[[], Rulebook]
    sealer: Sealer
    links: PublicLinks
    server: MailServer | None
    lanes: Lanes
    patience: Patience
    clock: Clock
    contacts: Contacts | None = None
    """Where customers are reached now; None: where the notice says."""

    async def attempt(self, waiting: Waiting, lease_ends: datetime) -> Result:
        """Try it once on each contact, and say what to write down."""
        now = self.clock.now()
        if self.patience.is_exhausted(now, waiting.created_at):
            return Result(waiting.id, gave_up_at=now, last_error="it could not be delivered in time")
        try:
            rules = self.rules()
            recipient = recipient_of(await self._addressed(waiting), rules, self.sealer)
            message = self._message(waiting, recipient, rules)
        except Rejected as error:
            return self._failed(waiting, [Attempt(now, NONE, FAILED, error.code)], for_good=False)
        except FAILURES:
            again = self.patience.deferred(now, waiting.key, waiting.attempts)
            return Result(waiting.id, not_before=again, last_error="the database does not answer")
        usable = self._channels(recipient)
        if not usable:
            nobody = [Attempt(now, NONE, FAILED, NO_CONTACT)]
            return self._failed(waiting, nobody, for_good=recipient.is_customer)
        return await self._try_all(waiting, message, usable, lease_ends, recipient)

    async def attempt_together(self, group: Sequence[Waiting], lease_ends: datetime) -> list[Result]:
        """Try one letter for all of them; each is recorded as delivered by it, or waits with the others."""
        head = replace(group[0], key=digest_key(group), attempts=max(one.attempts for one in group))
        now = self.clock.now()
        if any(self.patience.is_exhausted(now, one.created_at) for one in group):
            return [await self.attempt(one, lease_ends) for one in group]
        try:
            rules = self.rules()
            recipient = recipient_of(head, rules, self.sealer)
            letters = [
                (self._message(one, recipient, rules), self.links.expand(one.values.get("link", "")))
                for one in group
            ]
        except Rejected as error:
            failed = self._failed(head, [Attempt(now, NONE, FAILED, error.code)], for_good=False)
            return _each(group, failed, "")
        usable = self._channels(recipient)
        if not usable:
            nobody = self._failed(head, [Attempt(now, NONE, FAILED, NO_CONTACT)], for_good=False)
            return _each(group, nobody, "")
        company = rules.organisation.name
        message = digest(letters, head.language, name=recipient.name, company=company)
        result = await self._try_all(head, message, usable, lease_ends, recipient)
        return _each(group, result, f"{head.key} of {len(group)}")

    async def _addressed(self, waiting: Waiting) -> Waiting:
        """The notice with the contact of now: the one that it was written with may have been corrected."""
        if waiting.to != CUSTOMER or self.contacts is None:
            return waiting
        current = await self.contacts.current(waiting.complaint_id)
        return waiting if current is None else replace(waiting, sealed=current)

    def _channels(self, recipient: Recipient) -> list[Channel]:
        way = customer_channel if recipient.is_customer else staff_channel
        ways = (way(contact, self.server) for contact in recipient.contacts)
        return [channel for channel in ways if channel is not None]

    async def _try_all(
        self,
        waiting: Waiting,
        message: Message,
        channels: list[Channel],
        lease_ends: datetime,
        recipient: Recipient,
    ) -> Result:
        tries: list[Attempt] = []
        for channel in channels:
            if self.lanes.is_full(channel.target):
                continue
            outcome = await self._send(channel, message, waiting.key, lease_ends)
            if outcome is None:
                break
            now = self.clock.now()
            where = recipient.pseudonym if outcome.kind == SENT else ""
            tries.append(Attempt(now, channel.kind, outcome.kind, outcome.detail or where))
            if outcome.kind == SENT:
                return Result(waiting.id, tuple(tries), delivered_at=now)
        if not tries:
            again = self.patience.deferred(self.clock.now(), waiting.key, waiting.attempts)
            return Result(waiting.id, not_before=again, last_error="the channel is busy")
        # The organisation's file can be mended, a customer's address cannot.
        hopeless = recipient.is_customer and all(one.outcome == REFUSED for one in tries)
        return self._failed(waiting, tries, for_good=hopeless)

    async def _send(
        self, channel: Channel, message: Message, key: str, lease_ends: datetime
    ) -> Outcome | None:
        """The outcome; None if the lease is too short by now to begin."""
        seconds = self.patience.attempt_seconds

        def work() -> Outcome | None:
            # Asked in the thread: waiting for a free one may have used the lease up.
            if self.clock.now() + timedelta(seconds=seconds) > lease_ends:
                return None
            return channel.send(message, key)

        try:
            return await self.lanes.call(channel.target, work, timeout_seconds=seconds)
        except TimeoutError:
            return Outcome(FAILED, "no answer in time")

    def _message(self, waiting: Waiting, recipient: Recipient, rules: Rulebook) -> Message:
        values = {name: self.links.expand(value) for name, value in waiting.values.items()}
        company = rules.organisation.name
        return render(
            waiting.template,
            waiting.language,
            {"company": company, "name": recipient.name or "–", **values},
        )

    def _failed(self, waiting: Waiting, tries: list[Attempt], *, for_good: bool) -> Result:
        now = self.clock.now()
        last = f"{tries[-1].channel}: {tries[-1].detail or tries[-1].outcome}"
        if for_good:
            return Result(waiting.id, tuple(tries), gave_up_at=now, last_error=last)
        again = self.patience.next_try(now, waiting.key, waiting.attempts + 1)
        return Result(waiting.id, tuple(tries), not_before=again, last_error=last)


def _each(group: Sequence[Waiting], result: Result, by: str) -> list[Result]:
    """The same result for every notice of a digest, its attempts saying which letter they were in."""
    tries = tuple(replace(one, detail=" ".join(filter(None, (one.detail, by)))) for one in result.attempts)
    return [replace(result, notice=one.id, attempts=tries) for one in group]
