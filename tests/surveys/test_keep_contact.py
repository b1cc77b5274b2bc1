"""What is remembered of a new complaint?"""

from __future__ import annotations

from services.surveys.domain.lifecycle import Status
from tests.surveys.builders import a_waiting_one, an_answered_one, hear, registered


def test_a_registered_complaint_waits_for_its_closing_and_nobody_is_asked():
    decision = hear(None, registered(language="en"))

    assert decision.state.status is Status.WAITING
    assert decision.state.wake_at is None
    assert (decision.state.language, decision.state.sealed) == ("en", "sealed-contact")
    assert (decision.tells, decision.notices) == ((), ())


def test_a_registration_heard_twice_changes_nothing():
    waiting = a_waiting_one()

    assert hear(waiting, registered()).state is waiting


def test_a_late_registration_does_not_undo_an_answer():
    answered = an_answered_one()

    assert hear(answered, registered()).state is answered
