"""Which complaints is a rule about, and what does it say? The rows of a profile as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.policy.claims import Claim, fits_claim
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
    product_line: tuple[str, ...] = ()
    claimed_above: Mapping[str, Decimal] = field(default_factory=dict)
    """By currency, the figure beyond which a claim is meant; one in another currency is beyond it."""
    claimed_up_to: Mapping[str, Decimal] = field(default_factory=dict)
    """By currency, the most that a claim may be; who claims nothing is meant by neither."""


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
    product_line: str = ""
    claimed: Claim | None = None

    def with_severity(self, severity: str) -> Facts:
        """The same facts as triage has assessed them."""
        if severity == self.severity:
            return self  # copying costs, and most complaints are ordinary
        # By position: `replace` looks at every field twice.
        return Facts(
            self.kind,
            self.category,
            self.type,
            self.channel,
            self.site,
            self.grade,
            self.flags,
            severity,
            self.product_line,
            self.claimed,
        )


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
        and (not when.product_line or facts.product_line in when.product_line)
        and (not when.flags or not facts.flags.isdisjoint(when.flags))
        and fits_claim(when, facts.claimed)
    )


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
    in_person: tuple[str, ...] = ()
    """Roles that handle it themselves, instead of any member of the lead (RTE-10, SAF-01)."""
    outside: str = ""
    """A party outside the company that solves it while we keep track (edge case 13)."""
    opens: tuple[str, ...] = ()
    """Work that begins with it, e.g. an 8D sheet or a review of the HACCP plan (SAF-01, RTE-09)."""
    records: tuple[str, ...] = ()
    """Forms that it is written on, keys of the profile's `records` (RTE-22 to RTE-24)."""
    reply_form: str = ""
    """Form of the answer where this row has its own; empty: the profile's (C-13)."""
    skills: tuple[str, ...] = ()
    """What whoever handles it must be able to do; nobody else gets it."""


@dataclass(frozen=True, slots=True)
class FanOutRule:
    """Who else hears of it at once, whoever leads (SEV-03, ESC-10); hit policy: collect."""

    __pydantic_config__ = STRICT

    name: str
    when: When = field(default_factory=When)
    assist: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()


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
    """The target of a clock for the complaints that match; hit policy: first.

    Either a target, or `agreed_by`: the roles that set the date case by case (SLA-15, SLA-16).
    """

    __pydantic_config__ = STRICT

    target: Target | None = None
    when: When = field(default_factory=When)
    agreed_by: tuple[str, ...] = ()


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
    repeats: bool = False
    """Whether it begins anew each time that it is kept, e.g. news for the customer every 5 wd."""


def limit_row_of(rule: ClockRule, facts: Facts) -> LimitRule | None:
    """The row that says how long it may take; None: this promise is not made for such a complaint."""
    return next((limit for limit in rule.limits if matches(limit.when, facts)), None)


def limit_of(rule: ClockRule, facts: Facts) -> Target | None:
    """The target that applies; None: none is promised, or the date is agreed case by case."""
    row = limit_row_of(rule, facts)
    return row.target if row else None
