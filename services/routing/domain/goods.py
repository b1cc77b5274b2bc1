"""What is said of the goods, and can it be true?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from datetime import date, datetime

from services.routing.domain.appointing import day_at
from services.routing.domain.case import Case, Goods
from shared.errors import Rejected
from shared.events.intake import Product
from shared.policy.model import Rulebook


def with_sale(goods: Goods, product: Product | None) -> Goods:
    """The goods with the day of the sale as the register tells it; it tells none: as they were.

    The doors refuse what is no date. What an older release let in is kept in its own words, for the desk
    to see and to put right.
    """
    told = product.sold_on if product is not None else None
    if not told:
        return goods
    day = _day(told)
    if day is None:
        return replace(goods, sold_on_as_told=told)
    return replace(goods, sold_on=day, sold_on_as_told=None)


def _day(told: str) -> date | None:
    # Imports of older releases wrote the midnight at which the day began.
    for read in (date.fromisoformat, datetime.fromisoformat):
        with suppress(ValueError):
            found = read(told)
            return found.date() if isinstance(found, datetime) else found
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
    if said.sold_on is not None:
        goods = replace(goods, sold_on_as_told=None)
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
