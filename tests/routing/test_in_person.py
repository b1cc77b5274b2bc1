"""Who has to handle it personally, what begins with it, and who chooses how fast? (SAF-01, RTE-10, SEV-07)"""

from __future__ import annotations

import pytest

from services.routing.handlers.accept_case import AcceptCase, ConfirmInPerson
from services.routing.handlers.choose_mode import ChooseMode
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.conclude_review import ConcludeReview
from services.routing.handlers.reclassify_case import ReclassifyCase
from shared.errors import Conflict, Forbidden, NotFound, Rejected
from shared.events.intake import Flags
from shared.lifecycle import Status
from tests.routing.builders import COMPLAINT, a_finding, reopened, withdrawn
from tests.routing.companies import DESK, Company, as_person, the
from tests.routing.test_authority import DEAL, SUPERVISOR, code_of

TECHNICAL = the("technical_manager")
CHIEF = the("general_manager")
DANGER = {"flags": Flags(safety=True)}
REVIEWED = ConcludeReview(COMPLAINT, TECHNICAL, "haccp-review", "plan-unchanged")


def dangerous() -> Company:
    return Company("food-manufacturer", **DANGER)


def test_product_safety_goes_to_the_technical_manager_and_opens_the_review_of_the_haccp_plan():
    """SAF-01."""
    food = dangerous().do(AcceptCase(COMPLAINT, TECHNICAL))

    assert (food.case.department, food.case.confirmation.by) == ("technical", "the.technical_manager")
    assert (food.last.tells[0].in_person, food.last.tells[0].opened) == (
        "technical_manager",
        ("haccp-review",),
    )


def test_nobody_goes_on_before_the_technical_manager_has_it_in_hand():
    """SAF-01, RTE-10."""
    food = dangerous().do(AcceptCase(COMPLAINT, DESK))

    assert code_of(Conflict, lambda: food.do(a_finding(actor=DESK))) == "in-person-missing"
    assert code_of(Forbidden, lambda: food.do(ConfirmInPerson(COMPLAINT, DESK))) == "not-in-person"
    food.do(ConfirmInPerson(COMPLAINT, TECHNICAL))
    assert food.do(a_finding(actor=DESK)).case.status is Status.INVESTIGATED


def test_whoever_is_asked_in_person_confirms_by_investigating():
    food = dangerous().do(AcceptCase(COMPLAINT, DESK)).do(a_finding(actor=TECHNICAL))

    assert food.case.confirmation.role == "technical_manager"


def test_confirming_twice_changes_nothing():
    food = dangerous().do(AcceptCase(COMPLAINT, TECHNICAL))
    case = food.case

    assert food.do(ConfirmInPerson(COMPLAINT, TECHNICAL)).case is case


def test_where_the_technical_manager_is_complained_about_somebody_above_takes_it():
    """RCS-01: nothing is stranded because of whom it is about."""
    food = Company("food-manufacturer", accused_refs=("the.technical_manager",), **DANGER)
    food.do(AcceptCase(COMPLAINT, CHIEF))

    assert food.case.confirmation.by == "boss"
    assert food.do(a_finding(actor=DESK)).case.status is Status.INVESTIGATED


def test_a_safety_case_does_not_end_before_its_review_has_a_result():
    """SAF-01: if necessary process and HACCP plan are reassessed; somebody says whether."""
    food = dangerous().investigated(by=TECHNICAL).proposed(by=TECHNICAL).answered(DESK).agreed().fulfilled()
    early = code_of(Conflict, lambda: food.do(CloseCase(COMPLAINT, TECHNICAL)))
    food.do(REVIEWED).do(CloseCase(COMPLAINT, TECHNICAL))

    assert early == "review-open"
    assert (food.case.status, food.case.reviews[0].result_code) == (Status.CLOSED, "plan-unchanged")


def test_a_review_is_concluded_once_and_only_one_that_is_open():
    food = dangerous().do(AcceptCase(COMPLAINT, TECHNICAL)).do(REVIEWED)

    assert code_of(NotFound, lambda: food.do(REVIEWED)) == "no-such-review"


def test_a_complaint_that_turns_out_to_be_dangerous_asks_for_the_technical_manager():
    """Edge case 4, SAF-01."""
    food = Company("food-manufacturer", category="service").do(AcceptCase(COMPLAINT, DESK))
    food.do(ReclassifyCase(COMPLAINT, DESK, "complaint", "product-safety", "foreign-body"))

    assert [one.kind for one in food.case.reviews] == ["haccp-review"]
    assert code_of(Conflict, lambda: food.do(a_finding(actor=DESK))) == "in-person-missing"


def test_a_case_taken_up_again_is_confirmed_anew():
    food = dangerous().do(AcceptCase(COMPLAINT, TECHNICAL)).hear(withdrawn()).hear(reopened())

    assert food.case.confirmation is None


EXPEDITE = ChooseMode(COMPLAINT, CHIEF, "expedited", "high-credit")
DEFER = ChooseMode(COMPLAINT, CHIEF, "deferred", "bad-credit")


def test_the_general_manager_expedites_a_customer_of_high_credit():
    """SEV-07."""
    steel = Company("steel-trader", customer_grade="high", **DEAL).do(EXPEDITE)

    assert (steel.case.mode.by, steel.case.mode.role) == ("boss", "general_manager")
    assert (steel.last.tells[0].mode, steel.last.tells[0].priority) == ("expedited", 1)


def test_a_mode_is_not_the_handlers_own_choice():
    """ESC-16."""
    steel = Company("steel-trader", customer_grade="high", **DEAL)
    order = ChooseMode(COMPLAINT, SUPERVISOR, "expedited", "high-credit")

    assert code_of(Forbidden, lambda: steel.do(order)) == "not-the-decider"


@pytest.mark.parametrize(
    "given", [{"flags": Flags(safety=True)}, {"flags": Flags(legal=True)}, {"flags": Flags(authority=True)}]
)
def test_what_is_safety_law_or_serious_is_never_deferred(given):
    """C-25."""
    steel = Company("steel-trader", customer_grade="low", **DEAL, **given)

    assert code_of(Rejected, lambda: steel.do(DEFER)) == "mode-closed"


def test_a_mode_has_one_of_the_reasons_of_policy():
    """SEV-07."""
    steel = Company("steel-trader", **DEAL)

    assert (
        code_of(Rejected, lambda: steel.do(ChooseMode(COMPLAINT, CHIEF, "deferred", "bored")))
        == "unknown-reason"
    )


def test_who_chose_a_mode_takes_it_back():
    steel = Company("steel-trader", **DEAL).do(DEFER)
    deferred = steel.last.tells[0].mode
    back = ChooseMode(COMPLAINT, as_person("the.finance"), "ordinary", "changed")

    assert code_of(Forbidden, lambda: steel.do(back)) == "not-the-decider"
    steel.do(ChooseMode(COMPLAINT, CHIEF, "ordinary", "changed"))
    assert (deferred, steel.case.mode, steel.last.tells[0].mode) == ("deferred", None, None)


def test_where_policy_knows_no_modes_every_case_is_ordinary():
    shop = Company("generic-1-3", customer_grade="high")

    assert code_of(Rejected, lambda: shop.do(EXPEDITE)) == "mode-closed"
