"""How are customers asked, who asks them, and how is it scored?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.worktime import Target

STRICT = {"extra": "forbid"}


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
class Sample:
    """How many of a group are asked (C-19)."""

    __pydantic_config__ = STRICT

    rate: float
    """Percent of the group."""
    at_least: bool = False
    """Whether the rate is a minimum (edge case 26)."""
    stratum: str = ""
    """The group, in words of the company; empty: everybody."""


@dataclass(frozen=True, slots=True)
class Item:
    """One weighted question with the points of its answers, best first (SUR-09, SUR-10)."""

    __pydantic_config__ = STRICT

    code: str
    weight: float
    points: tuple[float, ...]
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SurveyStep:
    """One step of a survey and its own zero point (edge case 25)."""

    __pydantic_config__ = STRICT

    name: str
    since: str
    within: Target
    ends: str = ""
    """The moment that ends it, in the words of `since`; empty: the step's own name."""
    consent: tuple[str, ...] = ()
    """Roles that must agree before it happens (SUR-31)."""

    @property
    def end(self) -> str:
        """The name of the moment that ends it."""
        return self.ends or self.name


@dataclass(frozen=True, slots=True)
class SurveyPlan:
    """One of the company's surveys apart from the question after a case (C-18 to C-22)."""

    __pydantic_config__ = STRICT

    name: str
    every: str = "irregular"
    """`case`, `month`, `quarter`, `year`, `regular` or `irregular`."""
    times: int = 1
    """How often in that period."""
    audience: str = ""
    designer: str = ""
    field_unit: str = ""
    analyst: str = ""
    sample: tuple[Sample, ...] = ()
    recovery: float | None = None
    """Percent of the forms handed out that must come back (SUR-28)."""
    only_valid: bool = False
    """Only valid forms are scored (SUR-07)."""
    numbered: bool = False
    """Every form has a number and is accounted for (SUR-20)."""
    scale: tuple[Grade, ...] = ()
    items: tuple[Item, ...] = ()
    steps: tuple[SurveyStep, ...] = ()
    records: tuple[str, ...] = ()
