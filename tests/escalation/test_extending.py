"""Are limits extended as policy says: how often, by whom, by how much, and is the customer told?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.errors import Conflict, Forbidden, Rejected
from shared.notify.message import render
from shared.policy.model import Extension
from shared.worktime import Target
from tests.escalation.builders import (
    ACCEPTANCE,
    ANSWER,
    COMPLAINT,
    a_manager,
    a_rulebook,
    after,
    assigned,
    closed,
    extend,
    hear,
    registered,
    reopened,
    shanghai,
    the_clock,
)

MONDAY = shanghai(2, 9)
TWICE = a_rulebook(extension=Extension(max=2))
BY_GENERAL = a_rulebook(extension=Extension(max=1, approver=("director",), inform=("site.manager",)))
BY_LENGTH = a_rulebook(extension=Extension(max=1, length=Target.parse("8 wh")))


def a_sheet(rules=TWICE, **given):
    return after(registered(MONDAY, sealed="k1.sealed", language="en", **given), assigned(), rules=rules)


def test_as_many_extensions_as_policy_says_and_not_one_more():
    sheet = extend(a_sheet(), target="40 wh", rules=TWICE).state
    sheet = extend(sheet, target="48 wh", rules=TWICE).state

    with pytest.raises(Conflict) as refused:
        extend(sheet, target="56 wh", rules=TWICE)

    assert refused.value.code == "already-extended"


def test_a_company_that_extends_nothing_says_so():
    never = a_rulebook(extension=Extension(max=0))

    with pytest.raises(Conflict):
        extend(a_sheet(never), target="40 wh", rules=never)


def test_a_reopened_complaint_may_be_extended_again():
    sheet = extend(a_sheet(BY_LENGTH), rules=BY_LENGTH).state
    sheet = hear(sheet, closed(shanghai(9, 10)), rules=BY_LENGTH).state
    sheet = hear(sheet, reopened(shanghai(10, 10)), rules=BY_LENGTH).state

    assert extend(sheet, shanghai(10, 11), BY_LENGTH).state is not sheet


def test_only_whom_policy_names_may_grant_it():
    with pytest.raises(Forbidden) as refused:
        extend(a_sheet(BY_GENERAL), target="40 wh", actor=a_manager("li"), rules=BY_GENERAL)

    assert "director" in refused.value.detail
    assert extend(a_sheet(BY_GENERAL), target="40 wh", actor=a_manager("dong"), rules=BY_GENERAL).tells


def test_policys_own_length_needs_no_other_word():
    clock = the_clock(extend(a_sheet(BY_LENGTH), rules=BY_LENGTH).state)

    assert clock.former[-1].due_at == shanghai(4, 17)
    assert clock.due_at == shanghai(5, 17)


def test_more_than_policys_length_is_refused():
    with pytest.raises(Rejected) as refused:
        extend(a_sheet(BY_LENGTH), target="40 wh", rules=BY_LENGTH)

    assert refused.value.code == "extension-too-long"


def test_the_customer_is_told_the_old_and_the_new_date_in_their_language():
    (notice,) = extend(a_sheet(), target="40 wh", rules=TWICE).notices

    assert (notice.to, notice.template, notice.sealed) == ("customer", "clock-extended", "k1.sealed")
    assert notice.key == f"{COMPLAINT}:answer:extended:1"
    mail = render(notice.template, notice.language, notice.values)
    assert "2026-03-04 17:00" in mail.body
    assert "2026-03-06 17:00 (Asia/Shanghai)" in mail.body


def test_those_whom_policy_names_are_told_too():
    notices = extend(a_sheet(BY_GENERAL), target="40 wh", rules=BY_GENERAL).notices

    assert [notice.to for notice in notices] == ["customer", "wang"]


@pytest.mark.parametrize("given", [{"sealed": None}, {"history": True}])
def test_nobody_is_written_to_without_an_address_or_about_the_past(given):
    sheet = replace(a_sheet(), **given)

    assert extend(sheet, target="40 wh", rules=TWICE).notices == ()


def test_a_limit_of_our_own_is_no_business_of_the_customers():
    rules = a_rulebook(clocks=(ANSWER, ACCEPTANCE))

    extended = extend(a_sheet(rules), clock="acceptance", target="16 wh", rules=rules)

    assert extended.notices == ()
