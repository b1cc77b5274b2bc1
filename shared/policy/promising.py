"""How far may a promise be put off, and how long may a case wait for others? (C-05, SLA-07, ESC-12)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.worktime import Target

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Extension:
    """Who may give a case more time, how often and how much (C-05)."""

    __pydantic_config__ = STRICT

    max: int = 1
    """How often in one life of a case (SLA-07); 0: never."""
    approver: tuple[str, ...] = ()
    """Roles that may grant it, e.g. general_manager (ESC-12); empty: any manager or director."""
    length: Target | None = None
    """How much each time; None: whoever grants it says so."""
    inform: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pausing:
    """How long waiting may stop a clock; then it runs on, though the case still waits."""

    __pydantic_config__ = STRICT

    cap: Mapping[str, Target] = field(default_factory=dict)
    """By party waited for: customer, supplier or authority; one that is not named has no cap."""
