"""Do routing's letters go to the contact as it was corrected, before and after the end of a case?"""

from __future__ import annotations

import pytest

from services.routing.handlers import COMMANDS, REACTIONS
from shared.events.intake import AmendedFacts, ComplaintAmended
from shared.lettering import ReportLetter, report_letter
from shared.lifecycle import Status
from tests.routing.builders import COMPLAINT, NOW, NUMBER, an_answered_case, an_assigned_case, hear, withdrawn


def corrected(*changed: str, **given) -> ComplaintAmended:
    return ComplaintAmended(complaint_no=NUMBER, at=NOW, by="agent", changed=changed, **given)


@pytest.mark.parametrize("case", [an_assigned_case, an_answered_case])
def test_an_open_case_takes_the_new_contact_and_leaves_the_errand(case):
    decision = hear(case(), corrected("email", sealed="new-contact"))

    assert decision.state.sealed == "new-contact"
    assert [notice.template for notice in decision.notices] == ["contact-corrected"]


def test_an_ended_case_takes_the_new_contact_too_and_nothing_else():
    ended = hear(an_answered_case(), withdrawn()).state
    facts = AmendedFacts(language="en", customer_grade="key")

    decision = hear(ended, corrected("email", "language", sealed="new-contact", facts=facts))

    assert (decision.state.status, decision.state.sealed) == (Status.WITHDRAWN, "new-contact")
    assert decision.state.language == "en"
    assert decision.state.facts == ended.facts
    assert decision.tells == ()
    assert [notice.template for notice in decision.notices] == ["contact-corrected"]


def test_a_correction_of_something_else_leaves_no_errand():
    assert hear(an_assigned_case(), corrected("name", sealed="new-contact")).notices == ()


def test_routing_reports_its_own_letters_to_the_register():
    case = an_answered_case()

    decision = COMMANDS[ReportLetter](
        case, ReportLetter(COMPLAINT, "answer-apology", "wrong-contact", NOW), None
    )

    assert COMMANDS[ReportLetter] is report_letter
    assert ComplaintAmended in REACTIONS
    assert decision.state is case
    assert [told.type_name for told in decision.tells] == ["letter.failed.v1"]
