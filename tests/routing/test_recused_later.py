"""What if somebody turns out to be too close to a case that is under way? (RCS-01)"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.routing.domain.offering import Option
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.recuse_person import RecusePerson
from services.routing.handlers.resume_case import ResumeCase
from shared.errors import Conflict
from shared.events.intake import AmendedFacts, ComplaintAmended
from shared.lifecycle import Status
from tests.routing.builders import COMPLAINT, NOW, NUMBER, replied
from tests.routing.companies import DESK, Company, as_person
from tests.routing.test_authority import CHECKED, CHIEF, DEPUTY, SUPERVISOR, a_claim, cny

LEAD = as_person("the.marketing_manager", "manager")


def recuse(person: str) -> RecusePerson:
    return RecusePerson(COMPLAINT, LEAD, person)


def corrected(*accused: str) -> ComplaintAmended:
    facts = AmendedFacts(accused_refs=accused)
    return ComplaintAmended(complaint_no=NUMBER, at=NOW, by="agent", changed=("accused_refs",), facts=facts)


@pytest.mark.parametrize("accused", [(), ("the.finance",)])
def test_a_correction_of_the_register_does_not_bring_back_whom_the_desk_recused(accused):
    """RCS-01."""
    steel = a_claim().do(recuse(DEPUTY.person)).hear(corrected(*accused))

    assert set(steel.case.recused) == {*accused, DEPUTY.person}


def test_whom_the_register_named_by_mistake_takes_part_again():
    steel = a_claim(accused_refs=("the.finance",)).hear(corrected())

    assert steel.case.recused == ()


def test_what_somebody_signed_counts_for_nothing_even_if_they_are_recused_during_a_pause():
    """RCS-01, APR-13."""
    steel = a_claim().signs(DEPUTY).signs(CHIEF, *CHECKED)
    steel.do(PauseCase(COMPLAINT, DESK, "parts", "customer")).do(recuse(DEPUTY.person))
    steel.do(ResumeCase(COMPLAINT, DESK))

    assert steel.case.status is Status.PROPOSED
    with pytest.raises(Conflict, match="signature"):
        steel.do(AnswerCustomer(COMPLAINT, SUPERVISOR))


def test_whoever_is_recused_offers_nothing_more_not_even_what_was_prepared():
    """RCS-01, DSP-21."""
    steel = Company("steel-trader", category="business", type="price").investigated(by=SUPERVISOR)
    steel.proposed(by=SUPERVISOR, others=(Option(("refund",), cny("7")),)).answered(SUPERVISOR)
    steel.do(recuse(SUPERVISOR.person)).hear(replied(accepts=False))

    assert (steel.case.status, steel.case.options, steel.last.tells) == (Status.REFUSED, (), ())


def test_whom_the_register_accuses_the_desk_may_recuse_as_well_and_they_stay_out():
    """RCS-01: a correction of the register does not undo what the desk decided itself."""
    steel = a_claim(accused_refs=("the.finance",)).do(recuse("the.finance")).hear(corrected())

    assert steel.case.recused == ("the.finance",)


def test_recusing_takes_from_an_accused_person_whatever_a_document_still_leaves_with_them():
    """RCS-01: a case from before the register's corrections were obeyed."""
    steel = a_claim().signs(DEPUTY)
    held = replace(steel.case, recused=(DEPUTY.person, SUPERVISOR.person))
    steel.last = replace(steel.last, state=held)

    steel.do(recuse(DEPUTY.person)).do(recuse(SUPERVISOR.person))

    assert steel.case.signatures == ()
    assert steel.case.placement.assignee not in held.recused
