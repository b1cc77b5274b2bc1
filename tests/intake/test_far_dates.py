"""Does a date at the edge of the calendar break no page, and does none come in any more?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.intake.domain.complaint import ClockState, ClockView
from services.intake.pages.views import Continued, case_page
from shared.lifecycle import Status
from shared.worktime.local_time import local
from tests.intake.builders import NOW, RULES, a_complaint
from tests.intake.test_api_imports import ROW, imported
from tests.intake.test_api_reading import registered

LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
FAR = [
    LAST,
    LAST.replace(tzinfo=timezone(timedelta(hours=-14))),
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
]
SITES = ["sh01", "ber1"]


@pytest.mark.parametrize("moment", FAR)
@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_a_date_that_was_kept_before(site, moment, language):
    clock = {"answer": ClockView(moment, ClockState.RUNNING, 1)}
    for complaint in (
        a_complaint(promised_at=moment),
        a_complaint(clocks=clock),
        a_complaint(received_at=moment),
    ):
        assert f"{moment:%m-%d}" in case_page(complaint, RULES.site(site), language=language)
        merged = replace(complaint, status=Status.MERGED)
        other = Continued(a_complaint(promised_at=moment))
        assert case_page(merged, RULES.site(site), language=language, continued=other)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("moment", FAR)
def test_every_moment_has_a_local_time(moment, zone):
    shown = local(moment, ZoneInfo(zone)).replace(tzinfo=None)

    assert abs(shown - moment.replace(tzinfo=None)) <= timedelta(days=1.2)


def test_an_ordinary_moment_is_the_sites_own():
    assert local(NOW, ZoneInfo("Asia/Shanghai")) == NOW
    assert local(NOW, ZoneInfo("Asia/Shanghai")).utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "promised", ["9999-12-31T00:00:00Z", "9999-12-31T23:59:59-14:00", "2150-01-01T00:00:00Z"]
)
async def test_nobody_is_promised_the_end_of_the_calendar(workplace, promised):
    identifier = await registered(workplace)

    answer = await workplace.post(f"/complaints/{identifier}/acknowledge", {"promised_at": promised})

    assert (answer.status_code, answer.json()["code"]) == (422, "promised-out-of-reach")
    secret = workplace.links.secret("case", UUID(identifier))
    assert (await workplace.client.get(f"/c/{identifier}/{secret}")).status_code == 200


@pytest.mark.parametrize("due", ["9999-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00"])
async def test_an_imported_due_date_that_is_a_placeholder_is_refused_with_its_row(workplace, due):
    answer = await imported(workplace, ROW | {"due_at": due}, ROW | {"row": 3, "ref": "good"})

    bad, good = answer.json()["results"]
    assert (bad["status"], bad["code"], bad["field"]) == ("rejected", "promised-out-of-reach", "due_at")
    assert good["status"] == "registered"
