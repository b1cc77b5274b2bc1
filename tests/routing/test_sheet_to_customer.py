"""Does the customer get the 8D sheet, is their verdict kept, and does it go back until they are satisfied?

CAP-02, CAP-07, INF-12, RTE-07.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.routing.domain.action import ActionState
from services.routing.handlers.judge_sheet import CUSTOMER, JudgeSheet
from services.routing.handlers.send_sheet import SendSheet
from shared.errors import Conflict, Forbidden, NotFound
from shared.events.routing import ActionOpened, ActionVerified
from shared.events.sheets import SheetJudged, SheetSent
from shared.lifecycle import Status
from tests.routing.actions import DUE, a_capa, a_step, an_order, completion, decide, then
from tests.routing.builders import COMPLAINT, HANDLER, NOW, an_accepted_case, an_actor, registered
from tests.routing.test_api import post

LATER = NOW + timedelta(hours=1)
SEND = SendSheet(COMPLAINT, HANDLER)


def verdict(*, satisfied: bool, sheet: int = 1, sealed: str | None = None) -> JudgeSheet:
    return JudgeSheet(COMPLAINT, CUSTOMER, sheet, satisfied, sealed)


def a_treated_case():
    """Contained and cured: both steps of sheet 1 are done."""
    steps = an_order(a_capa("containment"), a_capa("corrective"))
    return then(an_accepted_case(), steps, completion("a-1"), completion("a-2"))


def test_the_customer_gets_a_letter_with_a_link_to_the_sheet():
    decision = decide(a_treated_case(), SEND)

    (letter,), (told,) = decision.notices, decision.tells
    assert (letter.to, letter.template, letter.sealed) == ("customer", "sheet-sent", "sealed-contact")
    assert letter.values["link"] == f"sheet:{COMPLAINT}~1"
    assert isinstance(told, SheetSent)
    assert (told.sheet, told.attempt, told.by) == (1, 1, HANDLER.person)


def test_an_ended_case_still_reports_what_was_done_against_the_cause():
    ended = replace(a_treated_case(), status=Status.CLOSED, ended_at=NOW)

    assert decide(ended, SEND).state.sheets[0].sheet == 1


def test_the_newest_sheet_of_our_own_goes_out_and_never_a_suppliers():
    case = then(a_treated_case(), an_order(a_step("D3"), party="supplier", supplier_ref="s-1"))

    assert decide(case, SEND).state.sheets[-1].sheet == 1
    with pytest.raises(NotFound, match="unknown-sheet"):
        decide(case, replace(SEND, sheet=3))


def test_without_a_sheet_without_a_contact_or_without_the_right_nothing_is_sent():
    with pytest.raises(NotFound, match="unknown-sheet"):
        decide(an_accepted_case(), SEND)
    with pytest.raises(Conflict, match="no-contact"):
        decide(replace(a_treated_case(), sealed=None), SEND)
    with pytest.raises(Forbidden):
        decide(a_treated_case(), replace(SEND, actor=an_actor("x", "auditor")))


def test_a_satisfied_customer_ends_it():
    sent = then(a_treated_case(), SEND)

    decision = decide(sent, verdict(satisfied=True), now=LATER)

    (told,) = decision.tells
    assert isinstance(told, SheetJudged)
    assert told.satisfied
    assert decision.notices == ()
    assert [one.state for one in decision.state.actions] == [ActionState.COMPLETED, ActionState.COMPLETED]
    with pytest.raises(Conflict, match="sheet-accepted"):
        decide(decision.state, SEND, now=LATER)


def test_a_customer_who_is_not_satisfied_sends_it_back_to_whoever_removes_the_cause():
    sent = then(a_treated_case(), SEND)

    decision = decide(sent, verdict(satisfied=False, sealed="words"), now=LATER)

    contained, cured = decision.state.actions
    assert (contained.state, cured.state) == (ActionState.COMPLETED, ActionState.OPEN)
    assert cured.attempts[0].effective is False
    assert cured.due_at == LATER + (DUE - NOW)
    assert [type(told) for told in decision.tells] == [SheetJudged, ActionVerified, ActionOpened]
    assert {notice.template for notice in decision.notices} == {"sheet-refused", "action-opened"}
    assert decision.state.sheets[-1].verdict.sealed == "words"


def test_it_is_sent_again_only_after_something_was_done():
    refused = then(then(a_treated_case(), SEND), verdict(satisfied=False), now=LATER)

    with pytest.raises(Conflict, match="sheet-unchanged"):
        decide(refused, SEND, now=LATER)
    mended = then(refused, completion("a-2"), now=LATER + timedelta(hours=1))
    again = decide(mended, SEND, now=LATER + timedelta(hours=2))

    assert [(one.sheet, one.attempt) for one in again.state.sheets] == [(1, 1), (1, 2)]
    assert again.state.sheets[0].verdict.satisfied is False
    assert again.state.sheets[1].verdict is None


def test_the_same_verdict_twice_changes_nothing():
    for satisfied in (True, False):
        once = then(then(a_treated_case(), SEND), verdict(satisfied=satisfied), now=LATER)

        decision = decide(once, verdict(satisfied=satisfied), now=LATER)

        assert decision.state is once
        assert (decision.tells, decision.notices) == ((), ())


def test_who_was_satisfied_may_check_the_result_and_think_again():
    pleased = then(then(a_treated_case(), SEND), verdict(satisfied=True), now=LATER)

    decision = decide(pleased, verdict(satisfied=False), now=LATER + timedelta(days=30))

    assert [one.satisfied for one in decision.state.sheets[0].verdicts] == [True, False]
    assert decision.state.actions[1].state is ActionState.OPEN


def test_a_sheet_that_was_never_sent_has_no_verdict():
    with pytest.raises(Conflict, match="sheet-not-sent"):
        decide(a_treated_case(), verdict(satisfied=True))
    with pytest.raises(NotFound):
        decide(None, verdict(satisfied=True))


# the doors


async def sent_sheet(place) -> str:
    """A sheet on its way to the customer; the path of its page."""
    sealed = place.desk.sealer.seal({"name": "王小明", "email": "wang@example.com"}, about=COMPLAINT)
    await place.hears(registered(sealed=sealed))
    await post(place, "accept")
    step = {"discipline": "D3", "department": "quality", "due_at": DUE.isoformat(), "task": "检查库存"}
    await post(place, "actions", {"steps": [step]})
    answer = await post(place, "sheets")
    assert answer.status_code == 200, answer.text
    assert answer.json()["sheets"][0]["attempt"] == 1
    identifier = f"{COMPLAINT}~1"
    return f"/d/{identifier}.{place.links.secret('sheet', identifier)}"


async def test_the_link_shows_the_customers_version_as_page_and_pdf(workplace):
    path = await sent_sheet(workplace)

    page = await workplace.client.get(f"{path}?lang=zh")
    paper = await workplace.client.get(f"{path}?output=pdf")

    assert page.status_code == 200
    assert "王小明" in page.text
    assert "检查库存" not in page.text
    assert "Qian" not in page.text
    assert paper.content.startswith(b"%PDF")
    assert {page.headers["cache-control"], paper.headers["cache-control"]} == {"no-store"}


async def test_the_customers_verdict_and_words_are_kept_sealed(workplace):
    path = await sent_sheet(workplace)

    answer = await workplace.client.post(f"{path}?lang=en", data={"satisfied": "no", "comment": "锈还在"})
    page = await workplace.client.get(f"{path}?done=true&lang=en")

    case = await workplace.queries.find(COMPLAINT)
    kept = case.sheets[0].verdict
    assert answer.status_code == 303
    assert kept.satisfied is False
    assert workplace.sealer.open(kept.sealed, about=COMPLAINT) == {"comment": "锈还在"}
    assert "received what you think" in page.text
    told = [event.data for event in workplace.told if event.type == "sheet.judged.v1"]
    assert "锈还在" not in told[0].to_json().decode()


async def test_a_form_that_says_nothing_is_shown_again_with_what_was_entered(workplace):
    path = await sent_sheet(workplace)

    answer = await workplace.client.post(f"{path}?lang=en", data={"comment": "hm <b>"})

    assert answer.status_code == 422
    assert "hm &lt;b&gt;" in answer.text


async def test_another_secret_another_sheet_or_one_never_sent_opens_nothing(workplace):
    path = await sent_sheet(workplace)
    never = f"{COMPLAINT}~2"

    for wrong in (path[:-1] + "?", "/d/nonsense", f"/d/{never}.{workplace.links.secret('sheet', never)}"):
        assert (await workplace.client.get(wrong)).status_code == 404
        assert (await workplace.client.post(wrong, data={"satisfied": "yes"})).status_code == 404
