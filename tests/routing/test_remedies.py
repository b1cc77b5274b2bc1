"""What may be offered by policy, at whose cost, and who may make an exception? (DSP-*, C-09, C-15, C-16)"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.routing.domain.case import Case, Goods
from services.routing.domain.offering import Option, Quantity
from services.routing.handlers import COMMANDS
from services.routing.handlers.choose_mode import ChooseMode
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.describe_goods import DescribeGoods
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.postpone_fulfilment import PostponeFulfilment
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.resume_case import ResumeCase
from services.routing.store.tables import STORE
from shared.errors import Conflict, Rejected
from shared.events.intake import AmendedFacts, ComplaintAmended, Flags, Product
from shared.events.routing import (
    ComplaintInvestigated,
    ComplaintResumed,
    ResolutionProposed,
    ResolutionRejected,
)
from shared.lifecycle import Status
from tests.routing.builders import COMPLAINT, NOW, NUMBER, a_context, replied
from tests.routing.companies import DESK, Company, as_person, the
from tests.routing.test_authority import CHECKED, CHIEF, DEPUTY, FINANCE, PAPERS, SUPERVISOR, cny, code_of

SERVICE = {"category": "technical-service", "type": "in-warranty"}
WITHIN, AFTER = Goods(covered_until=date(2026, 12, 31)), Goods(covered_until=date(2026, 2, 28))
LEADER = the("company_leader")


def known(goods: Goods) -> DescribeGoods:
    return DescribeGoods(COMPLAINT, DESK, goods)


def plant(goods: Goods = WITHIN, liability: str = "own", **given) -> Company:
    """A case of technical service at the maker of heavy machinery."""
    works = Company("heavy-machinery", **{**SERVICE, **given})
    return works.do(known(goods)).investigated(liability=liability, evidence=("r-1",))


def proposal_of(company: Company) -> ResolutionProposed:
    return next(told for told in company.last.tells if isinstance(told, ResolutionProposed))


@pytest.mark.parametrize(
    ("goods", "liability", "remedy", "bearer"),
    [
        (WITHIN, "own", "repair", "company"),
        (WITHIN, "supplier", "repair", "company"),
        (WITHIN, "customer", "repair", "customer"),
        (AFTER, "own", "field-service", "customer"),
        (AFTER, "customer", "spare-parts", "customer"),
    ],
)
def test_warranty_and_liability_say_who_bears_the_cost(goods, liability, remedy, bearer):
    """DSP-10, DSP-11, DSP-12, C-16."""
    works = plant(goods, liability).proposed(remedy)

    assert works.case.proposal.terms.cost_bearer == bearer
    assert proposal_of(works).cost_bearer == bearer
    assert works.case.proposal.terms.sign == ()


def test_after_warranty_service_is_still_organised_and_nothing_is_replaced_for_free():
    """DSP-12: advice, field service, spare parts, return for repair."""
    works = plant(AFTER)

    assert code_of(Rejected, lambda: works.proposed("replacement")) == "reason-missing"
    assert works.proposed("advice", "return-for-repair").case.status is Status.PROPOSED


def test_misuse_at_our_cost_is_the_leaders_decision_and_never_the_handlers():
    """DSP-11, edge case 22: special cases at the leader's discretion."""
    works = plant(liability="customer")
    without_reason = code_of(Rejected, lambda: works.proposed("repair", cost_bearer="company"))

    works.proposed("repair", cost_bearer="company", reason_code="key-account")
    asked = [(n.to, n.template) for n in works.last.notices]
    unsigned = code_of(Conflict, works.answered)
    works.signs(LEADER).answered()

    assert (without_reason, unsigned) == ("reason-missing", "signature-missing")
    assert asked == [("the.company_leader", "proposal-to-sign")]
    assert (works.case.status, works.case.proposal.terms.cost_bearer) == (Status.ANSWERED, "company")
    assert works.case.proposal.terms.exception


def test_our_own_fault_within_warranty_is_at_our_cost_and_nobody_decides_otherwise():
    """DSP-10: the company bears all cost."""
    works = plant()

    offer = lambda: works.proposed("repair", cost_bearer="customer", reason_code="x")  # noqa: E731
    assert code_of(Rejected, offer) == "cost-bearer-other"


def test_while_nobody_knows_the_warranty_nothing_that_depends_on_it_is_proposed():
    """C-15, edge case 42: no silent default."""
    works = Company("heavy-machinery", **SERVICE).investigated()
    with pytest.raises(Conflict) as refused:
        works.proposed("repair")
    works.do(known(WITHIN)).proposed("repair")

    assert (refused.value.code, refused.value.field) == ("warranty-unknown", "goods.covered_until")
    assert works.case.status is Status.PROPOSED


def test_what_makes_no_difference_is_not_asked_for():
    mall = Company("mall-service-desk", category="goods", type="quality").investigated(
        by=the("duty_supervisor")
    )

    assert mall.proposed("agreed-date", reason_code="as-asked").case.status is Status.PROPOSED


def test_the_day_of_the_complaint_at_its_site_counts():
    """TYP-17: it came in on the 2nd of March in Shanghai, though the 1st was not over elsewhere."""
    works = Company("heavy-machinery", **SERVICE, received_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))
    works.do(known(Goods(covered_until=date(2026, 3, 1)))).investigated(liability="own")

    assert works.proposed("advice").case.proposal.terms.remedy_rule == "after-warranty"


# Maintenance: more than a year after sale.


def sold(day: str, **given) -> Company:
    """A case of the machine maker about something sold on that day."""
    maker = Company(
        "machinery-manufacturer", category="quality", type="defect", product=Product(sold_on=day), **given
    )
    return maker.investigated(by=the("quality_head"))


def test_older_than_a_year_is_maintenance_and_no_complaint_in_the_statistics():
    """DSP-08, TYP-17, edge case 21, C-09."""
    maker = sold("2025-03-01")
    told = next(event for event in maker.last.tells if isinstance(event, ComplaintInvestigated))

    assert (told.valid, told.counts_as) == (False, "maintenance")
    assert maker.case.finding.counts_as == "maintenance"


def test_maintenance_needs_no_corrective_action_and_may_have_one():
    """DSP-08: sheet and CAPA only if the customer or the company needs it."""
    assert sold("2025-03-01").case.actions == ()
    assert sold("2025-03-02").case.actions != ()


def test_within_the_year_it_is_a_complaint():
    """TYP-17: on the anniversary it is a year old and not more."""
    maker = sold("2025-03-02")

    assert maker.case.finding.counts
    assert maker.case.finding.counts_as == ""


def test_what_counts_as_maintenance_is_recorded_handled_and_closed_like_everything_else():
    """C-09: eligibility never prevents recording."""
    maker = sold("2024-01-01").proposed("repair").answered().agreed().fulfilled()
    maker.do(CloseCase(COMPLAINT, the("quality_head")))

    assert (maker.case.status, maker.last.tells[0].valid) == (Status.CLOSED, False)


def test_past_its_shelf_life_it_is_recorded_and_does_not_count_as_a_complaint():
    """C-09, C-15: only within shelf life."""
    maker = Company("food-manufacturer", category="quality").do(known(AFTER)).investigated()

    assert (maker.case.finding.valid, maker.case.finding.counts_as) == (True, "not_eligible")
    assert not maker.case.finding.counts


def test_a_corrected_date_of_sale_corrects_the_finding_as_well():
    maker = sold("2024-01-01")
    later = replace(maker.case.goods, sold_on=date(2026, 1, 1))
    maker.do(known(later))

    assert maker.case.finding.counts


def test_the_register_completes_the_day_of_the_sale():
    maker = Company("machinery-manufacturer", category="quality", type="defect")
    facts = AmendedFacts(product=Product(sold_on="2024-05-05"))
    maker.hear(ComplaintAmended(complaint_no=NUMBER, at=NOW, by="agent", changed=("product",), facts=facts))

    assert maker.case.goods.sold_on == date(2024, 5, 5)


def test_a_day_of_sale_in_words_is_no_date_and_stops_nothing():
    assert Company("machinery-manufacturer", product=Product(sold_on="last spring")).case.goods == Goods(
        sold_on_as_told="last spring"
    )


# Returned goods.


def exchange(**offer) -> Company:
    return sold("2026-01-01").proposed("same-quantity-of-good-product", **offer)


def amount(returned: str, delivered: str) -> Quantity:
    return Quantity(Decimal(returned), Decimal(delivered), "pcs")


def test_as_much_good_product_is_delivered_as_came_back_and_the_loss_is_settled():
    """DSP-04."""
    maker = exchange(quantity=amount("12", "12"), compensation=cny("300"))

    assert maker.case.proposal.quantity == amount("12", "12")
    assert STORE.decode(STORE.encode(maker.case)) == maker.case


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        ({"compensation": cny("300")}, "quantity-missing"),
        ({"quantity": amount("12", "11"), "compensation": cny("300")}, "quantity-differs"),
        ({"quantity": amount("12", "12")}, "loss-open"),
    ],
)
def test_neither_less_product_nor_an_open_loss_is_proposed(offer, code):
    """DSP-04."""
    assert code_of(Rejected, lambda: exchange(**offer)) == code


def test_a_return_without_a_loss_says_so():
    assert exchange(quantity=amount("1", "1"), reason_code="no-loss").case.status is Status.PROPOSED


# Money back before delivery.

PAID = Goods(phase="before-delivery", paid=cny("1000"), deposit=cny("200"))


def cancelled(liability: str, goods: Goods = PAID) -> Company:
    steel = Company("steel-trader", category="business", type="price").do(known(goods))
    return steel.investigated(by=SUPERVISOR, liability=liability, evidence=("r-1",))


def refund(steel: Company, money: str, **offer) -> Company:
    return steel.proposed("refund", by=SUPERVISOR, compensation=cny(money), **offer)


@pytest.mark.parametrize("liability", ["own", "supplier"])
def test_our_own_fault_before_delivery_is_refunded_in_full(liability):
    """DSP-15, edge case 23, DSP-06."""
    assert code_of(Rejected, lambda: refund(cancelled(liability), "999.99")) == "refund-not-full"
    assert refund(cancelled(liability), "1000").case.proposal.terms.remedy_rule == "cancelled-by-our-fault"


def test_the_customers_own_cancellation_returns_the_deposit_at_most_and_the_leader_approves():
    """DSP-15, edge case 23."""
    silent = code_of(Rejected, lambda: refund(cancelled("customer"), "200"))
    steel = refund(cancelled("customer"), "200", reason_code="our-loss-is-small")
    steel.signs(DEPUTY).signs(CHIEF, *CHECKED).answered(SUPERVISOR).agreed().fulfilled(FINANCE, *PAPERS)

    assert silent == "reason-missing"
    assert [one.by for one in steel.case.proposal.terms.sign] == [
        ("deputy_general_manager",),
        ("general_manager",),
    ]
    assert steel.case.status is Status.FULFILLED


def test_the_prepayment_is_refunded_only_as_an_exception():
    """DSP-15: in principle not."""
    steel = refund(cancelled("customer"), "201", reason_code="good-will")

    assert steel.case.proposal.terms.exception


def test_nothing_is_refunded_to_whoever_cancelled_without_the_leader_even_without_money():
    """DSP-15: what is no money needs no finance, but the leader."""
    steel = cancelled("customer").proposed("redelivery", by=SUPERVISOR, reason_code="x")

    assert code_of(Conflict, lambda: steel.answered(SUPERVISOR)) == "signature-missing"


@pytest.mark.parametrize(("liability", "code"), [("own", "paid-unknown"), ("customer", "deposit-unknown")])
def test_what_was_paid_must_be_on_record_before_it_is_given_back(liability, code):
    steel = cancelled(liability, Goods(phase="before-delivery"))

    assert code_of(Conflict, lambda: refund(steel, "5", reason_code="x")) == code


# No, but.


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        ({"impossible": ("exchange",)}, "reason-missing"),
        ({"impossible": ("soothing-measure",), "reason_code": "x"}, "remedy-impossible"),
    ],
)
def test_what_is_impossible_is_explained(offer, code):
    """DSP-20."""
    shop = Company("merchant-basic").investigated()

    assert code_of(Rejected, lambda: shop.proposed("soothing-measure", **offer)) == code


def test_instead_of_what_is_impossible_something_is_offered_and_not_only_words():
    """DSP-20: a reasonable alternative or a soothing measure."""
    shop = Company("merchant-basic").investigated()
    no = {"impossible": ("exchange",), "reason_code": "sold-out"}
    only_words = code_of(Rejected, lambda: shop.proposed("answer", **no))
    shop.proposed("soothing-measure", **no)

    assert only_words == "alternative-missing"
    assert proposal_of(shop).reason_code == "sold-out"
    assert shop.case.proposal.impossible == ("exchange",)


def test_no_discount_is_granted_beyond_policy_and_the_vip_discount_is_signed():
    """DSP-29."""
    table = Company("restaurant", category="service").investigated(by=the("restaurant_manager"))
    beyond = code_of(Rejected, lambda: table.proposed("discount", compensation=cny("20"), reason_code="x"))
    other = {"impossible": ("discount",), "reason_code": "not-in-policy"}
    elsewhere = code_of(Rejected, lambda: table.proposed("coffee", **other))
    table.proposed("vip-discount", compensation=cny("20"), **other)

    assert (beyond, elsewhere) == ("remedy-closed", "alternative-missing")
    assert code_of(Conflict, table.answered) == "signature-missing"


def test_only_the_three_ways_of_handling_are_proposed():
    """DSP-03."""
    mine = Company("mining-equipment").investigated()

    assert code_of(Rejected, lambda: mine.proposed("gift")) == "remedy-closed"
    assert mine.proposed("rework").case.status is Status.PROPOSED


def mall(proof: bool | None) -> Company:
    supervisor = the("duty_supervisor")
    desk = Company("mall-service-desk", category="goods", type="quality")
    return desk.do(DescribeGoods(COMPLAINT, supervisor, Goods(proof=proof))).investigated(by=supervisor)


def test_an_exchange_needs_proof_of_purchase_or_the_centres_signature():
    """DSP-19, APR-10: the desk first, then the management centre."""
    unknown = code_of(Conflict, lambda: mall(None).proposed("exchange"))
    missing = code_of(Rejected, lambda: mall(False).proposed("exchange"))
    desk = mall(False).proposed("exchange", reason_code="known-customer")

    assert (unknown, missing) == ("proof-unknown", "reason-missing")
    assert [n.to for n in desk.last.notices] == ["the.management_centre_head"]
    assert code_of(Conflict, desk.answered) == "signature-missing"
    assert mall(True).proposed("exchange").answered().case.status is Status.ANSWERED


@pytest.mark.parametrize(
    ("cause", "remedy", "allowed"),
    [
        ("transit-damage", "redelivery", True),
        ("transit-damage", "gift", False),
        ("repair-trouble", "repair-visit", True),
        ("repair-trouble", "refund", False),
        ("other", "gift", True),
    ],
)
def test_damage_in_transit_is_settled_and_a_bad_repair_brings_a_repairer_or_an_exchange(
    cause, remedy, allowed
):
    """DSP-22."""
    shop = Company("generic-1-3").investigated(cause_code=cause)
    money = {"compensation": cny("5")} if remedy == "refund" else {}

    if allowed:
        assert shop.proposed(remedy, **money).case.status is Status.PROPOSED
    else:
        assert code_of(Rejected, lambda: shop.proposed(remedy, **money)) == "remedy-closed"


# Later.


def test_prepared_alternatives_stand_under_the_same_rows():
    """DSP-21: nothing is prepared that may not be offered."""
    works = plant(AFTER)

    assert (
        code_of(Rejected, lambda: works.proposed("advice", others=(Option(("gift",)),))) == "reason-missing"
    )


def test_an_alternative_keeps_its_bearer_and_its_reason_when_its_turn_comes():
    works = plant(liability="customer")
    kind = Option(("repair",), cost_bearer="company", reason_code="key-account")
    works.proposed("repair", others=(kind,)).answered().hear(replied(accepts=False))

    proposal = works.case.proposal
    assert (proposal.round, proposal.terms.cost_bearer, proposal.reason_code) == (2, "company", "key-account")
    assert code_of(Conflict, works.answered) == "signature-missing"


def test_what_turns_out_about_the_goods_changes_the_terms_of_what_is_on_the_table():
    """What was signed for other goods counts no longer."""
    works = plant(liability="customer").proposed("repair", cost_bearer="company", reason_code="key-account")
    works.signs(LEADER).do(known(replace(WITHIN, covered_until=date(2026, 12, 30))))
    same = works.case.proposal.number
    steel = Company("heavy-machinery", category="product", type="defect").investigated(liability="own")
    steel.proposed("advice").do(known(AFTER))

    assert same == 1, "still within: nothing changed"
    assert (steel.case.proposal.number, steel.case.proposal.terms.cost_bearer) == (2, "customer")


def test_what_is_on_the_table_and_no_longer_open_goes_back_with_the_reason():
    """Facts are never refused."""
    works = plant().proposed("rework").do(known(AFTER))

    assert works.case.status is Status.INVESTIGATED
    assert [(type(told), told.reason_code) for told in works.last.tells] == [
        (ResolutionRejected, "reason-missing")
    ]
    assert {n.template for n in works.last.notices} == {"proposal-returned"}


def test_facts_that_change_during_a_pause_are_looked_at_when_it_goes_on():
    works = plant().proposed("rework").do(PauseCase(COMPLAINT, DESK, "parts", "customer")).do(known(AFTER))
    during = (works.case.status, works.last.tells)
    works.do(ResumeCase(COMPLAINT, DESK))

    assert during == (Status.PAUSED, ())
    assert works.case.status is Status.INVESTIGATED
    assert [type(told) for told in works.last.tells] == [ComplaintResumed, ResolutionRejected]


@pytest.mark.parametrize("waits", [True, False])
def test_what_the_register_makes_graver_is_signed_by_those_who_sign_such_things(waits):
    """APR-09: major matters are the meeting's, also if the flag is set after the proposal."""
    firm = Company("law-firm").investigated(by=the("responsible_person")).proposed(by=DESK)
    before = firm.case.proposal
    if waits:
        firm.do(PauseCase(COMPLAINT, DESK, "parts", "customer"))
    facts = AmendedFacts(flags=Flags(legal=True))
    firm.hear(ComplaintAmended(complaint_no=NUMBER, at=NOW, by="agent", changed=("flags",), facts=facts))
    if waits:
        firm.do(ResumeCase(COMPLAINT, DESK))

    assert firm.case.placement.severity in {"serious", "critical"}
    assert firm.case.proposal.terms.rule != before.terms.rule
    assert [told.round for told in firm.last.tells if isinstance(told, ResolutionProposed)] == [1]


def test_once_the_customer_is_answered_the_goods_are_settled():
    works = plant().proposed("repair").answered()

    assert code_of(Conflict, lambda: works.do(known(AFTER))) == "goods-settled"


def test_a_proposal_that_the_new_name_closes_is_replaced_first():
    works = Company("heavy-machinery", category="product", type="defect").do(known(AFTER))
    works.investigated(liability="own").proposed("gift", goods=cny("5"))
    rename = ReclassifyCase(COMPLAINT, DESK, "complaint", *SERVICE.values())

    assert code_of(Rejected, lambda: works.do(rename)) == "reason-missing"
    assert works.proposed("advice").do(rename).case.facts.category == "technical-service"


@pytest.mark.parametrize(
    ("goods", "code"),
    [
        (Goods(sold_on=date(2026, 3, 3)), "sold-later"),
        (Goods(paid=cny("0")), "paid-not-positive"),
        (Goods(deposit=cny("-1")), "deposit-not-positive"),
        (Goods(paid=cny("1"), deposit=cny("2")), "deposit-exceeds"),
    ],
)
def test_what_cannot_be_true_of_the_goods_is_refused(goods, code):
    assert code_of(Rejected, lambda: Company("heavy-machinery").do(known(goods))) == code


def test_describing_the_goods_twice_changes_nothing():
    works = plant()
    case = works.case

    assert works.do(known(WITHIN)).case is case


def test_praise_reaches_the_general_manager_at_once():
    """DSP-30: so that the department or person is commended in time."""
    steel = Company("steel-trader", kind="praise")

    assert [(n.to, n.template) for n in steel.last.notices] == [("boss", "complaint-informed")]


def test_an_outsider_describes_no_goods():
    works = plant()
    stranger = replace(as_person("x"), departments=frozenset({"elsewhere"}))

    assert code_of(Rejected, lambda: works.do(DescribeGoods(COMPLAINT, stranger, AFTER))) == "out-of-scope"


# At once, or on a date.

NEXT_DAY = NOW + timedelta(days=1)


def agreed_at_the_mall(profile: str = "mall-service-desk") -> Company:
    return Company(profile).investigated().proposed("exchange").answered().agreed()


def later(shop: Company, command: object, now: datetime = NEXT_DAY) -> Case:
    decided = COMMANDS[type(command)](shop.case, command, a_context(shop.rules, now)).state
    assert decided is not None
    return decided


def on(day: date, reason: str = "sold-out") -> PostponeFulfilment:
    return PostponeFulfilment(COMPLAINT, DESK, day, reason)


DONE = FulfilResolution(COMPLAINT, DESK)


def test_what_was_agreed_is_carried_out_at_once_or_on_a_date_agreed_with_a_reason():
    """DSP-23."""
    shop = agreed_at_the_mall()
    at_once = shop.fulfilled().case.status
    shop = agreed_at_the_mall()
    late = code_of(Conflict, lambda: later(shop, DONE))
    shop.do(on(date(2026, 3, 4)))

    assert (at_once, late) == (Status.FULFILLED, "date-missing")
    assert later(shop, DONE).status is Status.FULFILLED
    assert STORE.decode(STORE.encode(shop.case)) == shop.case


def test_the_customer_is_told_number_reason_and_date():
    """DSP-23."""
    (letter,) = agreed_at_the_mall().do(on(date(2026, 3, 4))).last.notices

    assert (letter.to, letter.template, letter.sealed) == (
        "customer",
        "fulfilment-postponed",
        "sealed-contact",
    )
    assert (letter.values["complaint_no"], letter.values["reason"]) == (NUMBER, "sold-out")
    assert letter.values["due_at"] == "2026-03-04"


def test_a_date_that_is_over_is_no_promise():
    assert code_of(Rejected, lambda: agreed_at_the_mall().do(on(date(2026, 3, 1)))) == "date-past"


def test_before_the_customer_has_agreed_there_is_nothing_to_postpone():
    shop = Company("mall-service-desk").investigated().proposed("exchange").answered()

    assert code_of(Conflict, lambda: shop.do(on(date(2026, 3, 4)))) == "status-forbids"


def test_where_policy_does_not_ask_for_it_a_later_day_needs_no_date():
    assert later(agreed_at_the_mall("generic-1-3"), DONE).status is Status.FULFILLED


def test_each_new_date_is_kept_beside_the_old_ones_and_told_anew():
    shop = agreed_at_the_mall().do(on(date(2026, 3, 4)))
    first = shop.last.notices[0].key
    shop.do(on(date(2026, 3, 6), "still-sold-out"))

    assert [one.on.day for one in shop.case.appointments] == [4, 6]
    assert shop.last.notices[0].key != first


# Malicious claims.


def test_a_malicious_claim_is_handled_later_only_by_the_general_managers_word():
    """SAF-06: whoever decides on money checks the claim, and only the general manager defers it."""
    steel = Company("steel-trader", category="business", type="price").investigated(by=SUPERVISOR)
    cold = ChooseMode(COMPLAINT, SUPERVISOR, "deferred", "malicious-claim")
    others = {
        code_of(Rejected, lambda actor=actor: steel.do(replace(cold, actor=actor)))
        for actor in (SUPERVISOR, DEPUTY, FINANCE, DESK)
    }
    unchecked = [test for test in CHECKED if test != "no-malicious-claim-expected"]
    claim = refund(
        Company("steel-trader", category="business", type="price").investigated(by=SUPERVISOR), "5"
    )
    claim.signs(DEPUTY)

    assert others == {"not-the-decider"}
    assert steel.do(replace(cold, actor=CHIEF)).case.mode.reason_code == "malicious-claim"
    assert code_of(Rejected, lambda: claim.signs(CHIEF, *unchecked)) == "tests-missing"


def test_what_is_dangerous_is_never_deferred_as_malicious():
    """SAF-06, C-25."""
    steel = Company("steel-trader", category="business", type="price", flags=Flags(safety=True))

    assert code_of(
        Rejected, lambda: steel.do(ChooseMode(COMPLAINT, CHIEF, "deferred", "malicious-claim"))
    ) == ("mode-closed")
