"""Do escalation's letters, of a delay or a dispute, go to the contact as it was corrected?"""

from __future__ import annotations

from shared.events.intake import AmendedFacts, ComplaintAmended
from tests.escalation.builders import NOW, NUMBER, after, assigned, hear, registered


def corrected(*changed: str, **given) -> ComplaintAmended:
    return ComplaintAmended(complaint_no=NUMBER, at=NOW, by="agent", changed=changed, **given)


def test_the_new_contact_takes_the_place_of_the_old_and_leaves_the_errand():
    sheet = after(registered(sealed="old-contact"), assigned())

    decision = hear(sheet, corrected("email", sealed="new-contact"))

    assert decision.state.sealed == "new-contact"
    assert decision.state.clocks == sheet.clocks
    assert decision.tells == ()
    assert [notice.template for notice in decision.notices] == ["contact-corrected"]


def test_a_contact_that_comes_later_is_known_from_then_on():
    assert hear(after(registered()), corrected("email", sealed="contact")).state.sealed == "contact"


def test_an_imported_past_is_written_to_by_nobody():
    past = after(registered(sealed="contact", history=True))

    assert hear(past, corrected("email", sealed="new-contact")).state.sealed is None


def test_language_and_persons_complained_about_follow_and_nobody_is_let_in_again():
    sheet = after(registered(accused_refs=("li",)))

    facts = AmendedFacts(language="en", accused_refs=("wang",))
    decision = hear(sheet, corrected("accused_refs", "language", facts=facts))

    assert decision.state.language == "en"
    assert decision.state.accused == {"wang"}
    assert decision.notices == ()
