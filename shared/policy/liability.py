"""What follows from whose fault it is, and from how old the goods are?"""

from __future__ import annotations

from dataclasses import dataclass

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class LiabilityRule:
    """What one result of the investigation means toward the customer (C-14, C-16, C-30)."""

    __pydantic_config__ = STRICT

    treated_as: str = ""
    """Another liability that it counts as toward the customer (DSP-06); empty: itself."""
    template: str = "apology"
    """`apology` or `explanation`, which rests on evidence (DSP-07)."""
    evidence: bool = False
    cost: str = ""
    """Who bears it: `company`, `customer`, `supplier`, `carrier`; empty: as agreed."""
    exception_by: tuple[str, ...] = ()
    """Roles that may decide on other bearers (DSP-11)."""
    own_action: bool = False
    """A corrective action of its own, apart from the customer's case (edge case 9)."""
    changes_clock: bool = False
    """Whether the customer-side clock is another one (C-14): false unless the source says so."""


@dataclass(frozen=True, slots=True)
class Warranty:
    """Until when a fault is a complaint, and what it is afterwards (C-09, C-15)."""

    __pydantic_config__ = STRICT

    boundary: str = "contract"
    """`contract`, `shelf-life` or `after-sale` with `months`."""
    months: int | None = None
    afterwards: str = "complaint"
    """`complaint`, `maintenance` (TYP-17) or `declined`."""
    cost_afterwards: str = ""
    exception_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrective:
    """How causes are removed (CAP-01 and following)."""

    __pydantic_config__ = STRICT

    method: str = "capa"
    """`8d` or `capa`."""
    always: bool = False
    """Every complaint needs one (CAP-08); else where investigation and severity call for it."""
    categories: tuple[str, ...] = ()
    """Categories that always need one."""
    decided_by: tuple[str, ...] = ()
    verified_by: tuple[str, ...] = ()
    """Departments other than the responsible one; empty: any other."""
    sheet_to_customer: bool = False
    customer_may_verify: bool = False
    recurrence_from: int | None = None
    """So many complaints of one cause propose one by themselves; no source names a figure (CAP-10)."""
    recurrence_days: int = 30
    """Over how many days they are counted: opinions are grouped by the month (CAP-12)."""
    warn_at_percent: tuple[int, ...] = (80,)
    """When those who wait for an action are warned; an own safeguard, no source names a figure."""
