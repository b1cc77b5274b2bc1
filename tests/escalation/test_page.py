"""Can somebody answer an alarm with nothing but a browser and the link from the mail?"""

from __future__ import annotations

import pytest

from shared.notify.links import PublicLinks
from tests.escalation.builders import (
    COMPLAINT,
    HOUR,
    NOW,
    NUMBER,
    a_person,
    a_rulebook,
    answered,
    assigned,
    registered,
)

BROWSER = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}


async def acknowledged_by(stand) -> str | None:
    return (await stand.queries.sheet(COMPLAINT)).escalations[0].acknowledged_by


async def test_the_link_shows_what_is_late(stand):
    escalation = await stand.alarm()

    page = await stand.client.get(stand.path(escalation.id), headers=BROWSER)

    assert page.status_code == 200
    assert NUMBER in page.text
    assert "answer" in page.text
    assert "2026-03-05 09:30 (Asia/Shanghai)" in page.text
    assert "I am looking after it" in page.text


async def test_the_link_in_the_mail_leads_here(stand):
    escalation = await stand.alarm()
    ((reference,),) = await stand.rows("SELECT values->>'link' FROM notices")
    address = PublicLinks(stand.process.desk.links, {"ack": "http://test"}).expand(reference)

    page = await stand.client.get(address, headers=BROWSER)

    assert str(escalation.id) in address
    assert page.status_code == 200
    assert NUMBER in page.text


async def test_looking_does_not_answer(stand):
    escalation = await stand.alarm()

    for _ in range(2):
        await stand.client.get(stand.path(f"{escalation.id}~li"), headers=BROWSER)

    assert await acknowledged_by(stand) is None


async def test_the_button_answers_for_whoever_the_link_was_sent_to(stand):
    escalation = await stand.alarm()
    path = stand.path(f"{escalation.id}~li")

    posted = await stand.client.post(path, headers=BROWSER)
    shown = await stand.client.get(path, headers=BROWSER)

    assert posted.status_code == 303
    assert await acknowledged_by(stand) == "li"
    assert "I am looking after it" not in shown.text
    assert "Li" in shown.text


async def test_pressing_twice_changes_nothing(stand):
    escalation = await stand.alarm()
    path = stand.path(f"{escalation.id}~li")

    answers = [(await stand.client.post(path, headers=BROWSER)).status_code for _ in range(2)]

    assert answers == [303, 303]
    told = await stand.rows("SELECT 1 FROM outbox WHERE type = 'escalation.acknowledged.v1'")
    assert len(told) == 1


async def test_a_link_without_a_person_asks_who_answers(stand):
    escalation = await stand.alarm()
    path = stand.path(escalation.id)

    asked = await stand.client.get(path, headers=BROWSER)
    nobody = await stand.client.post(path, headers=BROWSER)
    stranger = await stand.client.post(path, headers=BROWSER, data={"person": "mallory"})
    known = await stand.client.post(path, headers=BROWSER, data={"person": "li"})

    assert 'value="li"' in asked.text
    assert [one.status_code for one in (nobody, stranger, known)] == [422, 422, 303]
    assert 'role="alert"' in nobody.text
    assert await acknowledged_by(stand) == "li"


async def test_the_page_speaks_the_person_s_language(stand):
    escalation = await stand.alarm()

    theirs = await stand.client.get(stand.path(f"{escalation.id}~li"), headers=BROWSER)
    browsers = await stand.client.get(stand.path(escalation.id), headers=BROWSER)
    switched = await stand.client.get(stand.path(f"{escalation.id}~li") + "?lang=en", headers=BROWSER)

    assert [page.headers["content-language"] for page in (theirs, browsers, switched)] == ["zh", "en", "en"]
    assert "我来处理" in theirs.text


async def test_an_alarm_that_is_over_needs_no_button(stand):
    escalation = await stand.alarm()
    await stand.hear(answered(NOW + HOUR))

    page = await stand.client.get(stand.path(escalation.id), headers=BROWSER)

    assert "<button" not in page.text
    assert "This alarm is over" in page.text


@pytest.mark.parametrize("token", ["x", f"{COMPLAINT}.secret", "a.b.c", "~.", "%00.x"])
async def test_a_guessed_link_leads_nowhere(stand, token):
    answers = [
        await stand.client.get(f"/a/{token}", headers=BROWSER),
        await stand.client.post(f"/a/{token}", headers=BROWSER),
    ]

    assert [one.status_code for one in answers] == [404, 404]
    assert "not valid" in answers[0].text


async def test_one_person_s_link_does_not_answer_for_another(stand):
    escalation = await stand.alarm()
    path = stand.path(f"{escalation.id}~li").replace("~li", "~wang")

    assert (await stand.client.post(path, headers=BROWSER)).status_code == 404
    assert await acknowledged_by(stand) is None


async def test_a_link_of_another_kind_opens_nothing(stand):
    escalation = await stand.alarm()
    secret = stand.process.desk.links.secret("survey", str(escalation.id))

    assert (await stand.client.get(f"/a/{escalation.id}.{secret}")).status_code == 404


async def test_the_page_keeps_its_address_to_itself(stand):
    escalation = await stand.alarm()

    headers = (await stand.client.get(stand.path(escalation.id))).headers

    assert headers["referrer-policy"].startswith("no-referrer")
    assert headers["cache-control"] == "no-store"
    assert "script-src" not in headers["content-security-policy"]


async def test_names_are_escaped(escalation_url, a_stand):
    rules = a_rulebook(a_person("li", name="<script>alert(1)</script>"))
    async with a_stand(escalation_url, rules) as stand:
        await stand.hear(registered())
        await stand.hear(assigned())
        await stand.process.shell.fire_due()
        escalation = (await stand.queries.sheet(COMPLAINT)).escalations[0]

        page = await stand.client.get(stand.path(escalation.id), headers=BROWSER)

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
