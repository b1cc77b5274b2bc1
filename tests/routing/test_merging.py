"""Does the case of a duplicate end, whatever the desk did in the meantime?"""

from __future__ import annotations

from uuid import UUID

import pytest

from shared.errors import Conflict
from shared.events.intake import ComplaintMerged
from shared.lifecycle import Status
from tests.routing.builders import (
    NOW,
    NUMBER,
    an_accepted_case,
    an_agreed_case,
    an_answered_case,
    an_assigned_case,
    hear,
    reopened,
)

MERGED = ComplaintMerged(
    complaint_no=NUMBER,
    at=NOW,
    by="chen",
    reason_code="duplicate",
    into_id=UUID("01951111-0000-7000-8000-0000000000ff"),
    into_no="SH01-2026-000009",
)


@pytest.mark.parametrize("case", [an_assigned_case, an_accepted_case, an_answered_case])
def test_the_case_of_a_duplicate_ends_and_nobody_is_asked(case):
    decision = hear(case(), MERGED)

    assert decision.state.status is Status.MERGED
    assert decision.state.has_ended
    assert (decision.tells, decision.notices) == ((), ()), "no complaint.closed, so no survey"


def test_the_same_merging_twice_changes_nothing():
    merged = hear(an_accepted_case(), MERGED).state

    assert hear(merged, MERGED).state is merged


def test_after_the_customers_reply_it_contradicts_its_own_order():
    with pytest.raises(Conflict, match="status-forbids"):
        hear(an_agreed_case(), MERGED)


def test_what_was_merged_by_mistake_gets_a_case_again():
    again = hear(hear(an_accepted_case(), MERGED).state, reopened())

    assert not again.state.has_ended
