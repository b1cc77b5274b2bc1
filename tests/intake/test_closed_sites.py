"""What of a site that closes, or vanished from the organisation file? (docs/decisions/0060)"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shared.policy.model import LastKnown
from shared.worktime import Calendar
from tests.intake.builders import RULES
from tests.intake.test_api_changes import names
from tests.intake.test_api_reading import registered
from tests.intake.test_api_register import BODY


def closed_from(day: date):
    sites = {name: replace(site, closed_from=day) for name, site in RULES.organisation.sites.items()}
    return replace(RULES, organisation=replace(RULES.organisation, sites=sites))


def without(name: str):
    calendar = Calendar.from_mapping({"timezone": "UTC", "weekly_hours": {"mon": [["09:00", "17:00"]]}})
    last = LastKnown(RULES.site(name), calendar, RULES.profile_of(name))
    sites = {one: site for one, site in RULES.organisation.sites.items() if one != name}
    return replace(RULES, organisation=replace(RULES.organisation, sites=sites), gone={name: last})


async def test_the_page_and_the_doors_of_a_vanished_site_go_on_and_nothing_new_comes_in(workplace):
    identifier = await registered(workplace)
    secret = workplace.links.secret("case", identifier)
    workplace.rules.append(without("sh01"))

    page = await workplace.client.get(f"/c/{identifier}/{secret}")
    read = await workplace.get(f"/complaints/{identifier}")
    withdrawn = await workplace.post(f"/complaints/{identifier}/withdraw", {"reason_code": "resolved_itself"})
    refused = await workplace.post("/complaints", BODY)

    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert (read.status_code, withdrawn.status_code) == (200, 200)
    assert (refused.status_code, refused.json()["code"]) == (422, "site-closed")


@pytest.mark.parametrize(
    ("day", "status"), [(date(2026, 3, 2), 422), (date(2000, 1, 1), 422), (date(2999, 1, 1), 201)]
)
async def test_a_site_takes_no_complaint_that_was_received_from_its_last_day_on(workplace, day, status):
    workplace.rules.append(closed_from(day))

    answer = await workplace.post("/complaints", BODY)

    assert answer.status_code == status, answer.text
    if status != 201:
        assert answer.json()["code"] == "site-closed"
        assert names(workplace) == []


async def test_a_letter_that_came_before_the_last_day_is_still_registered(workplace):
    workplace.rules.append(closed_from(date(2026, 3, 2)))

    answer = await workplace.post("/complaints", BODY | {"received_at": "2026-02-27T09:00:00+08:00"})

    assert answer.status_code == 201, answer.text


async def test_the_page_of_a_site_that_nobody_remembers_is_a_page_all_the_same(workplace):
    identifier = await registered(workplace)
    secret = workplace.links.secret("case", identifier)
    workplace.rules.append(replace(without("sh01"), gone={}))

    page = await workplace.client.get(f"/c/{identifier}/{secret}")

    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert "SH01-2026-000001" in page.text
