"""What does the customer see and do behind the link?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.intake.pages.views import case_page
from shared.lifecycle import Status
from tests.intake.builders import (
    RULES,
    a_complaint,
    an_answered_complaint,
    clock_met,
    clock_started,
    hear_all,
)
from tests.intake.test_api_changes import an_answered_case, names
from tests.intake.test_api_reading import registered

SITE = RULES.site("sh01")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("status", Status)
def test_every_status_has_its_words(status, language):
    html = case_page(a_complaint(status), SITE, language=language)

    assert "SH01-2026-000001" in html
    assert status.value not in html or language == "en"


def test_the_promise_is_shown_in_the_sites_time_until_it_is_kept():
    running = hear_all(a_complaint(), clock_started())
    kept = hear_all(a_complaint(), clock_started(), clock_met())

    assert "2026-03-05 17:30" in case_page(running, SITE, language="en")
    assert "promised" not in case_page(kept, SITE, language="en")


def test_the_customer_sees_which_department_has_it_until_the_end():
    """INF-08, INF-19: how the handling is organised."""
    unit = {"zh": "质量部", "en": "Quality"}

    assert "With: Quality" in case_page(a_complaint(), SITE, language="en", department=unit)
    assert "负责部门：质量部" in case_page(a_complaint(), SITE, language="zh", department=unit)
    closed = case_page(a_complaint(Status.CLOSED), SITE, language="en", department=unit)
    assert "Quality" not in closed


def test_only_an_answered_complaint_asks_for_a_reply():
    assert "<form" in case_page(an_answered_complaint(), SITE, language="en")
    assert "<form" not in case_page(a_complaint(), SITE, language="en")


async def test_the_link_opens_the_case_in_the_customers_language(workplace):
    identifier = await registered(workplace)
    secret = workplace.links.secret("case", identifier)

    slashed = await workplace.client.get(f"/c/{identifier}/{secret}")
    mailed = await workplace.client.get(f"/c/{identifier}.{secret}")
    english = await workplace.client.get(f"/c/{identifier}/{secret}?lang=en")

    assert slashed.status_code == 200
    assert slashed.text == mailed.text
    assert "您的投诉" in slashed.text
    assert "Your complaint" in english.text
    assert "王芳" not in slashed.text
    assert slashed.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("token", ["nonsense", "01951111-0000-7000-8000-000000000001/guess", ""])
async def test_a_wrong_link_says_nothing_about_what_exists(workplace, token):
    answer = await workplace.client.get(f"/c/{token}")

    assert answer.status_code == 404
    assert "<h1>" in answer.text


async def test_the_customer_agrees_with_two_clicks(workplace):
    identifier, secret = await an_answered_case(workplace)
    form = {"round": "1", "choice": "agree", "comment": "谢谢\r\n再见"}

    answer = await workplace.client.post(f"/c/{identifier}/{secret}", data=form)
    page = await workplace.client.get(f"/c/{identifier}/{secret}{answer.headers['location']}")

    assert answer.status_code == 303
    assert "我们已收到您的答复" in page.text
    assert names(workplace)[-1] == "customer.replied"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"round": "1"}, 422),
        ({"round": "1", "choice": "perhaps"}, 422),
        ({"round": "1", "choice": "agree", "comment": "x" * 2001}, 422),
        ({"round": "7", "choice": "agree"}, 409),
    ],
)
async def test_what_cannot_be_stored_comes_back_with_what_was_written(workplace, form, status):
    identifier, secret = await an_answered_case(workplace)

    answer = await workplace.client.post(f"/c/{identifier}/{secret}", data=form)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert form.get("comment", "") in answer.text
    assert "customer.replied" not in names(workplace)


async def test_a_changed_mind_is_told_how_it_stands(workplace):
    identifier, secret = await an_answered_case(workplace)
    path = f"/c/{identifier}/{secret}"
    await workplace.client.post(path, data={"round": "1", "choice": "agree"})

    answer = await workplace.client.post(path, data={"round": "1", "choice": "refuse"})

    assert answer.status_code == 409
    assert "最新状态" in answer.text


def test_a_promise_at_the_end_of_the_calendar_breaks_no_page():
    promised = hear_all(a_complaint(), clock_started(due_at=datetime.max.replace(tzinfo=UTC)))

    assert "9999-12-31" in case_page(promised, SITE, language="en")
