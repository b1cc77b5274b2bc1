"""Stand-in until shared/notify lands; deleted then."""

from __future__ import annotations

import asyncio
from typing import Any


class Dispatcher:
    def __init__(self) -> None:
        self._stop = asyncio.Event()

    @classmethod
    def from_settings(cls, *args: Any, **kwargs: Any) -> Dispatcher:
        return cls()

    async def run(self) -> None:
        await self._stop.wait()

    def wake(self) -> None:
        pass

    def stop(self) -> None:
        self._stop.set()


async def write_notices(connection: Any, notices: Any) -> None:
    pass
