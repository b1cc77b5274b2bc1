"""What follows when the customer refuses? The next option, the next rung, and never the end. (INF-02, C-12)"""

from __future__ import annotations

from services.routing.domain.offering import Option
from services.routing.handlers.pause_case import PauseCase
from shared.errors import Conflict
from shared.events.routing import ComplaintResumed, ResolutionProposed
from shared.lifecycle import Status
from tests.routing.builders import COMPLAINT, replied
from tests.routing.companies import DESK, Company
from tests.routing.test_authority import CHECKED, CHIEF, DEAL, DEPUTY, SUPERVISOR, cny, code_of


def refuses(shop: Company) -> Company:
    return shop.hear(replied(accepts=False, in_round=shop.case.round))


def test_the_next_option_is_offered_when_the_best_is_refused():
    """DSP-21."""
    shop = Company("generic-1-3").investigated().proposed(others=(Option(("repair",)), Option(("answer",))))

    refuses(shop.answered())
    second = shop.case.proposal
    refuses(shop.answered())

    assert (second.remedies, second.round, second.by) == (("repair",), 2, "a.handler")
    assert (shop.case.proposal.remedies, shop.case.status) == (("answer",), Status.PROPOSED)
    assert isinstance(shop.last.tells[0], ResolutionProposed)
    assert refuses(shop.answered()).case.status is Status.REFUSED, "nothing was prepared any more"


def test_what_is_offered_next_needs_signatures_of_its_own():
    """DSP-21, APR-02."""
    steel = Company("steel-trader", **DEAL).investigated(by=SUPERVISOR)
    steel.proposed(by=SUPERVISOR, others=(Option(("refund",), cny()),)).answered(SUPERVISOR)

    refuses(steel)

    assert [notice.to for notice in steel.last.notices] == ["the.deputy_general_manager"]
    assert code_of(Conflict, lambda: steel.answered(SUPERVISOR)) == "signature-missing"
    assert steel.signs(DEPUTY).signs(CHIEF, *CHECKED).answered(SUPERVISOR).case.status is Status.ANSWERED


def test_from_the_third_round_on_it_is_told_up_the_ladder_one_rung_a_round():
    """C-12."""
    shop = Company("generic-1-3").investigated().proposed().answered()
    told = []
    for _ in range(5):
        refuses(shop)
        told.append([notice.to for notice in shop.last.notices if notice.template == "rounds-refused"])
        shop.proposed().answered()

    manager = f"head.of.{shop.case.department}"
    assert told == [[], [manager], ["boss"], ["boss"], ["boss"]]
    assert [(one.round, one.level) for one in shop.case.raises] == [(3, 1), (4, 2), (5, 3), (6, 3)]


def test_a_customer_may_refuse_as_often_as_it_takes():
    """INF-02, edge case 7."""
    shop = Company("generic-1-3").investigated().proposed().answered()
    for _ in range(30):
        refuses(shop).proposed().answered()

    assert (shop.case.round, shop.case.refusals) == (31, 30)
    assert shop.agreed().case.status is Status.AGREED


def test_a_refusal_ends_the_pause_and_brings_the_next_option():
    """DSP-21: whoever waits for the customer has heard from the customer."""
    shop = Company("generic-1-3").investigated().proposed(others=(Option(("repair",)),)).answered()
    shop.do(PauseCase(COMPLAINT, DESK, "thinks", "customer"))

    refuses(shop)

    assert [type(told) for told in shop.last.tells] == [ComplaintResumed, ResolutionProposed]
    assert (shop.case.pause, shop.case.status) == (None, Status.PROPOSED)


def test_a_new_proposal_replaces_what_was_prepared():
    shop = Company("generic-1-3").investigated().proposed(others=(Option(("repair",)),)).proposed("answer")

    assert refuses(shop.answered()).case.status is Status.REFUSED
