"""How many complaints of the past would go elsewhere by a changed policy, from where to where?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from shared.errors import Rejected
from shared.policy.choosing import Matter, choose
from shared.policy.model import Facts, Rulebook

_NOBODY = UUID(int=0)
_TRIAGE = "triage desk"


@dataclass(frozen=True, slots=True)
class Past:
    """A complaint that there was; `name` is its number."""

    name: str
    facts: Facts
    language: str = ""
    recused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a complaint goes, and by which row; what nobody could take goes to the triage desk."""

    department: str
    rule: str
    severity: str


@dataclass(slots=True)
class Move:
    """Complaints that go from the one place to the other."""

    before: str
    after: str
    count: int = 0
    samples: list[tuple[Past, Outcome, Outcome]] = field(default_factory=list)


def outcome_of(rules: Rulebook, past: Past, now: datetime) -> Outcome:
    """What these rules decide about the complaint, whoever is busy now."""
    try:
        profile = rules.profile_of(past.facts.site)
    except Rejected as error:
        return Outcome(f"{_TRIAGE} ({error.code})", "-", "-")
    severity, _ = profile.triage(past.facts)
    facts = replace(past.facts, severity=severity)
    try:
        rule = profile.route(facts)
        choose(Matter(_NOBODY, facts, past.recused, past.language), rule, rules, now)
    except Rejected as error:
        return Outcome(f"{_TRIAGE} ({error.code})", "-", severity)
    return Outcome(rule.lead, rule.name, severity)


class WhatIf:
    """Two rulebooks side by side over complaints of the past; mutable, it lives for one run."""

    def __init__(self, before: Rulebook, after: Rulebook, now: datetime, *, samples: int = 3) -> None:
        self._before, self._after, self._now = before, after, now
        self._samples = samples
        self._moves: dict[tuple[str, str], Move] = {}
        self.total = 0
        self.severities: dict[tuple[str, str], int] = {}
        """Complaints whose severity would be another one, by before and after."""

    def add(self, complaints: Iterable[Past]) -> None:
        """Decide each of them twice."""
        for past in complaints:
            before = outcome_of(self._before, past, self._now)
            after = outcome_of(self._after, past, self._now)
            self.total += 1
            if before.severity != after.severity:
                key = (before.severity, after.severity)
                self.severities[key] = self.severities.get(key, 0) + 1
            if before.department != after.department:
                way = (before.department, after.department)
                move = self._moves.setdefault(way, Move(*way))
                move.count += 1
                if len(move.samples) < self._samples:
                    move.samples.append((past, before, after))

    @property
    def moves(self) -> tuple[Move, ...]:
        """From where to where, the most complaints first."""
        return tuple(sorted(self._moves.values(), key=lambda m: (-m.count, m.before, m.after)))

    @property
    def elsewhere(self) -> int:
        """How many would go to another place."""
        return sum(move.count for move in self._moves.values())

    def as_mapping(self) -> dict[str, object]:
        """The same for machines."""
        return {
            "complaints": self.total,
            "elsewhere": self.elsewhere,
            "moves": [
                {
                    "from": move.before,
                    "to": move.after,
                    "count": move.count,
                    "samples": [past.name for past, _, _ in move.samples],
                }
                for move in self.moves
            ],
            "severities": [
                {"from": one, "to": other, "count": count}
                for (one, other), count in sorted(self.severities.items())
            ],
        }

    def lines(self) -> Iterable[str]:
        """The same for people."""
        yield f"{self.total:,} complaints, {self.elsewhere:,} of them would go elsewhere."
        for move in self.moves:
            yield f"{move.count:>7,}  {move.before} -> {move.after}"
            for past, before, after in move.samples:
                facts = past.facts
                what = f"{facts.kind}/{facts.category or '-'}/{facts.type or '-'} at {facts.site}"
                yield f"         {past.name}: {what}, row {before.rule} -> {after.rule}"
        for (one, other), count in sorted(self.severities.items()):
            yield f"{count:>7,}  severity {one} -> {other}"
