"""What if four eyes leave nobody who may sign? Nothing is paid, and it does not stay unseen (ADR 0052)."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client import REGISTRY

from services.routing import metrics
from services.routing.domain.placing import NOBODY_MAY_SIGN, why_stranded
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.place_again import PlaceAgain
from services.routing.jobs.stranded import try_again
from services.routing.store.tables import STORE
from shared.errors import Conflict, Forbidden
from shared.events.intake import AmendedFacts, ComplaintAmended
from shared.lifecycle import Status
from shared.policy.model import ApprovalRule, Person, Rulebook
from shared.policy.settling import Signature as Signed
from tests.routing.builders import (
    COMPLAINT,
    HANDLER,
    NOW,
    NUMBER,
    a_finding,
    a_person,
    a_proposal,
    a_rulebook,
    do,
    registered,
)
from tests.routing.companies import Company, as_person
from tests.routing.test_authority import DEPUTY, a_claim, cny, code_of

CHAIN = (Signed(("lead",)), Signed(("owner",)))
LEAD, OWNER = as_person("chen"), as_person("zhao")


def tiny(*people: Person, last_resort: tuple[str, ...] = ()) -> Rulebook:
    """Two signatures are asked for, and the lead is the only one who holds the first role."""
    rules = a_rulebook(a_person("chen", roles=("lead",)), a_person("zhao", roles=("owner",)), *people)
    profile = replace(
        rules.profiles["test"],
        approval=(ApprovalRule("all", ("handler",), sign=CHAIN),),
        last_resort=last_resort,
    )
    return replace(rules, profiles={"test": profile})


def proposed_by_the_lead(rules: Rulebook | None = None) -> Company:
    """Whoever would sign first has proposed it."""
    return Company("", rules or tiny()).investigated(by=LEAD).proposed(by=LEAD, compensation=cny())


def test_a_signature_that_nobody_may_give_is_noted_and_told_to_whoever_can_change_that():
    shop = proposed_by_the_lead()

    assert (shop.case.unsignable_since, why_stranded(shop.case)) == (NOW, NOBODY_MAY_SIGN)
    assert {(n.to, n.template) for n in shop.last.notices} == {
        ("chen", "nobody-may-sign"),
        ("wang", "nobody-may-sign"),
        ("desk-one", "nobody-may-sign"),
    }


def test_it_is_never_paid_without_it():
    """APR-13."""
    assert code_of(Conflict, proposed_by_the_lead().answered) == "signature-missing"


def test_whom_policy_names_for_that_signs_and_nobody_else():
    shop = proposed_by_the_lead(tiny(last_resort=("sun",)))

    assert shop.case.unsignable_since is None
    assert [(n.to, n.template) for n in shop.last.notices] == [("sun", "proposal-to-sign")]
    shop.signs(as_person("sun")).signs(OWNER)
    assert [(one.by, one.role) for one in shop.case.signatures] == [("sun", "lead"), ("zhao", "owner")]
    assert shop.answered().case.status is Status.ANSWERED


def test_the_last_resort_signs_only_when_nobody_else_may():
    shop = Company("", tiny(last_resort=("sun",))).investigated(by=HANDLER)
    shop.proposed(by=as_person("li"), compensation=cny())

    assert [n.to for n in shop.last.notices] == ["chen"]
    assert code_of(Forbidden, lambda: shop.signs(as_person("sun"))) == "role-missing"


def test_the_last_resort_is_bound_by_four_eyes_as_well():
    shop = Company("", tiny(last_resort=("chen",))).investigated(by=LEAD)

    assert shop.proposed(by=LEAD, compensation=cny()).case.unsignable_since == NOW


def test_another_proposal_by_somebody_else_ends_it():
    shop = proposed_by_the_lead().proposed(by=as_person("li"), compensation=cny())

    assert (shop.case.unsignable_since, why_stranded(shop.case)) == (None, None)


def test_it_is_told_once_and_not_at_every_look():
    shop = proposed_by_the_lead()
    case = shop.case

    again = do(case, PlaceAgain(COMPLAINT), shop.rules)

    assert again.state is case
    assert again.notices == ()


def test_when_people_have_changed_those_who_may_sign_now_are_asked():
    shop = proposed_by_the_lead()

    asked = do(shop.case, PlaceAgain(COMPLAINT), tiny(a_person("sun", roles=("lead",))))

    assert asked.state is not None
    assert asked.state.unsignable_since is None
    assert [(n.to, n.template) for n in asked.notices] == [("sun", "proposal-to-sign")]
    assert STORE.decode(STORE.encode(shop.case)) == shop.case


async def test_it_is_a_metric_until_somebody_may_sign(workplace):
    workplace.rules.append(tiny())
    await workplace.hears(registered())
    offer = a_proposal(cny(), actor=LEAD, remedies=("refund",))
    for command in (AcceptCase(COMPLAINT, LEAD), a_finding(actor=LEAD), offer):
        await workplace.desk.submit(command)
    labels = {"site": "sh01", "reason": NOBODY_MAY_SIGN}

    await metrics.refresh(workplace.queries)
    waiting = REGISTRY.get_sample_value("kesu_complaints_stranded", labels)
    workplace.rules.append(tiny(a_person("sun", roles=("lead",))))
    await try_again(workplace.desk)
    await metrics.refresh(workplace.queries)

    assert waiting == 1
    assert REGISTRY.get_sample_value("kesu_complaints_stranded", labels) is None


def test_whoever_signs_in_the_place_of_one_accused_later_by_the_register_is_asked():
    """RCS-01, APR-03."""
    steel = a_claim().signs(DEPUTY)
    accused = AmendedFacts(accused_refs=(DEPUTY.person,))
    steel.hear(
        ComplaintAmended(complaint_no=NUMBER, at=NOW, by="agent", changed=("accused_refs",), facts=accused)
    )

    asked = [n.to for n in steel.last.notices if n.template == "proposal-to-sign"]
    assert asked == ["boss"]
