"""Who signs what was agreed with the customer, who pays it and who may close the case?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.policy.claims import fits_claim
from shared.policy.rules import Facts

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be settled, as the rules of approval see it."""

    facts: Facts
    compensation: str = "none"
    """`none`, `goods` (replacement, gift) or `money` (refund, price cut, claim)."""
    liability: str = "unclear"
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    """What it costs, by currency."""


@dataclass(frozen=True, slots=True)
class SettlementWhen:
    """Which settlements a rule is about: each list that is given must hold its value."""

    __pydantic_config__ = STRICT

    compensation: tuple[str, ...] = ()
    liability: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    product_line: tuple[str, ...] = ()
    claimed_above: Mapping[str, Decimal] = field(default_factory=dict)
    """What the customer claims, as in every `when`; what it costs is asked by `sign` and `authority`."""
    claimed_up_to: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of the chain."""

    __pydantic_config__ = STRICT

    by: tuple[str, ...]
    """Roles of which any one signs."""
    above: Mapping[str, Decimal] = field(default_factory=dict)
    """By currency, the amount beyond which it is needed; empty: always."""
    tests: tuple[str, ...] = ()
    """What this person has to check before signing (APR-04, APR-05)."""


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """One row of authority (C-17, C-29); hit policy: first. Signatures are given in their order."""

    __pydantic_config__ = STRICT

    name: str
    close: tuple[str, ...]
    """Roles that may close such a case; `handler` is whoever has it."""
    when: SettlementWhen = field(default_factory=SettlementWhen)
    sign: tuple[Signature, ...] = ()
    pay: tuple[str, ...] = ()
    """Roles that pay, after they have checked every signature (APR-13)."""
    report_to: tuple[str, ...] = ()
    """Roles that are told afterwards (APR-01)."""
    attachments: tuple[str, ...] = ()
    """What must lie with the report before it is paid (APR-14)."""
    authority: Mapping[str, Decimal] = field(default_factory=dict)
    """The most that this chain may grant, by currency; empty: no limit. No source names a figure."""


PAYING = frozenset({"refund", "compensation", "price-allowance", "price-cut", "discount", "vip-discount"})
"""Remedies that are money by their name, so that no signature is lost by leaving the amount out (APR-14)."""
GIVING = frozenset({"gift", "compensation-goods"})
"""Remedies that give goods beyond what was bought (DSP-16); replacing what is faulty is none (DSP-01)."""


def compensation_of(remedies: Iterable[str], *, money: bool, goods: bool) -> str:
    """`money`, `goods` or `none`: what the customer gets beyond what was bought (APR-01, APR-02)."""
    named = frozenset(remedies)
    if money or named & PAYING:
        return "money"
    return "goods" if goods or named & GIVING else "none"


def settles(when: SettlementWhen, settlement: Settlement) -> bool:
    """Whether the row is about this settlement."""
    facts = settlement.facts
    return (
        (not when.compensation or settlement.compensation in when.compensation)
        and (not when.liability or settlement.liability in when.liability)
        and (not when.kind or facts.kind in when.kind)
        and (not when.category or facts.category in when.category)
        and (not when.type or facts.type in when.type)
        and (not when.severity or facts.severity in when.severity)
        and (not when.grade or facts.grade in when.grade)
        and (not when.product_line or facts.product_line in when.product_line)
        and (not when.flags or not facts.flags.isdisjoint(when.flags))
        and fits_claim(when, facts.claimed)
    )


def signers(rule: ApprovalRule, settlement: Settlement) -> tuple[tuple[str, ...], ...]:
    """For each signature that this settlement needs, in their order, the roles that may give it."""
    return tuple(sign.by for sign in signatures(rule, settlement))


def signatures(rule: ApprovalRule, settlement: Settlement) -> tuple[Signature, ...]:
    """The signatures that this settlement needs, in their order, each with its tests."""
    return tuple(sign for sign in rule.sign if not sign.above or _beyond(sign.above, settlement))


def exceeds_authority(rule: ApprovalRule, settlement: Settlement) -> bool:
    """Whether it costs more than anybody of this row may grant."""
    return bool(rule.authority) and _beyond(rule.authority, settlement)


def _beyond(limits: Mapping[str, Decimal], settlement: Settlement) -> bool:
    # A currency without a limit of its own is beyond every limit: nobody has allowed it.
    return any(amount > limits.get(currency, Decimal(0)) for currency, amount in _costs(settlement))


def _costs(settlement: Settlement) -> Iterator[tuple[str, Decimal]]:
    return ((currency, amount) for currency, amount in settlement.amounts.items() if amount > 0)
