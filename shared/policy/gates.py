"""What may be asked, promised, declined, extended and put off? The gates on the way of a case."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.policy.rules import Facts, When
from shared.worktime import Target

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Intake:
    """What the customer is asked for, and whether a complaint may be declined (C-09, C-10, C-27)."""

    __pydantic_config__ = STRICT

    fields: tuple[str, ...] = ()
    """The least that the record holds (INT-02 to INT-06)."""
    formal_report_required: bool = False
    """The customer has to send a formal report; the case may start before it arrives (INT-17)."""
    report: str = ""
    """What makes the report formal, e.g. `sealed`."""
    evidence: tuple[str, ...] = ()
    sample: str = ""
    oral: str = "registered"
    """What becomes of a spoken complaint: `registered`, `slip` (a liaison slip is written first)."""
    confirmed: bool = False
    """Whether genuineness and content are checked before it goes on (INT-21)."""
    decline_by: tuple[str, ...] = ()
    """Roles that may decline; without `decline_reasons` nobody does (C-10)."""
    merging: str = "earlier"
    """What clocks count from once a duplicate was merged into a complaint: the `earlier` receipt of both, or
    its `own`. Limits of the law count from the earlier one in any case."""
    eligible: str = "all"
    """What counts as a complaint: `all`, `within-shelf-life`, `within-warranty`; all is recorded (C-09)."""


@dataclass(frozen=True, slots=True)
class Promises:
    """What may be promised before the decision (C-11)."""

    __pydantic_config__ = STRICT

    time: str = "allowed"
    """`allowed` or `obligatory` (FRD-11, INF-05)."""
    outcome: str = "after-decision"
    """`after-decision` (FRD-04), `within-authority` (FRD-06) or `when-sure` (FRD-07)."""


@dataclass(frozen=True, slots=True)
class Extension:
    """Who may give a case more time, how often and how much (C-05)."""

    __pydantic_config__ = STRICT

    max: int = 0
    """How often; 0: never."""
    approver: tuple[str, ...] = ()
    length: Target | None = None
    """How much each time; None: whoever grants it says so."""
    inform: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteSurvey:
    """Who decides on a survey at the customer's, and by which tests (INV-11)."""

    __pydantic_config__ = STRICT

    decided_by: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModeRule:
    """A way of handling that somebody may choose for such complaints (SEV-07); hit policy: collect."""

    __pydantic_config__ = STRICT

    name: str
    mode: str
    """`expedited` or `deferred`; `ordinary` is what everything else is."""
    decided_by: tuple[str, ...]
    when: When = field(default_factory=When)
    reasons: tuple[str, ...] = ()


_NEVER_DEFERRED = frozenset({"safety", "legal", "authority"})


def may_defer(facts: Facts) -> bool:
    """Whether deferring is open at all: never for safety, law, authorities or what is serious.

    An own safeguard that no profile lifts; a limit once promised runs on in any mode (C-25).
    """
    return facts.flags.isdisjoint(_NEVER_DEFERRED) and facts.severity not in {"serious", "critical"}
