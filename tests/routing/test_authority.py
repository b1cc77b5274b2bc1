"""Who signs, pays and closes by the profile, in which order, and who never does? (APR-*, C-17, C-29)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.routing.domain.offering import Amount
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.decide_proposal import RejectProposal
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.recuse_person import RecusePerson
from shared.errors import Conflict, Forbidden, Rejected
from shared.events.routing import ComplaintReclassified, ResolutionProposed
from shared.lifecycle import Status
from shared.policy.model import Absence, ApprovalRule, Rulebook
from shared.policy.settling import SettlementWhen
from shared.policy.settling import Signature as Signed
from tests.routing.builders import COMPLAINT, HANDLER, NOW, RULES, a_proposal
from tests.routing.companies import DESK, Company, as_person, company, everybody, the

DEAL = {"category": "business", "type": "price"}
SUPERVISOR, DEPUTY = the("business_supervisor"), the("deputy_general_manager")
CHIEF, FINANCE = the("general_manager"), the("finance")
CHECKED = ("customer-accepts", "no-malicious-claim-expected", "cost-minimal", "measures-fit-cause")
PAPERS = ("written-objection", "agreement-with-mill", "note-on-invoice")


def cny(amount: str = "1000") -> Amount:
    return Amount(Decimal(amount), "CNY")


def a_claim(amount: str = "1000", rules=None, **given) -> Company:
    """A case of the steel trader whose supervisor proposes to pay."""
    steel = Company("steel-trader", rules, **{**DEAL, **given})
    return steel.investigated(by=SUPERVISOR).proposed("refund", by=SUPERVISOR, compensation=cny(amount))


def code_of(kind, step) -> str:
    with pytest.raises(kind) as refused:
        step()
    return refused.value.code


def test_without_compensation_nobody_signs_the_handler_closes_and_the_manager_is_told():
    """APR-01, CLS-04."""
    steel = Company("steel-trader", **DEAL).investigated(by=SUPERVISOR).proposed(by=SUPERVISOR)
    steel.answered(SUPERVISOR).agreed().fulfilled(SUPERVISOR).do(CloseCase(COMPLAINT, SUPERVISOR))

    assert steel.case.status is Status.CLOSED
    assert steel.case.signatures == ()
    assert {(n.to, n.template) for n in steel.last.notices} == {
        ("boss", "case-reported"),
        ("the.administration_head", "case-reported"),
        ("customer", "complaint-closed"),
    }


def test_with_compensation_deputy_and_general_manager_sign_in_order_and_finance_pays():
    """APR-02, APR-03, APR-13, APR-14, CLS-01."""
    steel = a_claim()
    asked_first = steel.last.notices
    steel.signs(DEPUTY)
    asked_next = steel.last.notices
    steel.signs(CHIEF, *CHECKED).answered(SUPERVISOR).agreed()
    steel.fulfilled(FINANCE, *PAPERS).do(CloseCase(COMPLAINT, CHIEF))

    assert [(n.to, n.template) for n in asked_first] == [("the.deputy_general_manager", "proposal-to-sign")]
    assert [n.to for n in asked_next] == ["boss"]
    assert [one.role for one in steel.case.signatures] == ["deputy_general_manager", "general_manager"]
    assert (steel.case.status, steel.case.attached) == (Status.CLOSED, PAPERS)


def test_the_general_manager_does_not_sign_before_the_deputy():
    """APR-03."""
    steel = a_claim()

    assert code_of(Forbidden, lambda: steel.signs(CHIEF, *CHECKED)) == "role-missing"


def test_half_a_chain_is_no_approval():
    """APR-13."""
    steel = a_claim().signs(DEPUTY)

    assert code_of(Conflict, lambda: steel.answered(SUPERVISOR)) == "signature-missing"


@pytest.mark.parametrize("left_out", CHECKED)
def test_the_general_manager_confirms_every_test_before_money(left_out):
    """APR-04, APR-05."""
    steel = a_claim().signs(DEPUTY)
    checked = [test for test in CHECKED if test != left_out]

    assert code_of(Rejected, lambda: steel.signs(CHIEF, *checked)) == "tests-missing"


@pytest.mark.parametrize(
    "outsider", [DESK, FINANCE, SUPERVISOR, as_person("the.finance", "admin", "director")]
)
def test_nobody_outside_the_chain_signs_whatever_their_token_says(outsider):
    """APR-02: roles of the organisation count, not those of the token."""
    steel = a_claim()

    assert code_of(Forbidden, lambda: steel.signs(outsider)) in {"role-missing", "own-proposal"}


def test_a_proposal_by_the_deputy_is_signed_by_the_deputys_stand_in_and_then_by_somebody_else_again():
    """Four eyes: the proposer signs nothing, and nobody signs twice."""
    steel = Company("steel-trader", **DEAL).investigated(by=SUPERVISOR)
    steel.do(a_proposal(cny(), actor=DEPUTY, remedies=("refund",)))
    own = code_of(Forbidden, lambda: steel.signs(DEPUTY))
    steel.signs(CHIEF)
    again = code_of(Conflict, lambda: steel.signs(CHIEF, *CHECKED))

    assert (own, again) == ("own-proposal", "already-signed")
    assert steel.case.signatures[0].in_place_of == "the.deputy_general_manager"
    assert steel.last.notices[0].to not in {"boss", "the.deputy_general_manager"}


def test_the_stand_in_signs_for_a_deputy_who_is_away():
    """RCS-03."""
    week = timedelta(days=7)
    rules = everybody(
        company("steel-trader"),
        "the.deputy_general_manager",
        absences=(Absence(NOW - week, NOW + week),),
        stand_in="the.quality_lead",
    )
    steel = a_claim(rules=rules).signs(the("quality_lead"))

    signature = steel.case.signatures[0]
    assert (signature.role, signature.in_place_of) == ("deputy_general_manager", "the.deputy_general_manager")


def test_a_stand_in_does_not_sign_for_a_deputy_who_is_there():
    rules = everybody(company("steel-trader"), "the.deputy_general_manager", stand_in="the.quality_lead")
    steel = a_claim(rules=rules)

    assert code_of(Forbidden, lambda: steel.signs(the("quality_lead"))) == "role-missing"


def test_neither_a_recused_deputy_nor_who_stands_in_for_one_signs():
    """RCS-01: whoever a person complained about named would act for them."""
    rules = everybody(company("steel-trader"), "the.deputy_general_manager", stand_in="the.quality_lead")
    steel = a_claim(rules=rules, accused_refs=("the.deputy_general_manager",))

    assert code_of(Forbidden, lambda: steel.signs(DEPUTY)) == "recused"
    assert code_of(Forbidden, lambda: steel.signs(the("quality_lead"))) == "role-missing"
    assert steel.signs(CHIEF).case.signatures[0].role == "deputy_general_manager"


def test_a_recused_stand_in_does_not_sign_for_whoever_is_away():
    """RCS-01, RCS-03."""
    week = timedelta(days=7)
    rules = everybody(
        company("steel-trader"),
        "the.deputy_general_manager",
        absences=(Absence(NOW - week, NOW + week),),
        stand_in="the.quality_lead",
    )
    steel = a_claim(rules=rules, accused_refs=("the.quality_lead",))

    assert code_of(Forbidden, lambda: steel.signs(the("quality_lead"))) == "recused"


def test_the_stand_ins_that_a_profile_names_decide_for_a_recused_partner():
    """RCS-03, APR-09: partner in charge recused, director or another partner decides."""
    firm = Company("law-firm", accused_refs=("the.partner_in_charge",))
    firm.investigated(by=the("responsible_person")).proposed(by=DESK)
    firm.signs(the("responsible_person")).signs(the("partner"))

    assert [one.by for one in firm.case.signatures] == ["the.responsible_person", "the.partner"]


def test_a_refused_proposal_goes_back_to_the_handler_with_the_reason():
    """APR-02, APR-05."""
    steel = a_claim().do(RejectProposal(COMPLAINT, CHIEF, 1, "too-much"))

    assert steel.case.status is Status.INVESTIGATED
    (notice,) = [one for one in steel.last.notices if one.to == "the.business_supervisor"]
    assert (notice.template, notice.values["reason"]) == ("proposal-returned", "too-much")


def test_whoever_signs_nothing_sends_nothing_back():
    steel = a_claim()

    assert code_of(Forbidden, lambda: steel.do(RejectProposal(COMPLAINT, FINANCE, 1, "no"))) == "role-missing"


@pytest.mark.parametrize(
    ("amount", "currency", "allowed"),
    [("50000", "CNY", True), ("50000.01", "CNY", False), ("1", "EUR", False)],
)
def test_nobody_grants_more_than_the_authority_in_that_currency(amount, currency, allowed):
    """APR-02: a currency without a figure was allowed by nobody."""
    steel = Company("steel-trader", **DEAL).investigated(by=SUPERVISOR)
    offer = a_proposal(Amount(Decimal(amount), currency), actor=SUPERVISOR, remedies=("refund",))

    if allowed:
        assert steel.do(offer).case.status is Status.PROPOSED
    else:
        assert code_of(Rejected, lambda: steel.do(offer)) == "beyond-authority"


def test_goods_count_toward_the_limit_of_their_currency():
    steel = Company("steel-trader", **DEAL).investigated(by=SUPERVISOR)
    offer = a_proposal(cny("30000"), actor=SUPERVISOR, remedies=("refund", "gift"), goods=cny("30000"))

    assert code_of(Rejected, lambda: steel.do(offer)) == "beyond-authority"


@pytest.mark.parametrize("remedy", ["refund", "compensation", "price-allowance", "discount"])
def test_money_by_its_name_needs_an_amount_so_that_no_signature_is_lost(remedy):
    """APR-14."""
    steel = Company("steel-trader", **DEAL).investigated(by=SUPERVISOR)

    assert code_of(Rejected, lambda: steel.proposed(remedy, by=SUPERVISOR)) == "amount-missing"


def test_a_gift_is_signed_as_goods():
    """DSP-16, APR-07."""
    dealer = Company("lubricant-distributor").investigated().proposed("gift")

    assert dealer.case.proposal.terms.rule == "goods"
    assert code_of(Conflict, dealer.answered) == "signature-missing"
    assert dealer.signs(the("service_leader")).answered().case.status is Status.ANSWERED


@pytest.mark.parametrize("payer", [SUPERVISOR, CHIEF, DESK])
def test_only_finance_pays(payer):
    """APR-13."""
    steel = a_claim().signs(DEPUTY).signs(CHIEF, *CHECKED).answered(SUPERVISOR).agreed()

    assert code_of(Forbidden, lambda: steel.fulfilled(payer, *PAPERS)) == "not-the-payer"


@pytest.mark.parametrize("left_out", PAPERS)
def test_nothing_is_paid_without_its_papers(left_out):
    """APR-14."""
    steel = a_claim().signs(DEPUTY).signs(CHIEF, *CHECKED).answered(SUPERVISOR).agreed()
    papers = [one for one in PAPERS if one != left_out]

    assert code_of(Conflict, lambda: steel.fulfilled(FINANCE, *papers)) == "attachments-missing"


@pytest.mark.parametrize("closer", [SUPERVISOR, FINANCE, DESK, as_person("root", "admin")])
def test_with_compensation_only_the_general_manager_closes(closer):
    """CLS-01, CLS-03, C-29."""
    steel = a_claim().signs(DEPUTY).signs(CHIEF, *CHECKED).answered(SUPERVISOR).agreed()
    steel.fulfilled(FINANCE, *PAPERS)

    assert code_of(Forbidden, lambda: steel.do(CloseCase(COMPLAINT, closer))) == "not-the-closer"


def test_a_colleague_does_not_close_what_somebody_else_has():
    """CLS-04: `handler` is whoever has the case."""
    shop = Company("restaurant", category="service").investigated(by=the("restaurant_manager"))
    shop.proposed(by=the("restaurant_manager")).answered().agreed().fulfilled()

    assert code_of(Forbidden, lambda: shop.do(CloseCase(COMPLAINT, DESK))) == "not-the-closer"
    assert shop.do(CloseCase(COMPLAINT, the("restaurant_manager"))).case.status is Status.CLOSED


def by_type() -> Rulebook:
    """Cracks are signed by the department's manager, everything else that costs by the site's."""
    cracks = SettlementWhen(compensation=("money",), type=("crack",))
    rows = (
        ApprovalRule("cracks", ("handler",), cracks, (Signed(("department.manager",)),)),
        ApprovalRule("rest", ("handler",), SettlementWhen(), (Signed(("site.manager",)),)),
    )
    profile = replace(RULES.profiles["test"], approval=rows)
    return replace(RULES, profiles={"test": profile})


def test_a_proposal_that_turns_out_to_be_about_something_else_is_signed_anew():
    """Edge case 4: what was signed for another matter is not signed for this one."""
    shop = Company("", by_type()).investigated(by=HANDLER).proposed(by=HANDLER, compensation=cny())
    shop.signs(as_person("wang"))

    shop.do(ReclassifyCase(COMPLAINT, HANDLER, "complaint", "quality", "crack"))

    assert [type(told) for told in shop.last.tells] == [ComplaintReclassified, ResolutionProposed]
    assert code_of(Conflict, lambda: shop.answered(HANDLER)) == "signature-missing"
    assert shop.signs(as_person("li")).answered(HANDLER).case.status is Status.ANSWERED


def test_what_the_customer_was_answered_stands_by_what_was_signed():
    """docs/decisions/0040: signatures can be given only before the answer, so none is asked for later."""
    shop = Company("", by_type()).investigated(by=HANDLER).proposed(by=HANDLER, compensation=cny())
    shop.signs(as_person("wang")).answered(HANDLER)

    shop.do(ReclassifyCase(COMPLAINT, HANDLER, "complaint", "quality", "crack"))

    assert shop.agreed().fulfilled(HANDLER).case.status is Status.FULFILLED


def test_a_signature_of_somebody_who_is_recused_afterwards_is_given_anew():
    """RCS-01."""
    steel = a_claim().signs(DEPUTY)
    steel.do(RecusePerson(COMPLAINT, as_person("boss", "manager"), "the.deputy_general_manager"))

    assert steel.case.signatures == ()
    assert code_of(Forbidden, lambda: steel.signs(DEPUTY)) == "recused"
    assert [notice.to for notice in steel.last.notices] == ["boss"]


def test_a_recused_assignee_loses_the_case_to_somebody_else_of_the_department():
    """RCS-01."""
    steel = Company("steel-trader", **DEAL).investigated(by=SUPERVISOR)
    steel.do(RecusePerson(COMPLAINT, as_person("boss", "manager"), "the.business_supervisor"))

    assert steel.case.placement.assignee == "head.of.business"
    assert steel.case.placement.reason == "recused"
    assert steel.last.tells[0].recused == ("the.business_supervisor",)


def test_only_people_of_the_company_are_recused():
    steel = Company("steel-trader", **DEAL)
    order = RecusePerson(COMPLAINT, as_person("boss", "manager"), "nobody")

    assert code_of(Rejected, lambda: steel.do(order)) == "unknown-person"


def test_recusing_twice_changes_nothing():
    steel = Company("steel-trader", **DEAL)
    order = RecusePerson(COMPLAINT, as_person("boss", "manager"), "the.finance")
    case = steel.do(order).case

    assert steel.do(order).case is case
