"""How does a test wait for something that happens elsewhere, without sleeping blindly?"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

_PAUSE_SECONDS = 0.02


async def eventually(
    condition: Callable[[], Found | Awaitable[Found]], seconds: float = 10, *, what: str = ""
) -> Found:
    """The first truthy thing the condition gives back; AssertionError after the deadline.

    An AssertionError inside the condition counts as "not yet", so that asserts can be waited for.
    """
    deadline = time.monotonic() + seconds
    while True:
        last: object
        try:
            found = condition()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            last = found
        except AssertionError as failure:
            last = failure
        if time.monotonic() >= deadline:
            raise AssertionError(_sentence(condition, what, seconds, last))
        await asyncio.sleep(_PAUSE_SECONDS)


def eventually_sync(condition: Callable[[], Found], seconds: float = 10, *, what: str = "") -> Found:
    """`eventually` for tests without an event loop."""
    deadline = time.monotonic() + seconds
    while True:
        last: object
        try:
            found = condition()
            if found:
                return found
            last = found
        except AssertionError as failure:
            last = failure
        if time.monotonic() >= deadline:
            raise AssertionError(_sentence(condition, what, seconds, last))
        time.sleep(_PAUSE_SECONDS)


def _sentence(condition: object, what: str, seconds: float, last: object) -> str:
    name = what or getattr(condition, "__name__", repr(condition))
    return f"not within {seconds:g} s: {name}; at the end it was: {last!r}"
