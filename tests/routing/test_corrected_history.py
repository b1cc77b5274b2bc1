"""Does routing follow when the register that history comes from corrects itself or tells of an end?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.routing.handlers.accept_case import AcceptCase
from shared.events.intake import AmendedFacts, ComplaintAmended, Product
from shared.lifecycle import Status
from shared.policy.model import RouteRule, When
from tests.routing.builders import (
    COMPLAINT,
    NOW,
    NUMBER,
    a_rulebook,
    after,
    an_actor,
    an_assigned_case,
    hear,
    registered,
)

ROWS = (RouteRule("bills", "billing", when=When(category=("billing",))), RouteRule("rest", "quality"))
RULES = a_rulebook(routing=ROWS)
ENDED = NOW - timedelta(minutes=30)


def imported(**given):
    return hear(None, registered(history=True, **given), RULES).state


def amended(sealed: str | None = None, **facts) -> ComplaintAmended:
    return ComplaintAmended(
        complaint_no=NUMBER,
        at=NOW,
        by="clerk",
        changed=tuple(facts),
        facts=AmendedFacts(**facts),
        sealed=sealed,
    )


def test_an_end_that_was_told_later_takes_it_off_the_desk():
    case = imported()
    assert case.status is Status.ASSIGNED

    ended = hear(case, amended(closed_at=ENDED), RULES, sequence=2).state

    assert (ended.status, ended.ended_at) == (Status.CLOSED, ENDED)


def test_it_ends_even_if_the_desk_has_just_begun():
    case = after(an_assigned_case(history=True), AcceptCase(COMPLAINT, an_actor()))

    assert hear(case, amended(closed_at=ENDED), sequence=2).state.status is Status.CLOSED


def test_what_has_ended_is_corrected_and_placed_anew_for_the_statistics():
    case = imported(closed_at=NOW)

    decision = hear(
        case, amended("new", closed_at=ENDED, category="billing", language="en"), RULES, sequence=2
    )

    found = decision.state
    assert (found.status, found.ended_at, found.facts.category) == (Status.CLOSED, ENDED, "billing")
    assert (found.language, found.sealed, found.placement.department) == ("en", "new", "billing")
    assert [told.type_name for told in decision.tells] == ["complaint.assigned.v1"]


def test_an_open_one_goes_where_its_new_category_belongs():
    decision = hear(imported(), amended(category="billing"), RULES, sequence=2)

    assert decision.state.placement.department == "billing"


@pytest.mark.parametrize("facts", [{"closed_at": ENDED}, {"received_at": ENDED}])
def test_a_case_of_today_takes_no_dates_from_outside(facts):
    case = hear(None, registered(), RULES).state

    found = hear(case, amended(**facts), RULES, sequence=2).state

    assert (found.status, found.received_at) == (case.status, case.received_at)


@pytest.mark.parametrize(
    ("told", "day", "words"),
    [
        ("2020-07-14", date(2020, 7, 14), None),
        ("2020-07-14T00:00:00+00:00", date(2020, 7, 14), None),
        ("14/07/2020", None, "14/07/2020"),
    ],
)
def test_a_day_of_sale_is_read_or_shown_as_it_was_told(told, day, words):
    goods = imported(product=Product(sold_on=told)).goods

    assert (goods.sold_on, goods.sold_on_as_told) == (day, words)


def test_a_day_that_is_told_later_takes_the_place_of_the_words():
    case = imported(product=Product(sold_on="last spring"))

    goods = hear(case, amended(product=Product(sold_on="2020-07-14")), RULES, sequence=2).state.goods

    assert (goods.sold_on, goods.sold_on_as_told) == (date(2020, 7, 14), None)
