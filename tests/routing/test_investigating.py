"""Who finds out whose fault it was, with whom, where, and what is told to the customer? (INV-*, DSP-*)"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.decide_visit import DecideVisit
from shared.errors import Conflict, Forbidden, Rejected
from shared.events.routing import ComplaintAssigned
from shared.lifecycle import Status
from tests.routing.builders import COMPLAINT, HANDLER, a_finding, an_actor
from tests.routing.companies import DESK, Company, as_person, company, the
from tests.routing.test_authority import DEAL, SUPERVISOR, code_of

TESTS = company("steel-trader").profile_of("sh01").site_survey.tests
CHIEF = the("general_manager")
UNCLEAR = {"liability": "unclear"}


def a_visit(actor=CHIEF, *, visits=True, **given) -> DecideVisit:
    return DecideVisit(COMPLAINT, actor, visits, **{"tests": dict.fromkeys(TESTS, True), **given})


def an_unclear_deal() -> Company:
    return Company("steel-trader", **DEAL).investigated(by=SUPERVISOR, **UNCLEAR)


def test_an_unclear_responsibility_convenes_the_departments_that_policy_names():
    """INV-02."""
    rules = company("steel-trader")
    profile = replace(rules.profile_of("sh01"), joint_analysis=("quality", "marketing"))
    steel = Company("", replace(rules, profiles={profile.profile: profile}), **DEAL)
    steel.investigated(by=SUPERVISOR, **UNCLEAR)

    assert {"quality", "marketing"} <= set(steel.case.placement.assistants)
    assert isinstance(steel.last.tells[1], ComplaintAssigned)
    assert [one.kind for one in steel.case.reviews] == ["joint-analysis"]


def test_nothing_is_proposed_while_nobody_knows_whose_fault_it_was():
    """INV-02, INV-12."""
    food = Company("food-manufacturer", category="taste").investigated(**UNCLEAR)

    assert code_of(Conflict, food.proposed) == "responsibility-unclear"


def test_after_the_joint_analysis_something_is_proposed_even_if_it_stays_unclear():
    """INV-02."""
    food = Company("food-manufacturer", category="taste").investigated(**UNCLEAR)
    food.do(a_finding(actor=DESK, joint=("quality-inspection", "technical"), **UNCLEAR))

    assert food.last.tells[0].joint == ("quality-inspection", "technical")
    assert food.case.reviews[0].result_code == "worn-tool"
    assert food.proposed().case.status is Status.PROPOSED


@pytest.mark.parametrize(
    ("joint", "code"),
    [
        (("technical",), "joint-incomplete"),
        (("technical", "sales"), "joint-incomplete"),
        (("technical", "quality-inspection", "moon"), "unknown-department"),
    ],
)
def test_a_joint_analysis_needs_everybody_whom_policy_convenes(joint, code):
    """INV-02."""
    food = Company("food-manufacturer", category="taste").investigated(**UNCLEAR)

    assert code_of(Rejected, lambda: food.do(a_finding(actor=DESK, joint=joint))) == code


def test_the_general_manager_decides_on_a_visit_by_all_seven_tests():
    """INV-11, INV-07."""
    steel = an_unclear_deal().do(a_visit())

    visit = steel.case.visits[0]
    assert (visit.visits, visit.by, visit.role) == (True, "boss", "general_manager")
    assert len(visit.tests) == 7
    assert steel.proposed(by=SUPERVISOR).case.status is Status.PROPOSED


@pytest.mark.parametrize("failing", TESTS)
def test_a_visit_that_fails_one_test_is_not_made(failing):
    """INV-11: otherwise more talk and evidence with the customer."""
    tests = dict.fromkeys(TESTS, True) | {failing: False}

    assert code_of(Rejected, lambda: an_unclear_deal().do(a_visit(tests=tests))) == "tests-failed"
    assert not an_unclear_deal().do(a_visit(visits=False, tests=tests)).case.visits[0].visits


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"tests": dict.fromkeys(TESTS[1:], True)}, "tests-missing"),
        ({"tests": {**dict.fromkeys(TESTS, True), "weather": True}}, "unknown-test"),
        ({"visits": False}, "reason-missing"),
    ],
)
def test_a_decision_on_a_visit_is_documented_in_full(given, code):
    """INV-11."""
    assert code_of(Rejected, lambda: an_unclear_deal().do(a_visit(**given))) == code


def test_a_visit_is_not_the_handlers_own_decision():
    """INV-11."""
    assert code_of(Forbidden, lambda: an_unclear_deal().do(a_visit(SUPERVISOR))) == "not-the-decider"


def test_where_policy_names_nobody_whoever_leads_decides_on_a_visit():
    """INV-03."""
    shop = Company("generic-1-3").investigated()
    order = DecideVisit(COMPLAINT, as_person("boss", "manager"), visits=True)

    assert code_of(Forbidden, lambda: shop.do(DecideVisit(COMPLAINT, DESK, visits=True))) == "role-missing"
    assert shop.do(order).case.visits[0].visits


def test_no_visit_is_decided_on_once_something_is_proposed():
    steel = an_unclear_deal().do(a_visit()).proposed(by=SUPERVISOR)

    assert code_of(Conflict, lambda: steel.do(a_visit())) == "status-forbids"


@pytest.mark.parametrize("liability", ["customer", "none", "no_trouble_found"])
def test_not_our_fault_is_explained_with_evidence(liability):
    """DSP-07, INV-22."""
    shop = Company("generic-1-3").investigated(liability=liability, valid=False).proposed("answer")
    bare = code_of(Conflict, shop.answered)
    shop = Company("generic-1-3").investigated(liability=liability, evidence=("report-7",))
    shop.proposed("answer").answered()

    assert bare == "evidence-missing"
    assert shop.last.notices[0].template == "answer-explanation"


@pytest.mark.parametrize("liability", ["own", "supplier", "third_party"])
def test_our_fault_and_our_suppliers_is_apologised_for(liability):
    """DSP-06, C-14."""
    shop = Company("generic-1-3", language="en").investigated(liability=liability).proposed().answered()

    (notice,) = shop.last.notices
    assert (notice.template, notice.language) == ("answer-apology", "en")


def test_a_suppliers_fault_is_told_as_what_it_counts_as():
    """DSP-06."""
    shop = Company("generic-1-3").investigated(liability="supplier")

    assert shop.last.tells[0].treated_as == "own"


def test_the_form_of_the_answer_is_that_of_the_row():
    """INF-09, C-13, RTE-24: what concerns everybody around is published."""
    office = Company("property-management", category="surroundings").investigated().proposed().answered()

    assert office.last.tells[0].form == "public"


@pytest.mark.parametrize(
    ("form", "template"), [("phone", "answer-apology-spoken"), ("written", "answer-apology")]
)
def test_another_form_needs_a_reason_and_what_was_said_is_confirmed_in_writing(form, template):
    """INF-09."""
    shop = Company("generic-1-3").investigated().proposed()
    bare = AnswerCustomer(COMPLAINT, DESK, form)
    if form == "phone":
        assert code_of(Rejected, lambda: shop.do(bare)) == "other-form"

    shop.do(AnswerCustomer(COMPLAINT, DESK, form, "customer-asked"))

    assert shop.last.notices[0].template == template


def test_one_department_speaks_for_the_company():
    """RTE-39, INF-11: the salesman, not the laboratory."""

    def scoped(department):
        return an_actor("a.clerk", departments=(department,))

    steel = Company("steel-trader", **DEAL).investigated(by=SUPERVISOR).proposed(by=SUPERVISOR)

    assert code_of(Forbidden, lambda: steel.answered(scoped("business"))) == "out-of-scope"
    assert steel.answered(scoped("sales")).case.status is Status.ANSWERED


def test_a_finding_of_an_assisting_department_counts():
    """RTE-08."""
    shop = Company("", company("generic-1-3"), category="product-quality")
    shop.investigated(by=HANDLER)

    assert shop.case.finding.by == "chen"
