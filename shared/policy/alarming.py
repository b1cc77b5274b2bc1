"""When, from which level on, and to whom besides the ladder does an alarm go? (ESC-07, ESC-10, ESC-11)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.policy.rules import Facts, When, matches

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class CopyRule:
    """Who gets a copy of every alarm about such complaints, without being asked to answer; all rows count."""

    __pydantic_config__ = STRICT

    to: tuple[str, ...]
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class Alarming:
    """How alarms behave by severity; nothing said: at any hour, from the first level, without copies."""

    __pydantic_config__ = STRICT

    quiet: tuple[str, ...] = ()
    """Severities whose alarms wait for the site's next opening (zammad#4432)."""
    starts_at: Mapping[str, int] = field(default_factory=dict)
    """The level that is told first, by severity; 1 where none is named."""
    copies: tuple[CopyRule, ...] = ()

    def copied_to(self, facts: Facts) -> tuple[str, ...]:
        """Roles that get a copy of alarms about such a complaint, each once."""
        return tuple(
            dict.fromkeys(role for row in self.copies if matches(row.when, facts) for role in row.to)
        )
