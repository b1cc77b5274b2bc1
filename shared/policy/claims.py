"""Which claims is a rule about? Amounts are compared within their own currency, never added or converted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from shared.errors import Rejected

NOTHING = Decimal(0)
_WRITTEN = re.compile(r"(\d{1,15}(?:\.\d{1,4})?) ?([A-Z]{3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the customer wants back, in one currency (ISO 4217)."""

    amount: Decimal
    currency: str


def read_claim(text: str) -> Claim | None:
    """The claim that `80000 CNY` means. Raises Rejected('claim-unreadable')."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise Rejected(
            "claim-unreadable",
            f"{text!r} is no amount in a currency",
            field="claimed",
            remedy="Write for example '80000 CNY'.",
        )
    return claim_of(Decimal(found[1]), found[2])


class Asking(Protocol):
    """A condition that may ask what is claimed; an empty mapping asks nothing."""

    @property
    def claimed_above(self) -> Mapping[str, Decimal]:
        """By currency, the figure that the claim exceeds."""
        ...

    @property
    def claimed_up_to(self) -> Mapping[str, Decimal]:
        """By currency, the figure that the claim does not exceed."""
        ...


def claim_of(amount: Decimal, currency: str) -> Claim | None:
    """The claim; None if nothing is claimed by it."""
    return Claim(amount, currency) if amount > NOTHING else None


def asks_of_claim(when: Asking) -> bool:
    """Whether the condition asks what is claimed."""
    return bool(when.claimed_above or when.claimed_up_to)


def fits_claim(when: Asking, claim: Claim | None) -> bool:
    """Whether this claim is one that the condition is about; without a claim only if it does not ask.

    A currency without a figure is above every figure: nobody has said how much of it is little, as in
    the limits of authority (APR-02).
    """
    above, up_to = when.claimed_above, when.claimed_up_to
    if not above and not up_to:
        return True
    if claim is None:
        return False
    if above and claim.amount <= above.get(claim.currency, NOTHING):
        return False
    return not up_to or (claim.currency in up_to and claim.amount <= up_to[claim.currency])


def covers_claims(earlier: Asking, later: Asking) -> bool:
    """Whether each claim that `later` is about is one that `earlier` takes."""
    if not asks_of_claim(earlier):
        return True
    if not asks_of_claim(later):
        return False
    above, up_to = earlier.claimed_above, earlier.claimed_up_to
    if up_to and not later.claimed_up_to:
        return False
    currencies = later.claimed_up_to or {**above, **later.claimed_above}
    highest_fit = all(
        currency in up_to and later.claimed_up_to[currency] <= up_to[currency]
        for currency in (later.claimed_up_to if up_to else ())
    )
    lowest_fit = all(
        above.get(currency, NOTHING) <= later.claimed_above.get(currency, NOTHING) for currency in currencies
    )
    return highest_fit and (not above or lowest_fit)


def share_claims(one: Asking, other: Asking) -> bool:
    """Whether there is a claim, or the lack of one, that both conditions are about."""
    ceilings = [when.claimed_up_to for when in (one, other) if when.claimed_up_to]
    if not ceilings:
        return True  # whatever is enough exceeds both

    def is_open(currency: str) -> bool:
        floor = max(when.claimed_above.get(currency, NOTHING) for when in (one, other))
        return all(currency in ceiling and floor < ceiling[currency] for ceiling in ceilings)

    return any(is_open(currency) for currency in ceilings[0])
