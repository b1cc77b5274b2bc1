"""Does the register keep what went wrong with a letter, and does the desk hear of it?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.intake.handlers import REACTIONS
from services.intake.handlers.notices import to_desk
from shared.events.letters import LetterFailed
from shared.lettering import ReportLetter
from shared.policy.organisation import Department, Organisation, Person
from tests.intake.builders import COMPLAINT, NOW, NUMBER, RULES, a_complaint, a_context, an_event, do, done

STAFF = {
    "li": Person("li", "Li", departments=("quality",), contacts=("li@sh01.example",)),
    "wang": Person("wang", "Wang", departments=("quality",), contacts=("wang@sh01.example",)),
}
UNITS = {"quality": Department("quality", {"en": "Quality"}, members=("li", "wang"))}
STAFFED = replace(RULES, organisation=Organisation("Test", RULES.organisation.sites, UNITS, STAFF, {}))


def failed(failure: str = "wrong-contact", detail: str = "") -> LetterFailed:
    return LetterFailed(
        complaint_no=NUMBER, at=NOW, letter="resolution-answered", failure=failure, detail=detail
    )


def heard(complaint, data):
    return REACTIONS[LetterFailed](complaint, an_event(data), a_context(rules=STAFFED))


@pytest.mark.parametrize(
    ("failure", "template"),
    [("wrong-contact", "letter-misdirected"), ("undeliverable", "letter-undeliverable")],
)
def test_it_stands_in_the_history_and_the_desk_is_told(failure, template):
    decision = heard(a_complaint(assignee="li"), failed(failure, "mail: SMTP 550"))

    entry = decision.state.history[-1]
    assert (entry.what, entry.at) == ("letter.failed", NOW)
    assert entry.facts["failure"] == failure
    assert entry.facts["letter"] == "resolution-answered"
    assert [notice.template for notice in decision.notices] == [template]
    assert decision.notices[0].to == "li"


def test_told_twice_it_stands_once():
    once = heard(a_complaint(), failed()).state

    again = heard(once, failed())

    assert again.state is once
    assert again.notices == ()


def test_whoever_is_complained_about_does_not_hear_of_it():
    complaint = a_complaint(assignee="li", department="quality", accused_refs=("li",))

    told = to_desk(complaint, "letter-undeliverable", "x", a_context(rules=STAFFED), letter="l")

    assert [notice.to for notice in told] == ["wang"]


def test_a_service_tells_the_register_and_changes_nothing():
    complaint = a_complaint()
    report = ReportLetter(COMPLAINT, "complaint-acknowledged", "undeliverable", NOW, "none: no contact")

    decision = do(complaint, report)

    assert done(complaint, report) is complaint
    (told,) = decision.tells
    assert told.type_name == "letter.failed.v1"
    assert (told.letter, told.failure, told.detail) == (
        "complaint-acknowledged",
        "undeliverable",
        "none: no contact",
    )
