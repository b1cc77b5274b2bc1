"""How long may something take before we give up on it?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from shared.clock import monotonic

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], *, seconds: float, pause_seconds: float = 0.05) -> Found | None:
    """The first truthy thing that `look` gives back, or None when `seconds` have passed."""
    deadline = monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if monotonic() >= deadline:
            return None
        time.sleep(pause_seconds)
