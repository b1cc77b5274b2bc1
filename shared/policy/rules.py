"""Which complaints is a rule about, and what does it say? The rows of a profile as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from shared.worktime import Target

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class When:
    """Which complaints a rule is about: each list that is given must hold the complaint's value."""

    __pydantic_config__ = STRICT

    kind: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    """Names of flags of which at least one must be set."""
    severity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """A complaint as rules see it."""

    kind: str
    category: str
    type: str
    channel: str
    site: str
    grade: str = "general"
    flags: frozenset[str] = frozenset()
    severity: str = "ordinary"


def matches(when: When, facts: Facts) -> bool:
    """Whether the rule's condition holds for these facts."""
    return (
        (not when.kind or facts.kind in when.kind)
        and (not when.category or facts.category in when.category)
        and (not when.type or facts.type in when.type)
        and (not when.channel or facts.channel in when.channel)
        and (not when.site or facts.site in when.site)
        and (not when.grade or facts.grade in when.grade)
        and (not when.severity or facts.severity in when.severity)
        and (not when.flags or not facts.flags.isdisjoint(when.flags))
    )


def covers(earlier: When, later: When) -> bool:
    """Whether `earlier` takes every complaint that `later` is about, so that later never fires."""
    for part in fields(When):
        wide, narrow = getattr(earlier, part.name), getattr(later, part.name)
        if wide and not (narrow and set(narrow) <= set(wide)):
            return False
    return True


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One row of the routing matrix; the first row that matches decides (RTE-01 and following)."""

    __pydantic_config__ = STRICT

    name: str
    lead: str
    when: When = field(default_factory=When)
    assist: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()
    """Roles or persons that are told in parallel (SEV-03)."""


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """One row of triage (SEV-01); hit policy: first."""

    __pydantic_config__ = STRICT

    name: str
    severity: str
    priority: int
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class LimitRule:
    """The target of a clock for the complaints that match; hit policy: first."""

    __pydantic_config__ = STRICT

    target: Target
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One promise: which event starts it, which keep it, which end it, and how long it may take."""

    __pydantic_config__ = STRICT

    name: str
    starts_on: str
    meets_on: tuple[str, ...]
    limits: tuple[LimitRule, ...]
    cancels_on: tuple[str, ...] = ("complaint.declined", "complaint.withdrawn")
    warn_at_percent: tuple[int, ...] = ()


def limit_of(rule: ClockRule, facts: Facts) -> Target | None:
    """The target that applies; None: this promise is not made for such a complaint."""
    for limit in rule.limits:
        if matches(limit.when, facts):
            return limit.target
    return None
