"""What may be done with a complaint over HTTP, by whom, and how often?"""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.intake.builders import TO_ANSWERED
from tests.intake.test_api_reading import registered

HANDLER = ("handler",)


def names(place) -> list[str]:
    return [event.type.removesuffix(".v1") for event in place.told]


async def test_a_complaint_is_declined_withdrawn_and_reopened(workplace):
    first, second = await registered(workplace), await registered(workplace)
    handler = workplace.token(*HANDLER)

    answers = [
        await workplace.post(f"/complaints/{first}/decline", {"reason_code": "late"}, who=handler),
        await workplace.post(f"/complaints/{first}/reopen", {"reason_code": "new-facts"}, who=handler),
        await workplace.post(f"/complaints/{second}/withdraw", {}),
        await workplace.post(f"/complaints/{second}/acknowledge", {}),
    ]

    assert [a.status_code for a in answers] == [200, 200, 200, 409]
    assert [a.json()["status"] for a in answers[:3]] == ["declined", "reopened", "withdrawn"]
    assert answers[3].json()["code"] == "status-forbids"
    assert names(workplace)[2:] == ["complaint.declined", "complaint.reopened", "complaint.withdrawn"]


async def test_an_agent_may_not_decline(workplace):
    identifier = await registered(workplace)

    answer = await workplace.post(f"/complaints/{identifier}/decline", {"reason_code": "late"})

    assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")


async def test_an_amendment_keeps_what_it_does_not_mention(workplace):
    identifier = await registered(workplace)

    answer = await workplace.post(
        f"/complaints/{identifier}/amend", {"customer": {"phone": "+49 30 23125 007"}, "order_ref": "A-1"}
    )

    found = (await workplace.get(f"/complaints/{identifier}")).json()
    assert answer.status_code == 200
    assert (found["personal"]["phone"], found["personal"]["name"]) == ("+49 30 23125 007", "王芳")
    assert (found["order_ref"], found["customer_grade"]) == ("A-1", "general")
    assert workplace.told[-1].data.changed == ("order_ref", "phone")
    assert "23125" not in workplace.told[-1].data.to_json().decode()


async def test_an_amendment_that_changes_nothing_tells_nothing(workplace):
    identifier = await registered(workplace)
    body = {"customer": {"phone": "+86 21 0000 1234"}, "flags": {"safety": True}}

    answer = await workplace.post(f"/complaints/{identifier}/amend", body)

    assert answer.status_code == 200
    assert names(workplace) == ["complaint.registered"]


async def an_answered_case(place) -> tuple[str, str]:
    identifier = await registered(place)
    await place.hears(identifier, *TO_ANSWERED)
    return identifier, place.links.secret("case", UUID(identifier))


async def test_the_customer_replies_with_the_secret_of_the_link(workplace):
    identifier, secret = await an_answered_case(workplace)
    body = {"round": 1, "accepts": False, "comment": "还是漏水", "secret": secret}

    answer = await workplace.post(f"/complaints/{identifier}/replies", body, who={})
    again = await workplace.post(f"/complaints/{identifier}/replies", body, who={})

    assert [answer.json()["status"], again.json()["status"]] == ["refused", "refused"]
    assert names(workplace).count("customer.replied") == 1
    assert "漏水" not in workplace.told[-1].data.to_json().decode()
    found = (await workplace.get(f"/complaints/{identifier}")).json()
    assert found["reply"]["comment"] == "还是漏水"


async def test_an_agent_replies_for_the_customer(workplace):
    identifier, _ = await an_answered_case(workplace)

    answer = await workplace.post(f"/complaints/{identifier}/replies", {"round": 1, "accepts": True})

    history = (await workplace.get(f"/complaints/{identifier}/history")).json()["items"]
    assert answer.json()["status"] == "agreed"
    assert [line["by"] for line in history if line["what"] == "customer.replied"] == ["li"]


@pytest.mark.parametrize("secret", ["wrong", "x" * 24])
async def test_a_wrong_secret_or_none_replies_nothing(workplace, secret):
    identifier, _ = await an_answered_case(workplace)
    body = {"round": 1, "accepts": True}

    guessed = await workplace.post(f"/complaints/{identifier}/replies", body | {"secret": secret}, who={})
    nobody = await workplace.post(f"/complaints/{identifier}/replies", body, who={})

    assert [guessed.json()["code"], nobody.json()["code"]] == ["bad-link", "no-token"]
    assert "customer.replied" not in names(workplace)
