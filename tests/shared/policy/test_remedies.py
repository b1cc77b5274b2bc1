"""Which row of remedies is about what was found, and where is the boundary of warranty? (C-15, C-16)"""

from __future__ import annotations

from datetime import date

import pytest

from shared.policy.liability import LiabilityRule, Warranty
from shared.policy.model import Facts
from shared.policy.remedies import (
    Ground,
    RemedyRule,
    RemedyWhen,
    bearer_of,
    months_after,
    rows_about,
    warranty_state,
)

FACTS = Facts("complaint", "goods", "broken", "phone", "sh01")
A_YEAR = Warranty(boundary="after-sale", months=12)
AGED = RemedyRule("aged", RemedyWhen(warranty=("after",)))
MISUSED = RemedyRule("misused", RemedyWhen(liability=("customer",), proof=("missing",)))
REST = RemedyRule("rest")


@pytest.mark.parametrize(
    ("sold", "months", "until"),
    [
        (date(2025, 3, 2), 12, date(2026, 3, 2)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_of_the_month(sold, months, until):
    assert months_after(sold, months) == until


@pytest.mark.parametrize(
    ("received", "state"),
    [(date(2026, 3, 1), "within"), (date(2026, 3, 2), "within"), (date(2026, 3, 3), "after")],
)
def test_more_than_a_year_begins_on_the_day_after_the_anniversary(received, state):
    """TYP-17, C-15."""
    sold = date(2025, 3, 2)

    assert warranty_state(A_YEAR, sold_on=sold, covered_until=None, received_on=received) == state


@pytest.mark.parametrize(("until", "state"), [(date(2027, 1, 1), "within"), (date(2026, 1, 1), "after")])
def test_the_date_of_the_contract_goes_before_the_months_of_the_profile(until, state):
    """C-15."""
    day = date(2026, 6, 1)

    assert warranty_state(A_YEAR, sold_on=date(2025, 1, 1), covered_until=until, received_on=day) == state


@pytest.mark.parametrize("warranty", [A_YEAR, Warranty(boundary="contract"), Warranty(boundary="shelf-life")])
def test_without_a_date_nobody_knows(warranty):
    """Edge case 42: no silent default."""
    assert warranty_state(warranty, sold_on=None, covered_until=None, received_on=date(2026, 1, 1)) is None


def test_the_day_of_the_sale_says_nothing_where_the_contract_decides():
    contract, day = Warranty(boundary="contract"), date(2026, 1, 1)

    assert warranty_state(contract, sold_on=day, covered_until=None, received_on=day) is None


def names(ground: Ground, *rows: RemedyRule) -> list[tuple[str, tuple[str, ...]]]:
    return [(row.name, unknown) for row, unknown in rows_about(rows or (AGED, MISUSED, REST), ground)]


def test_the_first_row_that_certainly_fits_ends_the_search():
    assert names(Ground(FACTS, warranty="after")) == [("aged", ())]
    assert names(Ground(FACTS, warranty="within")) == [("rest", ())]


def test_rows_that_depend_on_what_nobody_knows_come_with_what_must_be_known():
    ground = Ground(FACTS, liability="customer")

    assert names(ground) == [("aged", ("warranty",)), ("misused", ("proof",)), ("rest", ())]


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        (RemedyWhen(), True),
        (RemedyWhen(liability=("own", "supplier")), True),
        (RemedyWhen(liability=("customer",)), False),
        (RemedyWhen(cause=("worn",)), True),
        (RemedyWhen(cause=("torn",)), False),
        (RemedyWhen(phase=("delivered",)), True),
        (RemedyWhen(phase=("before-delivery",)), False),
        (RemedyWhen(kind=("praise",)), False),
        (RemedyWhen(category=("goods",), type=("broken",)), True),
        (RemedyWhen(type=("late",)), False),
        (RemedyWhen(severity=("critical",)), False),
        (RemedyWhen(flags=("legal",)), False),
    ],
)
def test_a_row_is_about_a_finding_if_every_list_holds_its_value(when, fits):
    found = names(Ground(FACTS, liability="own", cause="worn"), RemedyRule("row", when))

    assert bool(found) is fits


@pytest.mark.parametrize(
    ("rule", "state", "bearer", "deciders"),
    [
        (None, "within", "customer", ("leader",)),
        (None, "after", "supplier", ("chairman",)),
        (None, None, "customer", ("leader",)),
        (RemedyRule("row", cost="carrier", exception_by=("desk",)), "after", "carrier", ("desk",)),
        (RemedyRule("row"), "within", "customer", ("leader",)),
    ],
)
def test_the_row_names_the_bearer_and_else_warranty_and_liability_do(rule, state, bearer, deciders):
    """C-16, DSP-10 to DSP-12."""
    warranty = Warranty(cost_afterwards="supplier", exception_by=("chairman",))
    liability = LiabilityRule(cost="customer", exception_by=("leader",))

    assert bearer_of(rule, warranty, liability, state) == (bearer, deciders)
