"""Can a customer answer with nothing but a browser and the link?"""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from services.surveys.domain.lifecycle import Status
from tests.surveys.builders import COMPLAINT, DAY, NOW, NUMBER, form_of, reopened, withdrawn

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}


async def test_a_customer_answers_in_the_browser_and_is_thanked(stand):
    await stand.invite(language="en")

    page = await stand.client.get(stand.path(), headers=BROWSER)
    posted = await stand.client.post(
        stand.path() + "?lang=en",
        headers=BROWSER,
        data={"form_no": f"{NUMBER}-S1", "grade": "dissatisfied", "comment": "Too slow"},
    )
    thanks = await stand.client.get(posted.headers["location"], headers=BROWSER)
    # The relative address is resolved by the browser against the one that it posted to.
    thanks = await stand.client.get(stand.path() + posted.headers["location"], headers=BROWSER)

    assert page.status_code == 200
    assert page.text.count('type="radio"') == 5
    assert posted.status_code == 303
    assert "Thank you!" in thanks.text
    answer = form_of(await stand.queries.invitation(COMPLAINT)).answer
    assert (answer.grade, answer.score, answer.satisfied) == ("dissatisfied", 30, False)
    opened = stand.process.sealer.open(answer.comment_sealed, about=COMPLAINT)
    assert opened == {"comment": "Too slow"}


async def test_the_comment_stands_nowhere_in_clear(stand):
    await stand.invite()

    await stand.answer(COMPLAINT, "satisfied", comment="the-comment-itself")

    async with stand.process.database.reading() as connection:
        for table in ("invitations", "outbox", "notices"):
            rows = (await connection.execute(text(f"SELECT t::text FROM {table} t"))).scalars()
            assert "the-comment-itself" not in " ".join(rows)


async def test_the_page_speaks_the_complaint_s_language_until_the_switch_is_used(stand):
    await stand.invite(language="zh-CN")

    first = await stand.client.get(stand.path(), headers=BROWSER)
    switched = await stand.client.get(stand.path() + "?lang=en", headers=BROWSER)

    assert "非常满意" in first.text
    assert first.headers["content-language"] == "zh"
    assert "Very satisfied" in switched.text


async def test_a_forgotten_choice_is_asked_for_and_the_comment_is_still_there(stand):
    await stand.invite(language="en")

    answer = await stand.client.post(stand.path(), headers=BROWSER, data={"comment": "A\r\nB"})

    assert answer.status_code == 422
    assert "Please choose one of the answers." in answer.text
    assert "A\nB</textarea>" in answer.text
    assert (await stand.queries.invitation(COMPLAINT)).status is Status.INVITED


@pytest.mark.parametrize("comment", ["x" * 2001, "nul\x00"])
async def test_a_comment_that_cannot_be_kept_is_refused_on_the_page(stand, comment):
    await stand.invite(language="en")

    data = {"grade": "satisfied", "comment": comment}
    answer = await stand.client.post(stand.path(), headers=BROWSER, data=data)

    assert answer.status_code == 422
    assert "too long" in answer.text
    assert 'value="satisfied" required checked' in answer.text


@pytest.mark.parametrize("lines", [2000, 1000])
async def test_line_ends_count_as_one_character_as_in_the_browser(stand, lines):
    await stand.invite()

    data = {"grade": "satisfied", "comment": "x" + "\r\n" * (lines - 1)}
    answer = await stand.client.post(stand.path(), headers=BROWSER, data=data)

    assert answer.status_code == 303


async def test_a_second_answer_in_the_browser_is_told_that_there_is_one(stand):
    await stand.invite(language="en")
    data = {"grade": "satisfied", "form_no": f"{NUMBER}-S1"}
    await stand.client.post(stand.path(), headers=BROWSER, data=data)

    again = await stand.client.post(stand.path(), headers=BROWSER, data={**data, "grade": "dissatisfied"})

    assert again.status_code == 409
    assert "You have already answered" in again.text
    assert form_of(await stand.queries.invitation(COMPLAINT)).answer.grade == "satisfied"


async def test_after_its_time_the_form_is_gone_even_if_the_timer_is_late(stand):
    await stand.invite(language="en")
    stand.clock.moment = NOW + 10 * DAY

    page = await stand.client.get(stand.path(), headers=BROWSER)
    posted = await stand.client.post(stand.path(), headers=BROWSER, data={"grade": "satisfied"})

    assert "This survey has ended" in page.text
    assert posted.status_code == 409
    assert "This survey has ended" in posted.text


async def test_an_old_page_sent_after_a_reopening_is_not_taken(stand):
    await stand.invite(language="en")
    stand.clock.moment = NOW + DAY
    await stand.hear(reopened(NOW + DAY))

    data = {"form_no": f"{NUMBER}-S1", "grade": "satisfied"}
    posted = await stand.client.post(stand.path(), headers=BROWSER, data=data)

    assert posted.status_code == 409
    assert "There is nothing to answer at the moment" in posted.text


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        f"{COMPLAINT}",
        f"{COMPLAINT}.",
        f"{COMPLAINT}.AAAAAAAAAAAAAAAAAAAAAAAA",
        f"{COMPLAINT}.é",
        "01951111-0000-7000-8000-00000000ffff.AAAA",
        "%00.%ff",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_wrong_link_is_not_found_and_tells_nothing(stand, token, method):
    await stand.invite()

    answer = await stand.client.request(method, f"/s/{token}", headers=BROWSER)

    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert NUMBER not in answer.text


async def test_a_right_secret_for_a_complaint_nobody_knows_looks_like_a_wrong_link(stand):
    answer = await stand.client.get(stand.path(), headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-link")


async def test_the_page_keeps_its_link_to_itself(stand):
    await stand.invite()

    headers = (await stand.client.get(stand.path(), headers=BROWSER)).headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert "no-referrer" in headers["referrer-policy"]
    assert headers["cache-control"] == "no-store"


async def test_what_the_page_links_to_is_served(stand):
    await stand.invite()
    page = (await stand.client.get(stand.path(), headers=BROWSER)).text

    for address in [part.split('"')[0] for part in page.split('"/static/')[1:]]:
        assert (await stand.client.get(f"/static/{address}")).status_code == 200


async def test_a_withdrawn_complaint_has_no_form(stand):
    from tests.surveys.builders import registered

    await stand.hear(registered(language="en"))
    await stand.hear(withdrawn())

    page = await stand.client.get(stand.path(), headers=BROWSER)

    assert "There is nothing to answer" in page.text


async def test_a_program_sees_the_form_and_answers_it(stand):
    await stand.invite()

    form = (await stand.client.get(stand.path(), headers={"Accept": "application/json"})).json()
    answered = await stand.answer(COMPLAINT, form["scale"][0]["grade"], form_no=form["form_no"])

    assert (form["status"], form["form_no"]) == ("invited", f"{NUMBER}-S1")
    assert form["scale"][0]["label"]["en"] == "Very satisfied"
    assert answered.status_code == 201
    assert answered.json() == {
        "complaint_no": NUMBER,
        "form_no": f"{NUMBER}-S1",
        "grade": "very-satisfied",
        "score": 100.0,
        "satisfied": True,
        "at": "2026-03-02T09:30:00Z",
    }


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b'{"grade": "superb"}', 422, "unknown-grade", "grade"),
        (b'{"comment": "x"}', 422, "invalid-body", "grade"),
        (b'{"grade": 5}', 422, "invalid-body", "grade"),
        (b'{"grade": "satisfied", "points": 100}', 422, "invalid-body", "points"),
        (b'{"grade": "satisfied", "comment": "\\u0000"}', 422, "invalid-body", "comment"),
        (b'{"grade": "satisfied", "form_no": "X-S9"}', 404, "unknown-form", "form_no"),
        (b'{"grade": ', 400, "malformed-json", "body"),
        (b"[]", 422, "invalid-body", "body"),
        (b"\xff", 400, "malformed-json", "body"),
    ],
)
async def test_a_program_s_mistake_has_a_code_and_a_field(stand, body, status, code, field):
    await stand.invite()

    headers = {"Content-Type": "application/json"}
    answer = await stand.client.post(stand.path(), content=body, headers=headers)

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("field")) == (status, code, field)


async def test_a_program_s_second_answer_is_a_conflict_and_its_repetition_is_not(stand):
    await stand.invite()
    headers = {"Idempotency-Key": "one", "Content-Type": "application/json"}
    body = json.dumps({"grade": "satisfied"})

    first = await stand.client.post(stand.path(), content=body, headers=headers)
    repeated = await stand.client.post(stand.path(), content=body, headers=headers)
    second = await stand.answer(COMPLAINT, "satisfied")

    assert (first.status_code, repeated.status_code) == (201, 201)
    assert first.json() == repeated.json()
    assert (second.status_code, second.json()["code"]) == (409, "survey-answered")


async def test_a_repeated_key_with_another_grade_is_refused(stand):
    await stand.invite()
    headers = {"Idempotency-Key": "one"}
    await stand.client.post(stand.path(), json={"grade": "satisfied"}, headers=headers)

    other = await stand.client.post(stand.path(), json={"grade": "dissatisfied"}, headers=headers)

    assert other.status_code in {409, 422}
    assert form_of(await stand.queries.invitation(COMPLAINT)).answer.grade == "satisfied"
