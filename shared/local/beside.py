"""How are several things started beside each other, and ended beside each other?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


@contextmanager
def side_by_side(
    first: AbstractContextManager[First], second: AbstractContextManager[Second]
) -> Iterator[tuple[Callable[[], First], Callable[[], Second]]]:
    """Two contexts that are entered and left at the same time, each in a thread of its own.

    Yields at once. Each of the two callables waits for what its context gives and raises what entering
    it raised. One that was entered is left in any case; what leaving raised comes out at the end.
    """
    with ThreadPoolExecutor(2, thread_name_prefix="beside") as threads:
        begun: Future[First] = threads.submit(first.__enter__)
        begun_too: Future[Second] = threads.submit(second.__enter__)
        try:
            yield begun.result, begun_too.result
        finally:
            # One that is still being entered is waited for and left, or its server would stay behind.
            entered = [
                context for context, how in ((first, begun), (second, begun_too)) if how.exception() is None
            ]
            ends = [threads.submit(context.__exit__, None, None, None) for context in entered]
            for end in ends:
                end.result()
