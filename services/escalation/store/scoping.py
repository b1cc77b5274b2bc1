"""Whose complaints does somebody ask for, and how is an answer counted?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Which complaints somebody may see; None: all sites, all departments."""

    sites: Collection[str] | None = None
    departments: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something a site has; `of` is a clock's name or a level."""

    site: str
    of: str
    number: int
