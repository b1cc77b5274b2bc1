"""Do the four databases know the same complaints, and does each number belong to one? By them and by the log.

Dumps of different moments restored together are sound each by itself, and clocks say nothing of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from services.escalation.jobs.comparing import Difference
from services.escalation.store.registers import Known, given_twice, holders, known_in
from shared.database.transaction import Database
from shared.events.intake import ComplaintRegistered
from shared.ids import moment_of

MISSING: Mapping[str, str] = {
    "intake": "complaint-missing",
    "routing": "case-missing",
    "escalation": "sheet-missing",
    "surveys": "invitation-missing",
}
_NAME: Mapping[str, str] = {"routing": "case", "escalation": "sheet", "surveys": "invitation"}
_REGISTERED = ComplaintRegistered.type_name.encode()


class Census:
    """Goes through complaints by rising id, beside the log; `until` leaves events time to arrive."""

    def __init__(self, databases: Mapping[str, Database], until: datetime) -> None:
        self._databases = databases
        self._until = until
        self._streams: dict[str, AsyncIterator[Known]] = {}
        self._ahead: dict[str, Known | None] = {}
        self._unknown: dict[UUID, str] = {}
        """Complaints that the register lacks, with their numbers: another may have been given those."""
        self.differences: list[Difference] = []

    async def begin(self) -> None:
        """Open every database. Raises what the driver raises when one cannot be read."""
        for service, database in self._databases.items():
            self._streams[service] = known_in(database, service)
            await self._advance(service)

    async def look(self, complaint: UUID, bodies: Sequence[bytes]) -> None:
        """The next complaint that the log or the clocks know; those that only others know come first."""
        while (first := self._first()) is not None and first < complaint:
            await self._judge(first, None)
        await self._judge(complaint, _number_in(bodies))

    async def end(self) -> list[Difference]:
        """Whatever is left in the tables, and numbers that two complaints have."""
        while (first := self._first()) is not None:
            await self._judge(first, None)
        self.differences += [one async for one in self._doubles()]
        return self.differences

    def _first(self) -> UUID | None:
        return min((one.complaint for one in self._ahead.values() if one is not None), default=None)

    async def _advance(self, service: str) -> None:
        self._ahead[service] = await anext(self._streams[service], None)

    async def _judge(self, complaint: UUID, logged: str | None) -> None:
        here: dict[str, Known] = {}
        for service, ahead in tuple(self._ahead.items()):
            if ahead is not None and ahead.complaint == complaint:
                here[service] = ahead
                await self._advance(service)
        self.differences += self._differing(complaint, logged, here)

    def _differing(
        self, complaint: UUID, logged: str | None, here: Mapping[str, Known]
    ) -> Iterator[Difference]:
        number = logged or next((one.number for one in here.values() if one.number), "")
        if self._is_fresh(complaint, here):
            return
        if "intake" not in here:
            if logged is not None:
                yield Difference(
                    MISSING["intake"], complaint, f"{number} is in the log and not in the register"
                )
                self._unknown[complaint] = number
            for service in sorted(here):
                yield Difference(
                    "orphan", complaint, f"{number} has a {_NAME[service]} and is not in the register"
                )
                self._unknown[complaint] = number
        if "intake" in here or logged is not None:
            for service in sorted(self._databases.keys() - here.keys() - {"intake"}):
                yield Difference(MISSING[service], complaint, f"{number} has no {_NAME[service]}")

    def _is_fresh(self, complaint: UUID, here: Mapping[str, Known]) -> bool:
        """Whether somebody may still have to hear of it."""
        since = [one.since for one in here.values()] or [moment_of(complaint) or self._until]
        return max(since) >= self._until

    async def _doubles(self) -> AsyncIterator[Difference]:
        told: set[str] = set()
        for service, database in self._databases.items():
            for number, complaints in await given_twice(database, service):
                for one in complaints[1:]:
                    told.add(number)
                    yield Difference("number-double", one, f"{number} is also {complaints[0]} in {service}")
        found = await holders(self._databases["intake"], "intake", self._unknown.values())
        for complaint, number in self._unknown.items():
            other = found.get(number)
            if other is not None and other != complaint and number not in told:
                yield Difference("number-double", complaint, f"{number} is {other} in the register")


def _number_in(bodies: Sequence[bytes]) -> str | None:
    """The number under which the log says it was registered; None: it does not."""
    for body in bodies:
        if _REGISTERED in body:
            event = orjson.loads(body)
            if event["type"] == ComplaintRegistered.type_name:
                return str(event["data"].get("complaint_no", ""))
    return None
