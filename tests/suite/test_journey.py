"""Does one complaint travel through all four services? Real processes, broker, database and mail."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from shared.messaging import parking
from shared.messaging.stream import read_pieces
from tests.suite import driving
from tests.suite.conftest import Suite
from tests.support.waiting import eventually

SERVICES = ("intake", "routing", "escalation", "surveys")


def link(suite: Suite, to: str, part: str) -> str | None:
    for mail in suite.smtp.mails:
        if to in mail.recipients:
            for found in re.findall(r"https?://\S+", mail.text):
                if part in found:
                    return found
    return None


async def follow(suite: Suite, service: str, url: str, body: dict) -> int:
    client = suite.client(service)
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    reply = await client.request("POST", path, json=body, headers={"accept": "application/json"})
    return reply.status


async def test_a_complaint_goes_from_the_first_call_to_the_verdict_on_its_handling(fast_suite):
    customer = "first@customer.example"
    complaint = await driving.register(fast_suite, customer={"name": "Fang Wang", "email": customer})
    identifier = complaint["id"]

    await driving.answered(fast_suite, identifier)
    await driving.reply(fast_suite, complaint, accepts=True)
    await driving.step(fast_suite, identifier, "fulfil")
    await driving.step(fast_suite, identifier, "close")
    await driving.until_status(fast_suite, identifier, "closed")
    await eventually(lambda: link(fast_suite, customer, "/s/"), 20)
    status = await follow(fast_suite, "surveys", link(fast_suite, customer, "/s/"), {"grade": "satisfied"})

    assert status == 201
    results = await driving.get(fast_suite, "surveys", "/invitations?limit=200", "auditor")
    mine = next(item for item in results["items"] if item["complaint_id"] == identifier)
    assert (mine["form"]["score"], mine["form"]["satisfied"]) == (80.0, True)
    clocks = await driving.get(fast_suite, "escalation", f"/complaints/{identifier}/clocks")
    assert [(c["clock"], c["state"]) for c in clocks["items"]] == [("answer", "met")]
    assert clocks["items"][0]["explanation"], "every due date explains itself"


async def test_a_refused_answer_begins_another_round_and_only_consent_closes(fast_suite):
    complaint = await driving.register(fast_suite)
    identifier = complaint["id"]
    await driving.answered(fast_suite, identifier)
    await driving.reply(fast_suite, complaint, accepts=False)
    await driving.until_status(fast_suite, identifier, "refused")

    early = await fast_suite.client("routing", "handler", person="li.na").request(
        "POST", f"/cases/{identifier}/close", json={}
    )
    await driving.step(fast_suite, identifier, "proposals", {"remedies": ["rework"]})
    await driving.step(fast_suite, identifier, "answer")
    await driving.reply(fast_suite, complaint, accepts=True, number=2)
    await driving.step(fast_suite, identifier, "fulfil")
    await driving.step(fast_suite, identifier, "close")
    await driving.until_status(fast_suite, identifier, "closed")

    assert (early.status, early.json()["code"]) == (409, "status-forbids")
    detail = await driving.get(fast_suite, "intake", f"/complaints/{identifier}")
    assert detail["round"] == 2


async def test_a_breach_reaches_a_manager_by_mail_who_acknowledges_through_the_link(fast_suite):
    complaint = await driving.register(fast_suite, kind="enquiry", category="service", type="inactivity")
    manager = "wang.lei@sh01.example"

    await eventually(lambda: link(fast_suite, manager, "/a/"), 40, what="the alert's mail")
    status = await follow(fast_suite, "escalation", link(fast_suite, manager, "/a/"), {})

    assert status in {200, 303}
    raised = await driving.get(fast_suite, "escalation", "/escalations?limit=200")
    mine = next(item for item in raised["items"] if item["complaint_id"] == complaint["id"])
    assert (mine["acknowledged_by"], mine["level"]) == ("wang.lei", 1)


async def test_without_an_answer_the_ladder_climbs_to_the_next_level(fast_suite):
    complaint = await driving.register(
        fast_suite, site="ber1", kind="enquiry", category="price", type="invoice"
    )

    async def climbed() -> bool:
        raised = await driving.get(fast_suite, "escalation", "/escalations?limit=200")
        return any(i["complaint_id"] == complaint["id"] and i["level"] >= 2 for i in raised["items"])

    await eventually(climbed, 40, what="level 2")


async def test_nothing_is_parked_and_every_event_of_the_day_can_be_replayed(fast_suite):
    complaint = await driving.register(fast_suite)
    await driving.until_status(fast_suite, complaint["id"], "assigned")
    await driving.quiet(fast_suite)

    bodies = [piece.body async for piece in read_pieces(fast_suite.amqp_url)]

    assert [await parking.count(fast_suite.amqp_url, service) for service in SERVICES] == [0, 0, 0, 0]
    told = {kind for body in bodies if complaint["id"].encode() in body for kind in _type(body)}
    assert {"complaint.registered.v1", "complaint.assigned.v1", "clock.started.v1"} <= told


def _type(body: bytes) -> list[str]:
    return [json.loads(body)["type"]]


async def test_nothing_personal_leaves_the_doors_in_the_open(fast_suite):
    words = ("Zhuge Liang", "zhuge@customer.example", "+86 21 0000 7777", "dragon in the coil")
    complaint = await driving.register(
        fast_suite,
        customer={"name": words[0], "email": words[1], "phone": words[2]},
        narrative=f"There is a {words[3]}.",
    )
    await driving.answered(fast_suite, complaint["id"])
    await driving.until_status(fast_suite, complaint["id"], "answered")
    await driving.quiet(fast_suite)

    bodies = b"".join([piece.body async for piece in read_pieces(fast_suite.amqp_url)])
    figures = b"".join([(await fast_suite.client(s).request("GET", "/metrics")).body for s in SERVICES])
    stored = "".join([await driving.asked(fast_suite, s, _EVERYTHING[s]) or "" for s in SERVICES])

    seen = await driving.get(fast_suite, "intake", f"/complaints/{complaint['id']}", "handler")
    assert seen["personal"]["name"] == words[0], "who may see it does"
    for word in words:
        for place, text in (
            ("stream", bodies.decode()), ("metrics", figures.decode()), ("tables", stored), ("logs", fast_suite.log_text()),
        ):  # fmt: skip
            assert word not in text, f"{word} stands in the open in the {place}"


_EVERYTHING = {
    "intake": "SELECT string_agg(state::text, '') FROM complaints",
    "routing": "SELECT string_agg(state::text, '') FROM cases",
    "escalation": "SELECT string_agg(state::text, '') FROM sheets",
    "surveys": "SELECT string_agg(state::text, '') FROM invitations",
}


async def test_every_service_says_truthfully_that_it_is_ready_and_documents_itself(fast_suite):
    for service in SERVICES:
        client = fast_suite.client(service)
        assert (await client.request("GET", "/healthz")).status == 200
        ready = (await client.request("GET", "/readyz")).json()
        assert (ready["status"], ready["problems"], ready["backlog"].keys()) == (
            "ready",
            {},
            {"live", "bulk"},
        )
        assert (await client.request("GET", "/openapi.json")).json()["paths"]
        assert (await client.request("GET", "/asyncapi")).json()["asyncapi"] == "3.0.0"
        assert b"kesu_outbox_pending" in (await client.request("GET", "/metrics")).body
