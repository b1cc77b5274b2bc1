"""Does a refusal that is one too many become a dispute, with a way to settle it? (ESC-15)"""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.policy.disputes import Disputes
from tests.escalation.builders import (
    HOUR,
    NOW,
    a_rulebook,
    after,
    answered,
    hear,
    registered,
    reopened,
    replied,
)
from tests.shared.policy.organisations import rules_with

AUTHORITY = {"zh": "消费者协会", "en": "the ombudsman"}
RULES = a_rulebook(disputes=Disputes(from_round=2, authority=AUTHORITY, to=("director",)))


def refused(turn: int, sheet=None, rules=RULES, at=NOW + HOUR):
    sheet = sheet or after(registered(NOW, sealed="sealed"), answered(NOW), rules=rules)
    return hear(sheet, replied(at, turn=turn), rules=rules)


def test_esc_15_the_first_refusal_brings_another_proposal_and_no_dispute():
    assert refused(1).notices == ()


def test_esc_15_from_the_round_of_policy_on_the_customer_is_told_who_settles_disputes():
    decision = refused(2)

    to_customer, to_ours = decision.notices
    assert (to_customer.to, to_customer.template, to_customer.sealed) == (
        "customer",
        "dispute-offered",
        "sealed",
    )
    assert to_customer.values["authority"] in AUTHORITY.values()
    assert (to_ours.to, to_ours.template) == ("dong", "dispute-opened")
    assert decision.state.ended is None, "rounds go on, nobody gives up a right by refusing"
    assert decision.state.disputed_at == NOW + HOUR


def test_a_dispute_is_told_once_in_each_life():
    disputed = refused(2).state

    assert refused(3, disputed, at=NOW + 2 * HOUR).notices == ()
    again = hear(disputed, reopened(NOW + 3 * HOUR), rules=RULES).state
    assert refused(2, again, at=NOW + 4 * HOUR).notices[0].key != refused(2).notices[0].key


def test_consent_is_no_dispute_and_nobody_is_told_of_the_past():
    sheet = after(registered(NOW, sealed="sealed"), answered(NOW), rules=RULES)

    assert hear(sheet, replied(NOW + HOUR, accepts=True, turn=2), rules=RULES).notices == ()
    assert refused(2, replace(sheet, history=True)).notices == ()
    assert refused(2, replace(sheet, sealed=None)).notices[0].to == "dong", "without an address only ours"


def test_without_a_rule_no_refusal_is_a_dispute():
    rules = a_rulebook()

    assert refused(9, rules=rules).notices == ()


@pytest.mark.parametrize(("profile", "by"), [("food-manufacturer", "boss"), ("car-dealer-4S", "boss")])
def test_esc_15_the_profile_whose_source_asks_for_it_has_it(profile, by):
    found = refused(2, rules=rules_with(profile)).notices

    assert [notice.to for notice in found] == ["customer", by]
    assert "12315" in found[0].values["authority"]
