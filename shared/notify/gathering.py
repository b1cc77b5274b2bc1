"""Which notices leave together, and which wait? What one reader is to hear comes in order, or as one letter.

Fresh ones that come in a burst wait for each other; those that failed are tried again with whatever else is
due for the same reader, so that nobody reads yesterday's alarms after today's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.lettering import SUITE
from shared.notify.patience import Patience
from shared.notify.table import CUSTOMER, Beside, Waiting, claim_rest, put_off

_BEHIND = timedelta(seconds=0.25)
"""How soon to look again when something for the same reader is under way."""
_APART = frozenset({CUSTOMER, SUITE})
"""Their notices are never made one letter."""
Reader = tuple[str, str]
"""A person and a template; or `customer` and the complaint: no letter speaks of two customers' cases."""


def reader_of(waiting: Waiting) -> Reader:
    """Whose notices this one belongs with."""
    return waiting.to, str(waiting.complaint_id) if waiting.to == CUSTOMER else waiting.template


class Gathering:
    """What one dispatcher knows of its readers from one turn to the next."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._held: dict[Reader, datetime] = {}
        self._under_way: set[Reader] = set()

    async def turn(
        self, connection: AsyncConnection, claimed: Sequence[Waiting], now: datetime
    ) -> list[list[Waiting]]:
        """The groups that leave now, each in order; what has to wait is put off."""
        self._held = {reader: until for reader, until in self._held.items() if until > now}
        groups: dict[Reader, list[Waiting]] = {}
        for waiting in claimed:
            groups.setdefault(reader_of(waiting), []).append(waiting)
        for reader, group in tuple(groups.items()):
            until = self._waits_until(reader, group, now)
            if until is not None:
                ids = [waiting.id for waiting in groups.pop(reader)]
                await put_off(connection, *reader, ids, now=now, until=until)
        if groups:
            wanted = [Beside(*reader, self._soon(group, now)) for reader, group in groups.items()]
            ids = [waiting.id for waiting in claimed]
            for waiting in await claim_rest(connection, wanted, ids, until=now + self._patience.lease):
                groups[reader_of(waiting)].append(waiting)
        self._under_way.update(groups)
        return [sorted(group, key=lambda waiting: waiting.id) for group in groups.values()]

    def is_digest(self, group: Sequence[Waiting]) -> bool:
        """Whether so many to one person come as one letter."""
        return group[0].to not in _APART and len(group) >= self._patience.digest.least

    def ended(self, group: Sequence[Waiting]) -> None:
        """What left has arrived, or failed."""
        self._under_way.discard(reader_of(group[0]))

    def hold(self, group: Sequence[Waiting], until: datetime) -> None:
        """Try nothing for this reader before then: it has just failed."""
        self._held[reader_of(group[0])] = until

    def _waits_until(self, reader: Reader, group: Sequence[Waiting], now: datetime) -> datetime | None:
        if reader in self._under_way:
            return now + _BEHIND
        if reader not in self._held and self.is_digest(group):
            bounds = self._patience.digest
            if not bounds.is_complete(group, now):
                self._held[reader] = now + bounds.settle
        return self._held.get(reader)

    def _soon(self, group: Sequence[Waiting], now: datetime) -> datetime:
        return now + self._patience.digest.settle if self.is_digest(group) else now
