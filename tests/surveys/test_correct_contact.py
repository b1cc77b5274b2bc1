"""Where does the survey go after the customer's data were corrected?"""

from __future__ import annotations

import pytest

from shared.errors import NotYet
from tests.surveys.builders import a_waiting_one, amended, closed, hear


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
