"""Do letters reach the right customer, and does the desk hear when they do not? Real processes, broker and mail."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.suite import driving
from tests.suite.conftest import Suite
from tests.support.waiting import eventually


def subjects(suite: Suite, to: str) -> list[str]:
    return [mail.subject for mail in suite.smtp.mails if to in mail.recipients]


async def change(suite: Suite, complaint: str, name: str, body: dict[str, Any]) -> None:
    client = suite.client("intake", "handler")
    reply = await client.request("POST", f"/complaints/{complaint}/{name}", json=body)
    assert reply.status == 200, reply.body


async def failures(suite: Suite, complaint: str) -> list[dict[str, str]]:
    found = await driving.get(suite, "intake", f"/complaints/{complaint}/history")
    return [line["facts"] | {"by": line["by"]} for line in found["items"] if line["what"] == "letter.failed"]


def desk_told(suite: Suite, complaint_no: str, words: str) -> bool:
    return any(complaint_no in mail.subject and words in mail.subject for mail in suite.smtp.mails)


async def test_a_url_as_an_address_comes_in_by_no_door_and_calls_nobody(fast_suite):
    called: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        email = f"form://u:p@127.0.0.1:{port}/internal/delete.x?method=DELETE"
        body = driving.a_complaint(customer={"name": "X", "email": email})
        reply = await fast_suite.client("intake", "agent").request("POST", "/complaints", json=body)

        assert reply.status == 422
        assert reply.json()["field"] == "customer.email"
        assert not called


async def test_the_desk_hears_at_once_of_an_address_that_no_letter_can_go_to(fast_suite):
    complaint = await driving.register(fast_suite, customer={"name": "Jörg", "email": "jörg@müller.example"})

    async def known() -> bool:
        return bool(await failures(fast_suite, complaint["id"]))

    await eventually(known, 30)
    (failure,) = await failures(fast_suite, complaint["id"])
    assert (failure["failure"], failure["letter"], failure["by"]) == (
        "undeliverable",
        "complaint-acknowledged",
        "intake",
    )
    assert "SMTPUTF8" in failure["detail"]
    number = complaint["complaint_no"]
    await eventually(
        lambda: (
            desk_told(fast_suite, number, "无法通过邮件")
            or desk_told(fast_suite, number, "cannot be reached")
        ),
        30,
    )

    await change(fast_suite, complaint["id"], "amend", {"customer": {"email": "joerg@müller.example"}})
    await eventually(lambda: subjects(fast_suite, "joerg@xn--mller-kva.example"), 30)


async def test_letters_of_all_services_that_went_to_a_stranger_are_in_the_history(fast_suite):
    complaint = await driving.register(fast_suite, customer={"name": "Yara", "email": "max@wrong.example"})
    identifier = complaint["id"]
    await driving.answered(fast_suite, identifier)
    await eventually(lambda: len(subjects(fast_suite, "max@wrong.example")) == 2, 30)

    await change(fast_suite, identifier, "amend", {"customer": {"email": "yara@right.example"}})

    async def both() -> bool:
        return len(await failures(fast_suite, identifier)) == 2

    await eventually(both, 40)
    found = await failures(fast_suite, identifier)
    assert {(one["failure"], one["by"]) for one in found} == {
        ("wrong-contact", "intake"),
        ("wrong-contact", "routing"),
    }
    await driving.reply(fast_suite, complaint, accepts=True)
    await driving.step(fast_suite, identifier, "fulfil")
    await driving.step(fast_suite, identifier, "close")
    await eventually(lambda: len(subjects(fast_suite, "yara@right.example")) >= 2, 40)  # closing and survey
    assert len(subjects(fast_suite, "max@wrong.example")) == 2
    assert "right.example" not in fast_suite.log_text()


async def test_every_customer_of_a_chain_of_mergers_hears_of_the_answer(fast_suite):
    ends = ["one@chain.example", "two@chain.example", "three@chain.example"]
    one, two, three = [
        await driving.register(fast_suite, customer={"name": "N", "email": email}, language="en")
        for email in ends
    ]
    await change(fast_suite, one["id"], "merge", {"into": two["id"]})
    await change(fast_suite, two["id"], "merge", {"into": three["id"]})

    await driving.answered(fast_suite, three["id"])

    for complaint, email in zip((one, two, three), ends, strict=True):
        wanted = f"Our answer to your message {complaint['complaint_no']}"
        await eventually(lambda e=email, w=wanted: w in subjects(fast_suite, e), 40, what=email)
