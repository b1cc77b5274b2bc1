"""What would people do? Customers, desks and managers of the demonstration, each through the real doors.

Nothing is written past the services: complaints are posted, cases are worked on with handlers' tokens,
customers follow the links of their mails, managers acknowledge with theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlsplit

from shared.clock import monotonic
from shared.errors import Unavailable
from shared.ids import new_id
from shared.local.http_client import HttpClient, Reply
from shared.local.mailbox import Mailbox
from shared.local.suite import LocalSuite

_PATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.4
"""How often desks and customers look; all at the same moments, as desks go through their lists: what comes
in together shares a commit, and nobody keeps the services busy by asking all the time."""
_GRADES = ("very-satisfied", "satisfied", "basically-satisfied", "dissatisfied", "very-dissatisfied")
_GRADE_WEIGHTS = (30, 40, 15, 10, 5)

_READ_SECONDS = 1.2
"""How long a customer reads an answer before replying to it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What will happen to one complaint; drawn from the seed, so every demonstration is alike."""

    think_seconds: float
    late: bool
    refuses: bool
    paid: bool
    grade: str | None


def fate(random: Random, *, limit_seconds: float) -> Fate:
    """Most are answered in time; some late, some refused once, some paid, some silent about it."""
    late = random.random() < 0.12  # noqa: PLR2004 - one in eight
    return Fate(
        think_seconds=limit_seconds + random.uniform(0.2, 1)
        if late
        else random.uniform(0.2, limit_seconds / 10),
        late=late,
        refuses=random.random() < 0.08,  # noqa: PLR2004 - one in twelve
        paid=random.random() < 0.15,  # noqa: PLR2004 - one in seven
        grade=random.choices(_GRADES, _GRADE_WEIGHTS)[0] if random.random() < 0.7 else None,  # noqa: PLR2004
    )


def in_order(fates: Iterable[Fate]) -> list[int]:
    """In which order complaints of these fates come in: those first that will wait for an answer longest.

    So the wait for the late ones passes beside all other work, and nobody waits for them at the end.
    """
    return [number for number, _ in sorted(enumerate(fates), key=lambda one: not one[1].late)]


class People:
    """Everybody outside the services."""

    def __init__(self, suite: LocalSuite, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        desk = suite.token("desk", "agent", "handler", "manager")
        self._suite = suite
        self._desks: dict[str, HttpClient] = {}
        self.intake = HttpClient(suite.urls["intake"], token=desk, connections=64)
        self.routing = HttpClient(suite.urls["routing"], token=desk, connections=64)
        self._anyone = {urlsplit(url).netloc: HttpClient(url, connections=8) for url in suite.urls.values()}

    def close(self) -> None:
        """Hang up."""
        for client in (self.intake, self.routing, *self._desks.values(), *self._anyone.values()):
            client.close()

    async def live(self, body: Mapping[str, Any], what: Fate) -> str:
        """One complaint from its registration to the survey; returns its id."""
        reply = await self.intake.request(
            "POST", "/complaints", json=body, headers={"idempotency-key": str(new_id())}
        )
        made = _good(reply, "POST /complaints")
        complaint: str = made["id"]
        secret = made["links"]["customer"].rsplit("/", 1)[-1]
        await asyncio.sleep(what.think_seconds)
        await self._work(complaint, "accept", {})
        await self._work(
            complaint, "investigation", {"liability": "own", "valid": True, "cause_code": "process"}
        )
        await self._answer(complaint, paid=what.paid, number=1)
        if what.refuses:
            await self._reply(complaint, secret, accepts=False, number=1)
            await self._answer(complaint, paid=False, number=2)
        await self._reply(complaint, secret, accepts=True, number=2 if what.refuses else 1)
        case = await self._work(complaint, "fulfil", {})
        await self._work(complaint, "close", {}, client=self._awaited(case))
        if what.grade is not None:
            await self._grade(str(body["customer"]["email"]), what.grade)
        return complaint

    async def acknowledge_alarms(self, share: Random) -> None:
        """Be the managers: follow two of three links that the alerts carry, for ever."""
        read = 0
        while True:
            for mail in self._mailbox.mails[read:]:
                link = mail.link("/a/")
                if link is not None and share.random() < 0.66:  # noqa: PLR2004 - two of three
                    await self._follow(link, None)
            read = len(self._mailbox.mails)
            await _next_look()

    async def _answer(self, complaint: str, *, paid: bool, number: int) -> None:
        offer: dict[str, Any] = {"remedies": ["replace"]}
        if paid:
            offer["compensation"] = {"amount": "120", "currency": "CNY"}
        case = await self._work(complaint, "proposals", offer)
        signature = {"proposal": number, "decision": "approve"}
        while case["awaited"]:
            case = await self._work(complaint, "approvals", signature, client=self._awaited(case))
        await self._work(complaint, "answer", {})

    def _awaited(self, case: Mapping[str, Any]) -> HttpClient:
        """The door of whom policy names for the next step; the desk's where it names nobody."""
        if not case["awaited"]:
            return self.routing
        person = case["awaited"][0]
        if person not in self._desks:
            token = self._suite.token(person, "manager", "director")
            self._desks[person] = HttpClient(self._suite.urls["routing"], token=token, connections=4)
        return self._desks[person]

    async def _work(
        self, complaint: str, step: str, body: Mapping[str, Any], *, client: HttpClient | None = None
    ) -> dict[str, Any]:
        """Take a step; 404 and 409 mean that the case has not got there yet. Returns what was answered."""
        door = client or self.routing
        return await _until_taken(door, f"/cases/{complaint}/{step}", body)

    async def _reply(self, complaint: str, secret: str, *, accepts: bool, number: int) -> None:
        body = {"accepts": accepts, "round": number, "secret": secret}
        await asyncio.sleep(_READ_SECONDS)
        await _until_taken(self.intake, f"/complaints/{complaint}/replies", body)

    async def _grade(self, address: str, grade: str) -> None:
        """Wait for the invitation's mail and follow its link."""
        deadline = monotonic() + _PATIENCE_SECONDS
        while monotonic() < deadline:
            for mail in self._mailbox.mails:
                link = mail.link("/s/") if mail.to == address else None
                if link is not None:
                    await self._follow(link, {"grade": grade})
                    return
            await _next_look()

    async def _follow(self, link: str, body: Mapping[str, Any] | None) -> None:
        parts = urlsplit(link)
        client = self._anyone[parts.netloc]
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"accept": "application/json"} if body is not None else {}
        for _ in range(3):
            with suppress(Unavailable):
                await client.request("POST", path, json=body or {}, headers=headers)
                return


async def _until_taken(client: HttpClient, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    deadline = monotonic() + _PATIENCE_SECONDS
    while True:
        await _next_look()
        try:
            reply = await client.request("POST", path, json=body)
        except Unavailable:
            # Whether it was taken is not known; asking again finds out.
            if monotonic() > deadline:
                raise
        else:
            if reply.status < 300:  # noqa: PLR2004 - HTTP's own border
                answer: dict[str, Any] = reply.json()
                return answer
            if reply.status not in {404, 409, 503} or monotonic() > deadline:
                _good(reply, f"POST {path}")


async def _next_look() -> None:
    await asyncio.sleep(_LOOK_SECONDS - monotonic() % _LOOK_SECONDS)


def _good(reply: Reply, what: str) -> Any:
    if reply.status >= 300:  # noqa: PLR2004 - HTTP's own border
        raise Unavailable(
            f"{what} answered {reply.status}: {reply.body[:300].decode(errors='replace')}",
            remedy="Look into var/log.",
        )
    return reply.json()
