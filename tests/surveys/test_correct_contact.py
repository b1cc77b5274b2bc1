"""Where does the survey go after the customer's data were corrected?"""

from __future__ import annotations

import pytest

from shared.errors import NotYet
from shared.events.intake import AmendedFacts, ComplaintAmended
from tests.surveys.builders import NOW, NUMBER, a_waiting_one, amended, closed, hear


def test_the_invitation_goes_to_the_corrected_address():
    corrected = hear(a_waiting_one(), amended("new-contact")).state

    (letter,) = hear(corrected, closed()).notices

    assert letter.sealed == "new-contact"


def test_a_correction_of_something_else_keeps_the_contact():
    waiting = a_waiting_one()

    assert hear(waiting, amended(None)).state is waiting


def test_a_correction_heard_twice_changes_nothing():
    corrected = hear(a_waiting_one(), amended()).state

    assert hear(corrected, amended()).state is corrected


def test_a_correction_before_the_registration_is_tried_again():
    with pytest.raises(NotYet):
        hear(None, amended())


def test_a_corrected_address_leaves_the_errand_to_look_at_the_letters_that_are_out():
    decision = hear(a_waiting_one(), amended("new-contact"))

    assert [(notice.to, notice.template) for notice in decision.notices] == [("@suite", "contact-corrected")]


def test_whose_opinion_it_is_and_in_which_language_follows_the_correction():
    facts = AmendedFacts(customer_ref="c-new", language="en")
    told = ComplaintAmended(
        complaint_no=NUMBER, at=NOW, by="a", changed=("customer_ref", "language"), facts=facts
    )

    corrected = hear(a_waiting_one(), told)

    assert (corrected.state.customer_ref, corrected.state.language) == ("c-new", "en")
    assert corrected.notices == ()
