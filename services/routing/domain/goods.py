"""What is said of the goods, and can it be true?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from datetime import date

from services.routing.domain.appointing import day_at
from services.routing.domain.case import Case, Goods
from shared.errors import Rejected
from shared.events.intake import Product
from shared.policy.model import Rulebook


def sold_on(product: Product | None) -> date | None:
    """The day of the sale as the register has it; None: it holds none, or words that are no date."""
    if product is not None and product.sold_on:
        with suppress(ValueError):
            return date.fromisoformat(product.sold_on)
    return None


def received_on(case: Case, rules: Rulebook) -> date:
    """The day on which the complaint came in, as its site's clocks show it."""
    return day_at(case, case.received_at, rules)


def described(case: Case, said: Goods, rules: Rulebook) -> Goods:
    """What is known now: what was said beside what was known before.

    Raises Rejected('sold-later'), Rejected('paid-not-positive'), Rejected('deposit-not-positive'),
    Rejected('deposit-exceeds').
    """
    given = {one.name: value for one in fields(said) if (value := getattr(said, one.name)) is not None}
    goods = replace(case.goods, **given)
    if goods.sold_on is not None and goods.sold_on > received_on(case, rules):
        detail = "it was complained about before it was sold"
        raise Rejected("sold-later", detail, field="goods.sold_on", remedy="Give the day of the sale.")
    for name, amount in (("paid", goods.paid), ("deposit", goods.deposit)):
        if amount is not None and not (amount.amount.is_finite() and amount.amount > 0):
            detail, remedy = f"{name} is more than nothing", "Leave it out."
            raise Rejected(f"{name}-not-positive", detail, field=f"goods.{name}.amount", remedy=remedy)
    paid, deposit = goods.paid, goods.deposit
    if paid and deposit and (paid.currency != deposit.currency or deposit.amount > paid.amount):
        detail, remedy = "the deposit is a part of what was paid", "Give both in one currency."
        raise Rejected("deposit-exceeds", detail, field="goods.deposit", remedy=remedy)
    return goods
