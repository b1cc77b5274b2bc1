"""Is every customer of every merged complaint answered, about their own complaint and in their language?"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.intake.handlers.tell_merged import TellMerged
from services.intake.jobs import duplicates
from services.intake.pages.views import Continued, case_page
from shared.deciding import Notice
from shared.ids import new_id
from shared.lifecycle import Status
from shared.notify.message import render
from shared.notify.table import Waiting
from tests.intake.builders import COMPLAINT, RULES, TO_ANSWERED, a_complaint, an_event, closed, do, fulfilled
from tests.intake.test_api_reading import registered
from tests.intake.test_identity import HANDLER, amended, merged, page_of

CUSTOMERS = {
    "a": {"customer": {"email": "a@customer.example", "name": "Anna"}, "language": "en"},
    "b": {"customer": {"email": "b@customer.example", "name": "Bao"}, "language": "zh"},
    "c": {"customer": {"email": "c@customer.example", "name": "Chen"}, "language": "zh"},
}


def errands(place) -> list[Notice]:
    return [notice for notice in place.notices if notice.template == "tell-merged"]


async def run(place, *since: Notice) -> None:
    """What the dispatcher does with the errands, in their order."""
    for errand in errands(place):
        if errand not in since:
            about = UUID(errand.key.split(":")[1])
            at = datetime(2026, 3, 1, tzinfo=UTC)
            await duplicates.tell(
                place.desk,
                Waiting(new_id(), errand.key, about, "@suite", errand.template, "", {}, None, at, 0),
            )


def letters(place, template: str) -> set[tuple[str, str, str]]:
    """Complaint, language and number of each letter of this template."""
    return {
        (notice.values["link"].removeprefix("case:"), notice.language, notice.values["complaint_no"])
        for notice in place.notices
        if notice.template == template and notice.to == "customer"
    }


async def number(place, one: str) -> str:
    return (await place.get(f"/complaints/{one}")).json()["complaint_no"]


async def a_chain(place) -> tuple[str, str, str]:
    a, b, c = [await registered(place, **CUSTOMERS[name]) for name in "abc"]
    await merged(place, a, b)
    await merged(place, b, c)
    return a, b, c


async def test_all_of_a_chain_hear_of_answer_and_closing_each_about_their_own(workplace):
    a, b, c = await a_chain(workplace)

    await workplace.hears(c, *TO_ANSWERED)
    await run(workplace)
    expected = {(a, "en", await number(workplace, a)), (b, "zh", await number(workplace, b))}
    assert letters(workplace, "merged-answered") == expected
    assert letters(workplace, "merged-closed") == set()

    secret = workplace.links.secret("case", UUID(c))
    await workplace.post(f"/complaints/{c}/replies", {"round": 1, "accepts": True, "secret": secret}, who={})
    for sequence, data in enumerate((fulfilled(), closed()), start=len(TO_ANSWERED) + 1):
        work = await workplace.shell.submit(an_event(data, sequence=sequence, subject=UUID(c)))
        assert work.error is None
    await run(workplace)
    assert letters(workplace, "merged-closed") == expected
    assert "customer.told" in str((await workplace.get(f"/complaints/{a}/history")).json())


async def test_told_twice_is_told_once(workplace):
    _, _, c = await a_chain(workplace)
    await workplace.hears(c, *TO_ANSWERED)

    await run(workplace)
    count = len(workplace.notices)
    await run(workplace)

    assert len(workplace.notices) == count


async def test_whoever_is_merged_into_an_answered_one_hears_of_the_answer_too(workplace):
    a, c = [await registered(workplace, **CUSTOMERS[name]) for name in "ac"]
    await workplace.hears(c, *TO_ANSWERED)

    await merged(workplace, a, c)
    await run(workplace)

    assert {one for one, *_ in letters(workplace, "merged-answered")} == {a}


async def test_whoever_was_reopened_is_told_nothing_by_the_other_one(workplace):
    a, _b, c = await a_chain(workplace)
    await workplace.post(f"/complaints/{a}/reopen", {"reason_code": "no"}, who=workplace.token(*HANDLER))

    await workplace.hears(c, *TO_ANSWERED)
    await run(workplace)

    assert a not in {one for one, *_ in letters(workplace, "merged-answered")}


async def test_what_is_declined_is_declined_to_all_and_what_is_withdrawn_comes_to_the_desk(workplace):
    a, b, c = await a_chain(workplace)
    await workplace.post(f"/complaints/{c}/decline", {"reason_code": "late"}, who=workplace.token(*HANDLER))
    await run(workplace)
    assert {one for one, *_ in letters(workplace, "merged-declined")} == {a, b}

    d, e = [await registered(workplace, **CUSTOMERS[name]) for name in "ab"]
    await merged(workplace, d, e)
    done = errands(workplace)
    await workplace.post(f"/complaints/{e}/withdraw", {})
    await run(workplace, *done)
    assert not letters(workplace, "merged-withdrawn"), "the customer of the other one did not withdraw"


def test_the_desk_hears_that_the_other_customer_withdrew():
    state = a_complaint(Status.MERGED, department="quality", sealed="s", reachable=True)

    decision = do(state, TellMerged(COMPLAINT, "SH01-2026-000002", "withdrawn", 1))

    assert {notice.template for notice in decision.notices} <= {"merged-withdrawn"}
    assert all(notice.to != "customer" for notice in decision.notices)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("status", Status)
def test_the_page_of_a_merged_complaint_asks_nothing_that_cannot_be_answered_there(status, language):
    other = a_complaint(status, complaint_no="SH01-2026-000009")
    mine = a_complaint(Status.MERGED)

    html = case_page(mine, RULES.site("sh01"), language=language, continued=Continued(other))

    assert "SH01-2026-000009" in html
    for asked in (
        "tell us whether you agree",
        "请告诉我们您是否同意",
        "You agreed",
        "You did not agree",
        "You have withdrawn",
    ):
        assert asked not in html
    assert "<form" not in html


async def test_the_page_says_truly_where_the_other_one_stands(workplace):
    a, _b, c = await a_chain(workplace)
    await workplace.hears(c, *TO_ANSWERED)

    page = await page_of(workplace, a)

    assert "We have given our answer" in page
    assert "whether you agree" not in page
    assert (await number(workplace, a)) in page
    assert "Chen" not in page


async def test_the_customer_of_both_finds_the_way_to_the_reply(workplace):
    a, c = [await registered(workplace, **CUSTOMERS[name]) for name in "ac"]
    await merged(workplace, a, c)
    await amended(workplace, a, email="c@customer.example")
    await workplace.hears(c, *TO_ANSWERED)

    page = await page_of(workplace, a)

    assert workplace.links.secret("case", UUID(c)) in page


@pytest.mark.parametrize("template", ["merged-answered", "merged-closed", "merged-declined"])
@pytest.mark.parametrize("language", ["zh", "en", "de"])
def test_a_letter_names_the_readers_own_number_first(template, language):
    values = {
        "complaint_no": "SH01-2026-000001",
        "into_no": "SH01-2026-000002",
        "link": "x",
        "name": "A",
        "company": "K",
    }

    letter = render(template, language, values)

    assert "SH01-2026-000001" in letter.subject
    assert "SH01-2026-000002" not in letter.subject
