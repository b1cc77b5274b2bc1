"""What do the doors of routing let in, and what do they show?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from services.routing.api import steps
from shared.events.intake import Product
from shared.lifecycle import Status
from shared.policy.model import Workload
from tests.routing.builders import COMPLAINT, NUMBER, RULES, registered, replied
from tests.routing.test_store import a_few_cases

MONEY = {"amount": "120.50", "currency": "EUR"}
FOUND = {"liability": "own", "valid": True, "cause_code": "worn-tool"}
PATHS = {
    "accept",
    "investigation",
    "proposals",
    "approvals",
    "answer",
    "fulfil",
    "close",
    "pause",
    "resume",
    "reassign",
    "reclassify",
    "confirm",
    "visits",
    "mode",
    "reviews",
    "recusals",
    "goods",
    "appointments",
    "sheets",
}


async def post(place, path: str, body: object = None, *, who=None, case=COMPLAINT):
    headers = place.token() if who is None else who
    return await place.client.post(f"/cases/{case}/{path}", json=body, headers=headers)


def director(place):
    return place.token("zhao", "director")


def test_every_step_of_the_architecture_has_a_door():
    assert {*steps.PLAIN, *steps.ORDERS} == PATHS


async def test_a_case_goes_from_registration_to_its_end(workplace):
    await workplace.hears(registered())
    steps_taken = [
        await post(workplace, "accept"),
        await post(workplace, "investigation", FOUND),
        await post(workplace, "proposals", {"remedies": ["refund"], "compensation": MONEY}),
        await post(workplace, "approvals", {"proposal": 1, "decision": "approve"}, who=director(workplace)),
        await post(workplace, "answer", {"form": "written"}),
    ]
    await workplace.hears(replied(), sequence=2)
    steps_taken += [await post(workplace, "fulfil"), await post(workplace, "close")]

    assert [answer.status_code for answer in steps_taken] == [200] * 7, steps_taken[-1].text
    last = steps_taken[-1].json()
    assert (last["status"], last["agreed_round"]) == (Status.CLOSED, 1)
    assert last["proposals"][0]["compensation"] == MONEY
    assert [event.type.removesuffix(".v1") for event in workplace.told] == [
        "complaint.assigned",
        "complaint.accepted",
        "complaint.investigated",
        "resolution.proposed",
        "resolution.approved",
        "resolution.answered",
        "resolution.fulfilled",
        "complaint.closed",
    ]
    assert [notice.template for notice in workplace.notices] == ["answer-apology", "complaint-closed"]


async def test_a_case_is_shown_by_id_and_by_number_and_nothing_sealed_with_it(workplace):
    await workplace.hears(registered())

    by_id = await workplace.client.get(f"/cases/{COMPLAINT}", headers=workplace.token())
    by_number = await workplace.client.get(f"/cases/{NUMBER}", headers=workplace.token())

    assert by_id.json() == by_number.json()
    assert by_id.json()["placement"]["rule"] == "rest"
    assert "sealed" not in by_id.text


async def test_a_step_finds_the_case_by_its_number(workplace):
    await workplace.hears(registered())

    assert (await post(workplace, "accept", case=NUMBER)).json()["status"] == "accepted"


async def test_a_wrong_status_is_a_conflict_with_what_is_possible(workplace):
    await workplace.hears(registered())

    answer = await post(workplace, "close")

    assert answer.status_code == 409
    assert answer.json()["code"] == "status-forbids"
    assert "complaint.accepted" in answer.json()["remedy"]


@pytest.mark.parametrize("case", [COMPLAINT, NUMBER])
async def test_a_case_that_is_not_there_is_not_found(workplace, case):
    answer = await post(workplace, "accept", case=case)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-case")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("investigation", {**FOUND, "liability": "nobody"}, "liability"),
        ("investigation", {**FOUND, "cause_code": "two words"}, "cause_code"),
        ("proposals", {"remedies": []}, "remedies"),
        ("proposals", {"remedies": ["r"], "compensation": {**MONEY, "amount": "-1"}}, "compensation.amount"),
        ("proposals", {"remedies": ["r"], "compensation": {**MONEY, "amount": "NaN"}}, "compensation.amount"),
        (
            "proposals",
            {"remedies": ["r"], "compensation": {**MONEY, "currency": "euro"}},
            "compensation.currency",
        ),
        ("approvals", {"proposal": 1, "decision": "reject"}, "body"),
        ("answer", {"form": "telepathy"}, "form"),
        ("pause", {"reason": "parts"}, "waiting_for"),
        ("reclassify", {"kind": "complaint", "category": "a\x00b", "type": "t"}, "category"),
        ("reassign", {"department": "quality", "reason": "why", "hurry": True}, "hurry"),
    ],
)
async def test_a_bad_body_is_refused_with_its_field(workplace, path, body, field):
    await workplace.hears(registered())

    answer = await post(workplace, path, body)

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == ("invalid-body", field)


async def test_doors_need_a_token_a_role_and_a_scope(workplace):
    await workplace.hears(registered())
    outsiders = {
        401: {"Authorization": "Bearer nonsense"},
        403: workplace.token("eve", "auditor"),
    }

    found = {
        status: (await post(workplace, "accept", who=who)).status_code for status, who in outsiders.items()
    }
    elsewhere = await post(workplace, "accept", who=workplace.token(sites=("by02",)))

    assert found == {401: 401, 403: 403}
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "out-of-scope")


async def test_a_person_complained_about_sees_nothing_of_the_case(workplace):
    await workplace.hears(registered(accused_refs=("chen",)))

    one = await workplace.client.get(f"/cases/{COMPLAINT}", headers=workplace.token("chen"))
    many = await workplace.client.get("/cases", headers=workplace.token("chen"))

    assert one.status_code == 403
    assert many.json()["items"] == []


async def test_lists_page_and_filter(workplace):
    ids = [str(one) for one in await a_few_cases(workplace)]

    async def listed(**query):
        answer = await workplace.client.get("/cases", params=query, headers=workplace.token())
        assert answer.status_code == 200, answer.text
        return answer.json()

    first = await listed(limit=3)
    rest = await listed(limit=3, after=first["next"])
    billing = await listed(department="billing", status="assigned")

    assert [item["complaint_id"] for item in [*first["items"], *rest["items"]]] == ids
    assert rest["next"] is None
    assert {item["department"] for item in billing["items"]} == {"billing"}


async def test_a_list_of_a_department_out_of_scope_is_refused(workplace):
    answer = await workplace.client.get(
        "/cases", params={"department": "quality"}, headers=workplace.token(departments=("sales",))
    )

    assert (answer.status_code, answer.json()["field"]) == (403, "department")


async def test_the_same_key_takes_a_step_once(workplace):
    await workplace.hears(registered())
    headers = workplace.token() | {"Idempotency-Key": "one"}

    first = await post(workplace, "accept", who=headers)
    again = await post(workplace, "accept", who=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert [event.type for event in workplace.told].count("complaint.accepted.v1") == 1


async def explain(place, **given):
    body = {"site": "sh01", "category": "quality", "type": "defect", **given}
    return await place.client.post("/explain", json=body, headers=place.token())


async def test_explain_names_the_rule_and_what_stood_below_it(workplace):
    found = (await explain(workplace, flags={"safety": True})).json()

    assert (found["rule"], found["department"], found["severity"]) == ("safety", "quality", "critical")
    assert found["assistants"] == ["sales"]
    assert found["policy_version"] == "policy-1"
    assert found["alternatives"] == [{"rule": "rest", "department": "sales"}]


async def test_explain_names_the_person_and_why_not_the_others(workplace):
    workplace.rules.append(RULES.with_workload(Workload({"chen": 2, "li": 1, "zhou": 3})))

    found = (await explain(workplace, category="quality", language="zh")).json()

    assert found["assignee"] == "li"
    assert {one["person"]: one["why"] for one in found["passed_over"]} == {"chen": "busier", "zhou": "busier"}
    assert found["organisation_version"] == RULES.organisation.version


async def test_explain_says_why_the_triage_desk_would_get_it(workplace):
    found = (await explain(workplace, category="refund", accused_refs=["sun"])).json()

    assert (found["rule"], found["reason"]) == ("triage-desk", "nobody-present")


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [({"site": "moon"}, 422, "site"), ({"flags": {"saftey": True}}, 422, "flags.saftey")],
)
async def test_explain_refuses_what_it_does_not_know(workplace, given, status, field):
    answer = await explain(workplace, **given)

    assert (answer.status_code, answer.json()["field"]) == (status, field)


async def test_the_openapi_document_can_be_written(workplace):
    app = FastAPI()
    for make in (steps.router,):
        app.include_router(make(workplace_desk()))

    assert set(app.openapi()["paths"]) == {f"/cases/{{identifier}}/{path}" for path in PATHS}


def workplace_desk():
    class NoDesk:
        def sender(self, *roles):
            return lambda: None

    return NoDesk()


async def test_the_goods_are_described_and_a_later_date_agreed_through_the_doors(workplace):
    """C-15, DSP-23: what a proposal depends on is recorded where the handler works."""
    await workplace.hears(registered(product=Product(sold_on="2026-01-05")))
    bad = await post(workplace, "goods", {"phase": "on-the-way"})
    goods = {"covered_until": "2026-12-31", "proof": True, "paid": {"amount": "10", "currency": "CNY"}}
    seen = (await post(workplace, "goods", goods)).json()
    for path, body in (
        ("accept", None),
        ("investigation", FOUND),
        ("proposals", {"remedies": ["rework"], "impossible": ["refund"], "reason_code": "not-paid-yet"}),
        ("answer", {}),
    ):
        last = await post(workplace, path, body)
        assert last.status_code == 200, last.text
    early = await post(workplace, "appointments", {"on": "2026-03-09", "reason_code": "sold-out"})
    await workplace.hears(replied(), sequence=2)
    agreed = await post(workplace, "appointments", {"on": "2026-03-09", "reason_code": "sold-out"})

    assert (bad.status_code, early.status_code) == (422, 409)
    assert (seen["warranty"], seen["goods"]["sold_on"], seen["goods"]["paid"]["amount"]) == (
        "within", "2026-01-05", "10",
    )  # fmt: skip
    assert last.json()["proposals"][0]["impossible"] == ["refund"]
    assert [one["on"] for one in agreed.json()["appointments"]] == ["2026-03-09"]
    assert agreed.json()["unsignable_since"] is None


@pytest.mark.parametrize("received_at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
async def test_a_case_with_a_date_at_the_edge_of_the_calendar_is_shown(workplace, received_at):
    await workplace.hears(registered(received_at=received_at, sealed=None))

    case = await workplace.client.get(f"/cases/{COMPLAINT}", headers=workplace.token())
    sheet = await workplace.client.get(
        f"/cases/{COMPLAINT}/documents/handling-sheet", headers=workplace.token()
    )

    assert (case.status_code, sheet.status_code) == (200, 200), sheet.text
    assert case.json()["received_at"][:4] in {"9999", "0001"}


@pytest.mark.parametrize("path", ["/cases?departement=sales", "/actions?status=open"])
async def test_a_filter_that_nobody_reads_is_refused(workplace, path):
    answer = await workplace.client.get(path, headers=workplace.token())

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-parameter")
