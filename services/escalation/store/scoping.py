"""How is an answer counted?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something a site has; `of` is a clock's name or a level."""

    site: str
    of: str
    number: int
