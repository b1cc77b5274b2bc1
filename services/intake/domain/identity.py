"""Is it the same customer? Asked of the contacts as they are now, not of names once made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PSEUDONYM = re.compile(r"c-[a-z2-7]{16}")


def is_pseudonym(customer_ref: str) -> bool:
    """Whether it was made of a contact here; anything else is the company's own number of the customer."""
    return _PSEUDONYM.fullmatch(customer_ref) is not None


def digits_of(phone: object) -> str:
    """The telephone number without what people write between its digits; may be empty."""
    return re.sub(r"[^\d+]", "", str(phone or ""))


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a customer is known: a reference, and the contact that is sealed, opened."""

    customer_ref: str
    personal: Mapping[str, Any]

    @property
    def email(self) -> str:
        """The address, in lower case; may be empty."""
        return str(self.personal.get("email") or "").strip().lower()

    def is_same_as(self, other: Identity) -> bool:
        """Whether both are certainly one customer: the same mailbox, or without any the same telephone.

        Where the company has numbers of its own for its customers they must not differ either.
        """
        mine, theirs = self.customer_ref, other.customer_ref
        if mine != theirs and not (is_pseudonym(mine) and is_pseudonym(theirs)):
            return False
        if self.email or other.email:
            return self.email == other.email
        mine_digits, digits = digits_of(self.personal.get("phone")), digits_of(other.personal.get("phone"))
        return mine_digits == digits if mine_digits or digits else mine == theirs
