"""What may happen to a case while it waits, and does it go on by what is true then?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.routing.domain.case import Case
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.recuse_person import RecusePerson
from services.routing.handlers.resume_case import ResumeCase
from shared.errors import Conflict, Rejected
from shared.events.routing import ComplaintResumed, ResolutionProposed
from shared.lifecycle import Status
from shared.policy.model import ApprovalRule, Rulebook
from shared.policy.settling import SettlementWhen
from shared.policy.settling import Signature as Signed
from tests.routing.builders import COMPLAINT, HANDLER, RULES
from tests.routing.companies import DESK, Company, as_person, the
from tests.routing.test_authority import CHECKED, CHIEF, DEPUTY, a_claim, by_type, cny

PAUSE, RESUME = PauseCase(COMPLAINT, HANDLER, "parts", "customer"), ResumeCase(COMPLAINT, HANDLER)
CRACK = ReclassifyCase(COMPLAINT, HANDLER, "complaint", "quality", "crack")


def signed_and_paused() -> Company:
    """What was proposed is signed by the site's manager, and then the case waits."""
    shop = Company("", by_type()).investigated(by=HANDLER).proposed(by=HANDLER, compensation=cny())
    return shop.signs(as_person("wang")).do(PAUSE)


def test_what_became_graver_during_a_pause_is_signed_by_those_who_sign_such_things():
    """Edge case 4, APR-02, APR-13: the old signature is not for this matter."""
    shop = signed_and_paused().do(CRACK).do(RESUME)

    assert shop.case.status is Status.PROPOSED
    with pytest.raises(Conflict, match=r"signature of department\.manager"):
        shop.do(AnswerCustomer(COMPLAINT, HANDLER))
    assert shop.signs(as_person("li")).answered(HANDLER).case.status is Status.ANSWERED


def test_the_new_proposal_is_told_and_signatures_asked_for_when_the_case_goes_on():
    """Nothing is proposed while a case waits: the table knows no such step."""
    shop = signed_and_paused().do(CRACK)
    during = (shop.last.tells, shop.last.notices)
    shop.do(RESUME)

    assert not [told for told in during[0] if isinstance(told, ResolutionProposed)]
    assert during[1] == ()
    assert [type(told) for told in shop.last.tells] == [ComplaintResumed, ResolutionProposed]
    assert [(n.to, n.template) for n in shop.last.notices] == [("li", "proposal-to-sign")]


def test_a_pause_without_news_tells_nothing_anew():
    shop = signed_and_paused().do(RESUME)

    assert [type(told) for told in shop.last.tells] == [ComplaintResumed]
    assert shop.last.notices == ()
    assert shop.answered(HANDLER).case.status is Status.ANSWERED


def beyond_everybody() -> Rulebook:
    """A crack may cost nothing at all; everything else is signed by the site's manager."""
    cracks = SettlementWhen(compensation=("money",), type=("crack",))
    rows = (
        ApprovalRule("cracks", ("handler",), cracks, authority={"CNY": cny("1").amount}),
        ApprovalRule("rest", ("handler",), SettlementWhen(), (Signed(("site.manager",)),)),
    )
    return replace(RULES, profiles={"test": replace(RULES.profiles["test"], approval=rows)})


def test_what_nobody_may_grant_is_not_smuggled_in_by_a_pause():
    """APR-02."""
    shop = Company("", beyond_everybody()).investigated(by=HANDLER).proposed(by=HANDLER, compensation=cny())
    shop.signs(as_person("wang")).do(PAUSE)

    with pytest.raises(Rejected, match="allows nobody"):
        shop.do(CRACK)


def paused_claim() -> Company:
    return a_claim().signs(DEPUTY).do(PauseCase(COMPLAINT, DESK, "parts", "customer"))


def test_who_signs_in_the_place_of_a_signer_recused_during_a_pause_is_asked_when_it_goes_on():
    """RCS-01, APR-03."""
    steel = paused_claim().do(RecusePerson(COMPLAINT, as_person("x", "manager"), DEPUTY.person))
    during = steel.last.notices
    steel.do(ResumeCase(COMPLAINT, DESK))

    assert during == (), "nobody can sign while it waits"
    assert [(n.to, n.template) for n in steel.last.notices] == [("boss", "proposal-to-sign")]


def test_nobody_is_asked_to_sign_what_the_customer_was_answered_already():
    steel = a_claim().signs(DEPUTY).signs(CHIEF, *CHECKED).answered(the("business_supervisor"))
    steel.do(PauseCase(COMPLAINT, DESK, "parts", "customer"))
    steel.do(RecusePerson(COMPLAINT, as_person("x", "manager"), DEPUTY.person))

    assert steel.do(ResumeCase(COMPLAINT, DESK)).last.notices == ()


def test_a_pause_from_before_there_were_such_notes_ends_as_it_did():
    shop = signed_and_paused()
    case: Case = shop.case
    assert case.pause is not None
    old = replace(case, pause=replace(case.pause, proposals=None))
    shop.last = replace(shop.last, state=old)

    assert [type(told) for told in shop.do(RESUME).last.tells] == [ComplaintResumed]
