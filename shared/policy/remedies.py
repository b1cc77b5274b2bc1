"""Which remedies may be proposed for what was found, at whose cost, and who may make an exception?

One more decision table of a profile, hit policy first. Where no row fits, everything is open; who bears the
cost then follows from the sections `warranty` and `liability`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.policy.liability import LiabilityRule, Warranty
from shared.policy.rules import Facts

STRICT = {"extra": "forbid"}
_YEAR = 12
_DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class RemedyWhen:
    """Which findings a row is about: each list that is given must hold its value."""

    __pydantic_config__ = STRICT

    liability: tuple[str, ...] = ()
    """`customer` is misuse, or a cancellation that is the customer's own doing (TYP-13)."""
    cause: tuple[str, ...] = ()
    """Cause codes of the investigation."""
    warranty: tuple[str, ...] = ()
    """`within` or `after` the boundary (C-15)."""
    proof: tuple[str, ...] = ()
    """`given` or `missing`: goods and proof of purchase were looked at (DSP-19)."""
    phase: tuple[str, ...] = ()
    """`before-delivery` or `delivered`, which is meant where nobody says otherwise (DSP-15)."""
    kind: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemedyRule:
    """What may be offered for such a finding."""

    __pydantic_config__ = STRICT

    name: str
    when: RemedyWhen = field(default_factory=RemedyWhen)
    offer: tuple[str, ...] = ()
    """The only remedies that may be proposed; empty: any that is not closed."""
    closed: tuple[str, ...] = ()
    """Remedies that may not be proposed (DSP-29)."""
    cost: str = ""
    """Who bears it: `company`, `customer`, `supplier` or `carrier`; empty: by the other sections (C-16)."""
    refund: str = ""
    """`full`: not less than was paid; `none`; `discretionary`: not more than the deposit (DSP-15)."""
    same_quantity: tuple[str, ...] = ()
    """Remedies by which as much is delivered as came back (DSP-04)."""
    settle_loss: tuple[str, ...] = ()
    """Remedies beside which the customer's loss is settled, or a reason says why there is none (DSP-04)."""
    explain: bool = False
    """The customer is told a reason (DSP-20)."""
    instead: tuple[str, ...] = ()
    """What is offered instead of what is impossible; empty: anything that is more than words (DSP-20)."""
    approve_by: tuple[str, ...] = ()
    """Roles whose signature it needs whatever it costs (DSP-15)."""
    exception_by: tuple[str, ...] = ()
    """Roles that may sign for something else, with a reason (DSP-11); empty: nobody may."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What was found, as the rows see it; None: nobody has said so yet."""

    facts: Facts
    liability: str = "unclear"
    cause: str = ""
    warranty: str | None = None
    proof: str | None = None
    phase: str = _DELIVERED


def rows_about(rows: Iterable[RemedyRule], ground: Ground) -> Iterator[tuple[RemedyRule, tuple[str, ...]]]:
    """The rows that may be about it, in their order, up to the first that certainly is.

    Each with the parts (`warranty`, `proof`) that must be known first; empty: it certainly is.
    """
    for row in rows:
        unknown = _unknown(row.when, ground)
        if unknown is None:
            continue
        yield row, unknown
        if not unknown:
            return


def _unknown(when: RemedyWhen, ground: Ground) -> tuple[str, ...] | None:
    """Parts that the row asks for and nobody knows; None: the row is not about it."""
    facts = ground.facts
    given: Mapping[str, str | None] = {
        "liability": ground.liability,
        "cause": ground.cause,
        "warranty": ground.warranty,
        "proof": ground.proof,
        "phase": ground.phase,
        "kind": facts.kind,
        "category": facts.category,
        "type": facts.type,
        "severity": facts.severity,
    }
    asked = {part: wanted for part in given if (wanted := getattr(when, part))}
    if any(given[part] is not None and given[part] not in wanted for part, wanted in asked.items()):
        return None
    if when.flags and facts.flags.isdisjoint(when.flags):
        return None
    return tuple(part for part in asked if given[part] is None)


def warranty_state(
    warranty: Warranty, *, sold_on: date | None, covered_until: date | None, received_on: date
) -> str | None:
    """`within` or `after` the boundary on the day of the complaint; None: not known.

    The contract's own date goes before the profile's months after sale; the day of the boundary itself is
    still within: what is more than a year old is maintenance (TYP-17, C-15).
    """
    boundary = covered_until
    if boundary is None and warranty.boundary == "after-sale" and sold_on is not None and warranty.months:
        boundary = months_after(sold_on, warranty.months)
    if boundary is None:
        return None
    return "within" if received_on <= boundary else "after"


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, _YEAR)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def bearer_of(
    rule: RemedyRule | None, warranty: Warranty, liability: LiabilityRule, state: str | None
) -> tuple[str, tuple[str, ...]]:
    """Who bears the cost, empty: as agreed; and the roles that may decide otherwise (C-16)."""
    afterwards = warranty if state == "after" else Warranty()
    cost = (rule.cost if rule else "") or afterwards.cost_afterwards or liability.cost
    named = (rule.exception_by if rule else ()) or afterwards.exception_by or liability.exception_by
    return cost, named
