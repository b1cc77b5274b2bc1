"""Whose cancellation is it? The driver cancels whoever waits when it gives a stuck connection up.

Taken for our own it would end the part of the process that happened to wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lost_if_given_up() -> Iterator[None]:
    """Raises ConnectionError when the driver, and nobody of ours, cancelled what the block waited for."""
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        msg = "the connection was given up"
        raise ConnectionError(msg) from None
