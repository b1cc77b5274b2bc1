"""What has a company promised, and who decides? One policy profile as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import Rejected
from shared.policy.alarming import Alarming
from shared.policy.promising import Extension, Pausing
from shared.policy.rules import ClockRule, Facts, RouteRule, SeverityRule, matches
from shared.worktime import Target

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the ladder (ESC-01 and following); `to` holds roles, looked up bottom-up.

    `acknowledge_within` None: the last level, nobody is above it.
    """

    __pydantic_config__ = STRICT

    level: int
    to: tuple[str, ...]
    acknowledge_within: Target | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """One answer of the scale with its points (SUR-08); stored, never computed (edge case 29)."""

    __pydantic_config__ = STRICT

    code: str
    points: float
    label: Mapping[str, str]
    """Text by language, at least zh and en."""


@dataclass(frozen=True, slots=True)
class SurveyRule:
    """How the customer is asked after the case."""

    __pydantic_config__ = STRICT

    name: str
    scale: tuple[Grade, ...]
    satisfied_from: float
    expires_after: Target
    remind_after: Target | None = None
    kinds: tuple[str, ...] = ()
    """Kinds that are asked; empty: all."""
    question: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """A company's policy; `version` is the hash of its content (architecture.md section 7)."""

    __pydantic_config__ = STRICT

    profile: str
    source: str
    kinds: tuple[str, ...]
    routing: tuple[RouteRule, ...]
    clocks: tuple[ClockRule, ...]
    escalation: tuple[Level, ...]
    survey: SurveyRule | None = None
    severity: tuple[SeverityRule, ...] = ()
    decline_reasons: tuple[str, ...] = ()
    reply_form: str = "written"
    repropose_max: int = 0
    version: str = ""
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Categories that the rules know, each with its types; a complaint may still carry others."""
    extension: Extension = field(default_factory=Extension)
    pausing: Pausing = field(default_factory=Pausing)
    alarming: Alarming = field(default_factory=Alarming)

    def route(self, facts: Facts) -> RouteRule:
        """The first row of the matrix that matches. Raises Rejected('no-route')."""
        for rule in self.routing:
            if matches(rule.when, facts):
                return rule
        raise Rejected(
            "no-route",
            f"profile {self.profile} has no row for {facts.kind}/{facts.category}/{facts.type}",
            field="routing",
            remedy="Add a last row without `when`.",
        )

    def triage_rule(self, facts: Facts) -> SeverityRule | None:
        """The first row of triage that matches; None: ordinary."""
        return next((rule for rule in self.severity if matches(rule.when, facts)), None)

    def triage(self, facts: Facts) -> tuple[str, int]:
        """Severity and priority (1 is most urgent); ordinary and 3 where no row matches."""
        rule = self.triage_rule(facts)
        return (rule.severity, rule.priority) if rule else ("ordinary", 3)

    def clocks_started_by(self, event: str) -> tuple[ClockRule, ...]:
        """The promises that begin with this event, e.g. `complaint.registered`."""
        return tuple(rule for rule in self.clocks if rule.starts_on == event)
