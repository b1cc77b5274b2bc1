"""Does a duplicate end without losing anything, and does its customer see where it went?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.intake.domain.complaint import Link
from services.intake.handlers.merge_complaint import AbsorbComplaint, MergeComplaint
from services.intake.handlers.reopen_complaint import ReopenComplaint
from shared.errors import Conflict, Forbidden, Rejected
from shared.events.intake import ComplaintAbsorbed, ComplaintMerged
from shared.lifecycle import OPEN, Status
from tests.intake.builders import (
    AGENT,
    COMPLAINT,
    NOW,
    a_complaint,
    an_actor,
    an_answered_complaint,
    do,
    done,
)
from tests.intake.test_api_changes import names
from tests.intake.test_api_reading import registered

OTHER = UUID("01951111-0000-7000-8000-000000000002")
EARLIER = NOW - timedelta(days=2)
HANDLER = ("handler",)


def merge(into: UUID = OTHER, actor=AGENT) -> MergeComplaint:
    return MergeComplaint(COMPLAINT, actor, Link(into, "SH01-2026-000002", EARLIER), "duplicate")


def absorb(duplicate: UUID = OTHER, site="sh01", received_at=EARLIER) -> AbsorbComplaint:
    link = Link(duplicate, "SH01-2026-000002", received_at)
    return AbsorbComplaint(COMPLAINT, AGENT, link, site, "duplicate")


def test_a_duplicate_ends_as_merged_and_says_into_which():
    decision = do(a_complaint(sealed="s", reachable=True), merge())

    assert decision.state.status is Status.MERGED
    assert decision.state.merged_into.complaint_no == "SH01-2026-000002"
    (told,) = decision.tells
    assert isinstance(told, ComplaintMerged)
    assert (told.into_id, told.reason_code) == (OTHER, "duplicate")
    notice, errand = decision.notices
    assert (errand.to, errand.template) == ("@suite", "tell-merged")
    assert (notice.template, notice.to, notice.values["into_no"]) == (
        "complaint-merged",
        "customer",
        "SH01-2026-000002",
    )


def test_merging_twice_changes_nothing_and_into_another_is_refused():
    once = done(a_complaint(), merge())

    assert do(once, merge()).state is once
    assert do(once, merge()).tells == ()
    with pytest.raises(Conflict, match="already-merged"):
        do(once, merge(into=UUID(int=9)))


@pytest.mark.parametrize("status", [Status.AGREED, Status.FULFILLED, Status.CLOSED, Status.DECLINED])
def test_what_is_answered_agreed_or_over_is_not_merged(status):
    with pytest.raises(Conflict, match="status-forbids"):
        do(a_complaint(status), merge())
    with pytest.raises(Conflict, match="status-forbids"):
        do(an_answered_complaint(), merge())


def test_an_answer_that_waits_for_the_customer_is_no_mere_pause():
    waiting = a_complaint(Status.PAUSED, status_before_pause=Status.ANSWERED)

    with pytest.raises(Conflict, match="status-forbids"):
        do(waiting, merge())
    assert done(replace(waiting, status_before_pause=Status.ACCEPTED), merge()).status is Status.MERGED


@pytest.mark.parametrize("status", OPEN)
def test_the_other_one_takes_it_in_with_its_receipt_and_stays_where_it_stood(status):
    decision = do(a_complaint(status), absorb())

    assert decision.state.status is status
    assert decision.state.first_received_at == EARLIER
    (told,) = decision.tells
    assert isinstance(told, ComplaintAbsorbed)
    assert (told.duplicate_no, told.received_at) == ("SH01-2026-000002", EARLIER)
    assert do(decision.state, absorb()).tells == (), "twice changes nothing"


def test_nothing_is_merged_into_itself_another_site_or_what_has_ended():
    with pytest.raises(Rejected, match="same-complaint"):
        do(a_complaint(), absorb(duplicate=COMPLAINT))
    with pytest.raises(Rejected, match="another-site"):
        do(a_complaint(), absorb(site="ber1"))
    with pytest.raises(Conflict, match="status-forbids"):
        do(a_complaint(Status.MERGED), absorb())
    with pytest.raises(Forbidden, match="out-of-scope"):
        do(a_complaint(), merge(actor=an_actor(sites=("ber1",))))


def test_what_was_merged_by_mistake_is_taken_up_again():
    merged = done(a_complaint(), merge())

    again = done(merged, ReopenComplaint(COMPLAINT, AGENT, "no-duplicate"))

    assert (again.status, again.merged_into) == (Status.REOPENED, None)


async def test_the_desk_merges_by_number_and_both_stay_readable(workplace):
    first, second = await registered(workplace), await registered(workplace)
    handler = workplace.token(*HANDLER)
    number = (await workplace.get(f"/complaints/{first}")).json()["complaint_no"]

    answers = [
        await workplace.post(f"/complaints/{second}/merge", {"into": number}, who=handler) for _ in range(2)
    ]
    refused = await workplace.post(f"/complaints/{second}/merge", {"into": second}, who=handler)
    agent = await workplace.post(f"/complaints/{second}/merge", {"into": number})

    assert [(one.status_code, one.json()["status"]) for one in answers] == [(200, "merged")] * 2
    assert refused.status_code == 409
    assert agent.status_code == 403
    kept, gone = [(await workplace.get(f"/complaints/{one}")).json() for one in (first, second)]
    assert (kept["status"], kept["duplicates"]) == ("registered", [gone["complaint_no"]])
    assert (gone["status"], gone["merged_into"]) == ("merged", number)
    assert names(workplace)[2:] == ["complaint.absorbed", "complaint.merged"]


async def test_what_cannot_end_is_not_taken_in_either(workplace):
    first, second = await registered(workplace), await registered(workplace)
    handler = workplace.token(*HANDLER)
    await workplace.post(f"/complaints/{second}/decline", {"reason_code": "late"}, who=handler)

    answer = await workplace.post(f"/complaints/{second}/merge", {"into": first}, who=handler)

    assert (answer.status_code, answer.json()["code"]) == (409, "status-forbids")
    assert "complaint.absorbed" not in names(workplace)


async def test_the_customer_of_the_duplicate_sees_where_it_went(workplace):
    first, second = await registered(workplace), await registered(workplace)
    await workplace.post(f"/complaints/{second}/merge", {"into": first}, who=workplace.token(*HANDLER))
    number = (await workplace.get(f"/complaints/{first}")).json()["complaint_no"]
    secret = workplace.links.secret("case", second)

    for separator in "/.":
        shown = await workplace.client.get(f"/c/{second}{separator}{secret}?lang=en")
        assert "goes on as part of that one" in shown.text
        assert "finding the right people" in shown.text
        link = shown.text.partition('<a href="')[2].partition('"')[0]
        followed = await workplace.client.get(str(shown.url.join(link)))
        assert number in followed.text, "the same customer may open both"


async def test_another_persons_case_is_named_and_not_opened(workplace):
    first, second = await registered(workplace), await registered(workplace)
    other = {"customer": {"ref": "somebody-else"}}
    await workplace.post(f"/complaints/{first}/amend", other)
    await workplace.post(f"/complaints/{second}/merge", {"into": first}, who=workplace.token(*HANDLER))
    secret = workplace.links.secret("case", second)

    shown = await workplace.client.get(f"/c/{second}/{secret}?lang=en")

    assert "goes on as part of that one" in shown.text
    assert workplace.links.secret("case", first) not in shown.text
