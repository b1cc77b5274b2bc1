"""What does the register's door let in, and what does it answer?"""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from tests.intake.builders import NOW
from tests.shared.test_addresses import INJECTED

BODY = {
    "site": "sh01",
    "kind": "complaint",
    "category": "product-quality",
    "type": "defect",
    "channel": "phone",
    "customer": {"name": "王芳", "email": "Wang.Fang@Customer.example", "phone": "+86 21 0000 1234"},
    "narrative": "水壶漏水。",
    "claimed": {"amount": "12.50", "currency": "CNY"},
    "flags": {"safety": True},
}


def without(name: str) -> dict:
    return {key: value for key, value in BODY.items() if key != name}


async def test_a_registered_complaint_answers_with_its_number_and_links(workplace):
    answer = await workplace.post("/complaints", BODY)

    found = answer.json()
    assert answer.status_code == 201
    assert (found["complaint_no"], found["status"]) == ("SH01-2026-000001", "registered")
    assert answer.headers["location"] == found["links"]["self"] == f"/complaints/{found['id']}"
    secret = workplace.links.secret("case", UUID(found["id"]))
    assert found["links"]["customer"] == f"/c/{found['id']}/{secret}"


async def test_the_event_tells_facts_in_the_open_and_the_person_sealed(workplace):
    await workplace.post("/complaints", BODY)

    (event,) = workplace.told
    told = event.data.to_json().decode()
    assert "王芳" not in told
    assert "customer.example" not in told.lower()
    opened = workplace.sealer.open(event.data.sealed, about=event.subject)
    assert (opened["name"], opened["narrative"]) == ("王芳", "水壶漏水。")
    assert event.data.customer_ref == workplace.sealer.pseudonym("wang.fang@customer.example")


async def test_the_event_tells_what_rules_may_ask_product_line_grade_and_claim(workplace):
    body = BODY | {"product": {"name": "elbow", "line": "pipe"}, "customer": {"name": "王芳", "grade": "key"}}
    identifier = (await workplace.post("/complaints", body)).json()["id"]
    await workplace.post(f"/complaints/{identifier}/amend", {"product": {"line": "plate"}})

    registered, *_ = (event.data for event in workplace.told)
    assert (registered.product.line, registered.customer_grade) == ("pipe", "key")
    assert (str(registered.claimed.amount), registered.claimed.currency) == ("12.50", "CNY")


async def test_the_customer_is_told_by_mail(workplace):
    answer = await workplace.post("/complaints", BODY)

    (notice,) = workplace.notices
    assert notice.values == {
        "complaint_no": "SH01-2026-000001",
        "link": f"case:{answer.json()['id']}",
    }


async def test_numbers_have_no_gap_though_some_were_refused(workplace):
    bodies = [BODY, BODY | {"kind": "praise"}, BODY, BODY | {"site": "mars"}, BODY]

    answers = await asyncio.gather(*(workplace.post("/complaints", body) for body in bodies))

    numbers = sorted(a.json()["complaint_no"] for a in answers if a.status_code == 201)
    assert numbers == [f"SH01-2026-{n:06d}" for n in (1, 2, 3)]


async def test_the_same_idempotency_key_registers_once(workplace):
    first = await workplace.post("/complaints", BODY, Idempotency_Key="k-1")
    second = await workplace.post("/complaints", BODY, Idempotency_Key="k-1")
    other = await workplace.post("/complaints", without("narrative"), Idempotency_Key="k-1")

    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(workplace.told) == 1


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"site": "mars"}, 422, "unknown-site", "site"),
        ({"kind": "praise"}, 422, "unknown-kind", "kind"),
        ({"kind": "nonsense"}, 422, "invalid-body", "kind"),
        ({"received_at": "2030-01-01T00:00:00Z"}, 422, "received-in-future", "received_at"),
        ({"received_at": "2026-01-01T00:00:00"}, 422, "invalid-body", "received_at"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, 422, "received-too-long-ago", "received_at"),
        ({"received_at": "9999-12-31T23:59:59-12:00"}, 422, "received-in-future", "received_at"),
        ({"narrative": "a\x00b"}, 422, "invalid-body", "narrative"),
        ({"claimed": {"amount": "-1", "currency": "EUR"}}, 422, "invalid-body", "claimed.amount"),
        ({"claimed": {"amount": "NaN", "currency": "EUR"}}, 422, "invalid-body", "claimed.amount"),
        ({"customer": {"email": "not an address"}}, 422, "invalid-body", "customer.email"),
        ({"customer": {"email": "form://u@127.0.0.1:9/x.y"}}, 422, "invalid-body", "customer.email"),
        ({"nmae": "typo"}, 422, "invalid-body", "nmae"),
        ({"category": ""}, 422, "invalid-body", "category"),
    ],
)
async def test_bad_input_answers_with_a_code_and_the_field(workplace, change, status, code, field):
    answer = await workplace.post("/complaints", BODY | change)

    found = answer.json()
    assert (answer.status_code, found["code"], found["field"]) == (status, code, field)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("email", INJECTED)
@pytest.mark.parametrize("door", ["register", "amend", "import"])
async def test_what_is_not_one_mailbox_comes_in_by_no_door(workplace, door, email):
    customer = {"customer": {"email": email}}
    if door == "register":
        answer = await workplace.post("/complaints", BODY | customer)
        status, field = answer.status_code, answer.json()["field"]
    elif door == "amend":
        identifier = (await workplace.post("/complaints", BODY)).json()["id"]
        answer = await workplace.post(f"/complaints/{identifier}/amend", customer)
        status, field = answer.status_code, answer.json()["field"]
    else:
        row = BODY | customer | {"row": 2, "ref": "1", "received_at": "2024-01-01T00:00:00Z"}
        answer = await workplace.post("/imports", {"source": "old", "rows": [row]})
        (result,) = answer.json()["results"]
        status, field = {"rejected": 422}[result["status"]], result["field"]

    assert (status, field) == (422, "customer.email")


async def test_a_domain_is_kept_in_the_customers_own_script(workplace):
    body = BODY | {"customer": {"email": "info@XN--MLLER-KVA.example"}}

    await workplace.post("/complaints", body)

    (event,) = workplace.told
    assert workplace.sealer.open(event.data.sealed, about=event.subject)["email"] == "info@müller.example"


async def test_what_is_not_json_is_refused(workplace):
    headers = workplace.token() | {"content-type": "application/json"}
    answer = await workplace.client.post("/complaints", content=b"{oops", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json")


async def test_without_a_token_role_or_scope_nothing_is_registered(workplace):
    nobody = await workplace.post("/complaints", BODY, who={})
    auditor = await workplace.post("/complaints", BODY, who=workplace.token("auditor"))
    elsewhere = await workplace.post("/complaints", BODY, who=workplace.token("agent", sites=("ber1",)))

    assert [a.status_code for a in (nobody, auditor, elsewhere)] == [401, 403, 403]
    assert workplace.told == []


async def test_complaints_that_arrive_together_share_commits(workplace):
    await asyncio.gather(*(workplace.post("/complaints", BODY) for _ in range(20)))

    assert len(workplace.told) == 20
    assert len(workplace.commits) <= 10


async def test_what_simulate_makes_up_is_accepted(workplace):
    from shared.cli.simulate import simulate  # Others ask this file for BODY: they need not wait for Typer.

    bodies = [b for b in simulate(7, 60) if b["kind"] in ("complaint", "enquiry")]

    answers = await asyncio.gather(*(workplace.post("/complaints", body) for body in bodies))

    assert {a.status_code for a in answers} == {201}, [a.text for a in answers if a.status_code != 201]


async def test_a_date_given_is_kept_and_a_date_left_out_is_now(workplace):
    early = await workplace.post("/complaints", BODY | {"received_at": "2026-02-27T17:00:00+08:00"})
    now = await workplace.post("/complaints", BODY)

    assert early.json()["received_at"].startswith("2026-02-27T")
    assert now.json()["received_at"] == NOW.isoformat()
