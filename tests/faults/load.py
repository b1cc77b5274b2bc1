"""How do complaints come in while things break? Through the real door, each with its Idempotency-Key.

Whatever is no clear answer (503, no answer in time, a connection that breaks) is asked again with the same
key, as every client is told to. Only a 201 counts as accepted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from shared.clock import monotonic
from shared.errors import Unavailable
from shared.local.http_client import HttpClient, Reply
from tests.faults.snapshot import Accepted

_AGAIN_SECONDS = (0.1, 0.2, 0.5, 1.0)
_GIVE_UP_SECONDS = 240.0
_CREATED, _OK, _SERVER_ERROR, _BUSY = 201, 200, 500, 503


class Load:
    """Posts the bodies evenly over `seconds` (or later, if the door is shut); remembers what was promised."""

    def __init__(
        self, url: str, token: str, bodies: Sequence[Mapping[str, Any]], *, name: str, seconds: float
    ) -> None:
        self._client = HttpClient(url, token=token, connections=32, timeout_seconds=12)
        self._url = url
        self.token = token
        self._bodies = bodies
        self._name = name
        self._seconds = seconds
        self.accepted: list[Accepted] = []
        self.unanswered = 0
        self.answers: Counter[str] = Counter()
        """How often each answer came; `no answer` counts broken and silent connections."""

    @property
    def asked(self) -> int:
        """How many complaints this load wants to register."""
        return len(self._bodies)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the block runs complaints come in; it ends when each was answered or given up."""
        posting = asyncio.create_task(self._post_all(), name="load")
        try:
            yield
            await posting
        finally:
            posting.cancel()
            self._client.close()

    async def reached(self, share: float, *, seconds: float = 180) -> None:
        """Wait until that share of the complaints is accepted. Raises AssertionError when it is not."""
        deadline = monotonic() + seconds
        while len(self.accepted) < share * self.asked:
            assert monotonic() < deadline, f"only {len(self.accepted)} of {self.asked} got in"
            await asyncio.sleep(0.05)

    def beside(self, bodies: Sequence[Mapping[str, Any]], *, name: str, seconds: float) -> Load:
        """Another load through the same door, which counts for itself."""
        return Load(self._url, self.token, bodies, name=f"{self._name}-{name}", seconds=seconds)

    @property
    def over(self) -> bool:
        """Whether every complaint was answered or given up."""
        return len(self.accepted) + self.unanswered >= self.asked

    async def insist(self, path: str, body: Mapping[str, Any], key: str) -> Reply | None:
        """The first clear answer to this POST; None when there was none for minutes."""
        deadline = monotonic() + _GIVE_UP_SECONDS
        attempt = 0
        while monotonic() < deadline:
            try:
                reply = await self._client.request("POST", path, body, {"idempotency-key": key})
            except Unavailable:
                self.answers["no answer"] += 1
            else:
                self.answers[str(reply.status)] += 1
                if reply.status < _SERVER_ERROR:
                    return reply
            await asyncio.sleep(_AGAIN_SECONDS[min(attempt, len(_AGAIN_SECONDS) - 1)])
            attempt += 1
        return None

    def odd_answers(self) -> dict[str, int]:
        """Answers that no fault excuses: neither success nor 503."""
        fine = {"no answer", str(_CREATED), str(_OK), str(_BUSY)}
        return {status: count for status, count in self.answers.items() if status not in fine}

    async def _post_all(self) -> None:
        begun = monotonic()
        pause = self._seconds / max(1, self.asked)
        tasks: set[asyncio.Task[None]] = set()
        for number, body in enumerate(self._bodies):
            await asyncio.sleep(max(0.0, begun + number * pause - monotonic()))
            tasks.add(asyncio.create_task(self._post(number, body)))
        await asyncio.gather(*tasks)

    async def _post(self, number: int, body: Mapping[str, Any]) -> None:
        mark = f"RIG-{self._name}-{number}"
        # The mark stays readable in the register, so that one registered twice is seen.
        reply = await self.insist("/complaints", {**body, "order_ref": mark}, mark)
        if reply is None or reply.status != _CREATED:
            self.unanswered += 1
            return
        said = reply.json()
        self.accepted.append(Accepted(mark, UUID(said["id"]), said["complaint_no"]))
