"""Has a part of the process ended that should not have, what is it called, and how is one stopped?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

log = structlog.get_logger("kesu.process")


def name_of(job: Callable[..., Any]) -> str:
    """The job as logs and /healthz name it, e.g. stranded.keep_trying."""
    module = getattr(job, "__module__", "").rpartition(".")[2]
    return f"{module}.{getattr(job, '__name__', type(job).__name__)}"


def has_failed(task: asyncio.Task[None]) -> bool:
    """Whether it ended by an error, or by a cancellation; returning is no failure."""
    return task.done() and (task.cancelled() or task.exception() is not None)


def report(task: asyncio.Task[None]) -> None:
    """Log how a part ended while the process was starting or stopping."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("part.died", part=task.get_name(), exc_info=task.exception())


async def stopped_within(seconds: float, stopping: Awaitable[None], part: str) -> None:
    """Wait until the part has stopped; after so many seconds the process goes on without it."""
    try:
        async with asyncio.timeout(seconds):
            await stopping
    except (TimeoutError, OSError, RuntimeError) as error:
        log.warning("stop.failed", part=part, error=type(error).__name__)
