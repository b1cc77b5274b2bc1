"""Who signs, what exceeds an authority, and what may be deferred? (APR-*, C-17, C-25)"""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.policy.gates import may_defer
from shared.policy.model import ApprovalRule, Facts, Settlement, exceeds_authority, signers
from shared.policy.settling import SettlementWhen, Signature, settles

PLAIN = Facts("complaint", "goods", "broken", "phone", "sh01")


def a_settlement(amount: str | None = None, currency: str = "CNY", **more) -> Settlement:
    amounts = {currency: Decimal(amount)} if amount else {}
    return Settlement(more.pop("facts", PLAIN), more.pop("compensation", "money"), amounts=amounts, **more)


def a_rule(**more) -> ApprovalRule:
    return ApprovalRule("row", ("handler",), **more)


@pytest.mark.parametrize(
    ("amount", "currency", "exceeds"),
    [("500", "CNY", False), ("500.01", "CNY", True), ("1", "EUR", True), (None, "CNY", False)],
)
def test_an_authority_ends_at_its_amount_and_covers_no_other_currency(amount, currency, exceeds):
    rule = a_rule(authority={"CNY": Decimal(500)})

    assert exceeds_authority(rule, a_settlement(amount, currency)) is exceeds


def test_without_an_authority_nothing_exceeds_it():
    assert not exceeds_authority(a_rule(), a_settlement("1000000"))


@pytest.mark.parametrize(
    ("amount", "names"),
    [("100", [("lead",)]), ("101", [("lead",), ("chairman", "director")]), (None, [("lead",)])],
)
def test_a_signature_above_an_amount_is_needed_only_beyond_it(amount, names):
    chain = (Signature(("lead",)), Signature(("chairman", "director"), above={"CNY": Decimal(100)}))

    assert list(signers(a_rule(sign=chain), a_settlement(amount))) == names


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        (SettlementWhen(), True),
        (SettlementWhen(compensation=("money",)), True),
        (SettlementWhen(compensation=("none",)), False),
        (SettlementWhen(liability=("supplier",)), False),
        (SettlementWhen(category=("goods",), type=("broken",)), True),
        (SettlementWhen(kind=("praise",)), False),
        (SettlementWhen(severity=("critical",)), False),
        (SettlementWhen(flags=("legal",)), False),
    ],
)
def test_a_row_is_about_a_settlement_if_every_list_holds_its_value(when, fits):
    assert settles(when, a_settlement()) is fits


@pytest.mark.parametrize("flag", ["safety", "legal", "authority"])
def test_nothing_that_touches_safety_or_law_is_deferred(flag):
    assert not may_defer(Facts("complaint", "", "", "", "sh01", flags=frozenset({flag})))


@pytest.mark.parametrize(("severity", "open_"), [("minor", True), ("ordinary", True), ("serious", False), ("critical", False)])  # fmt: skip
def test_nothing_serious_is_deferred(severity, open_):
    assert may_defer(Facts("complaint", "", "", "", "sh01", severity=severity)) is open_
