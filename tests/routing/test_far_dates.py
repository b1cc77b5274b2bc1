"""Does a date at the edge of the calendar break no paper and no notice of routing?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.routing.domain.appointing import day_at
from services.routing.pages.wording import wording
from tests.routing.builders import RULES, an_assigned_case

LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_paper_shows_the_date(language):
    words = wording(an_assigned_case(received_at=LAST), RULES, language)

    assert words.moment(LAST).startswith("9999-12-31")
    assert "9999" in words.day(LAST)


def test_a_day_far_off_is_a_day_at_the_site():
    assert day_at(an_assigned_case(), LAST, RULES).year == 9999
