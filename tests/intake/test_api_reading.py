"""Who sees what of the register?"""

from __future__ import annotations

import pytest

from tests.intake.builders import (
    TO_ANSWERED,
    assigned,
    clock_started,
    survey_answered,
)
from tests.intake.test_api_register import BODY


async def registered(place, **change) -> str:
    answer = await place.post("/complaints", BODY | change)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_a_complaint_is_found_by_id_and_by_number(workplace):
    identifier = await registered(workplace)

    by_id = await workplace.get(f"/complaints/{identifier}")
    by_number = await workplace.get("/complaints/sh01-2026-000001")

    assert by_id.json() == by_number.json()
    assert by_id.json()["personal"]["name"] == "王芳"
    assert by_id.json()["claimed"] == {"amount": "12.50", "currency": "CNY"}


@pytest.mark.parametrize(
    "reference", ["SH01-2026-999999", "nonsense", "01951111-0000-7000-8000-000000000009"]
)
async def test_what_does_not_exist_is_not_found(workplace, reference):
    answer = await workplace.get(f"/complaints/{reference}")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-complaint")


async def test_an_auditor_sees_the_facts_and_not_the_person(workplace):
    identifier = await registered(workplace)

    audited = await workplace.get(f"/complaints/{identifier}", who=workplace.token("auditor"))
    sealed = await workplace.get(f"/complaints/{identifier}", sealed="true")

    assert audited.json()["personal"] is None
    assert sealed.json()["personal"] is None
    assert "王芳" not in audited.text


async def test_other_sites_and_departments_stay_closed(workplace):
    identifier = await registered(workplace)
    await workplace.hears(identifier, assigned("quality"))

    abroad = await workplace.get(f"/complaints/{identifier}", who=workplace.token(sites=("ber1",)))
    sales = await workplace.get(f"/complaints/{identifier}", who=workplace.token(departments=("sales",)))
    quality = await workplace.get(f"/complaints/{identifier}", who=workplace.token(departments=("quality",)))

    assert [a.status_code for a in (abroad, sales, quality)] == [403, 403, 200]


async def test_the_list_shows_newest_first_and_pages_without_gaps(workplace):
    made = [await registered(workplace) for _ in range(5)]

    first = (await workplace.get("/complaints", limit=2)).json()
    second = (await workplace.get("/complaints", limit=2, after=first["next"])).json()
    third = (await workplace.get("/complaints", limit=2, after=second["next"])).json()

    shown = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert shown == made[::-1]
    assert third["next"] is None


async def test_the_list_keeps_to_filters_and_scope(workplace):
    here = await registered(workplace)
    there = await registered(workplace, site="ber1", channel="email", kind="enquiry")
    await workplace.hears(here, assigned("quality"))

    async def shown(who=None, **filters):
        answer = await workplace.get("/complaints", who=who, **filters)
        return [item["id"] for item in answer.json()["items"]]

    assert await shown(site="ber1") == [there]
    assert await shown(status="assigned") == [here]
    assert await shown(kind="enquiry") == await shown(channel="email") == [there]
    assert await shown(department="quality") == [here]
    assert await shown(received_to="2020-01-01T00:00:00Z") == []
    assert await shown(received_from="2020-01-01T00:00:00Z") == [there, here]
    assert await shown(workplace.token(sites=("sh01",))) == [here]
    assert await shown(workplace.token(departments=("sales",))) == []


async def test_the_register_follows_what_the_other_services_tell(workplace):
    identifier = await registered(workplace)
    await workplace.hears(identifier, *TO_ANSWERED)
    await workplace.hears(identifier, clock_started())
    await workplace.hears(identifier, survey_answered(60))

    found = (await workplace.get(f"/complaints/{identifier}")).json()
    history = (await workplace.get(f"/complaints/{identifier}/history")).json()["items"]

    assert (found["status"], found["department"], found["survey"]["score"]) == ("answered", "quality", 60)
    assert found["due_at"] == found["clocks"]["answer"]["due_at"]
    assert history[0]["what"] == "complaint.registered"
    assert len(history) == 1 + len(TO_ANSWERED) + 2
    assert "王芳" not in str(history)


@pytest.mark.parametrize("name", ["received_from", "received_to"])
@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-28"])
async def test_a_date_at_the_edge_of_the_calendar_is_refused_by_its_name(workplace, name, edge):
    answer = await workplace.get("/complaints", **{name: edge})

    assert (answer.status_code, name in answer.text) == (422, True)


async def test_a_filter_that_nobody_reads_is_refused(workplace):
    answer = await workplace.get("/complaints", recieved_from="2026-11-28T00:00:00Z")

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-parameter")
    assert "received_from" in answer.json()["remedy"]
