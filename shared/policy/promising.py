"""How long may a case wait for others before its clocks run on?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.worktime import Target

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Pausing:
    """How long waiting may stop a clock; then it runs on, though the case still waits."""

    __pydantic_config__ = STRICT

    cap: Mapping[str, Target] = field(default_factory=dict)
    """By party waited for: customer, supplier or authority; one that is not named has no cap."""
