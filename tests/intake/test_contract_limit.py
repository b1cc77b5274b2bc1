"""Is the customer's own time limit noted and flagged, and nothing refused for it in silence? (SLA-19)"""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.domain.complaint import Link
from services.intake.domain.objecting import is_late
from services.intake.handlers.decline_complaint import DeclineComplaint
from services.intake.handlers.note_contract import NoteContract
from shared.errors import Conflict, Rejected
from shared.lifecycle import Status
from tests.intake.builders import AGENT, COMPLAINT, NOW, a_complaint, do, done
from tests.intake.test_api_reading import registered

DECLINE = DeclineComplaint(COMPLAINT, AGENT, "late")


def limit(days: float, clause="contract-7.2") -> NoteContract:
    return NoteContract(COMPLAINT, AGENT, NOW + timedelta(days=days), clause)


@pytest.mark.parametrize(("days", "late"), [(-1, True), (1, False)])
def test_sla_19_the_limit_is_recorded_with_its_clause_and_whether_it_was_kept(days, late):
    decision = do(a_complaint(Status.ACCEPTED), limit(days))

    assert decision.state.status is Status.ACCEPTED, "in time or not, it goes on"
    assert is_late(decision.state) is late
    line = decision.state.history[-1]
    assert (line.facts["clause"], line.facts["raised"]) == ("contract-7.2", "late" if late else "in-time")
    assert decision.tells[0].changed == ("objection_until",)
    assert do(decision.state, limit(days)).tells == (), "twice changes nothing"


def test_sla_19_what_came_too_late_is_declined_only_by_a_person_with_the_reason_told():
    late = done(a_complaint(sealed="s", reachable=True), limit(-1))

    declined = do(late, DECLINE)

    assert declined.state.status is Status.DECLINED
    assert declined.notices[0].values["reason"] == "late"


def test_c_10_what_was_raised_in_time_is_not_declined_as_late():
    in_time = done(a_complaint(), limit(1))

    with pytest.raises(Rejected, match="not-late"):
        do(in_time, DECLINE)
    other = DeclineComplaint(COMPLAINT, AGENT, "agreed-beforehand")
    assert done(in_time, other).status is Status.DECLINED
    assert done(a_complaint(), DECLINE).status is Status.DECLINED, "without a limit on record people judge"


def test_a_duplicate_that_was_raised_in_time_counts():
    earlier = Link(COMPLAINT, "SH01-2026-000009", NOW - timedelta(days=9))

    assert is_late(done(a_complaint(absorbed=(earlier,)), limit(-5))) is False


def test_nothing_is_noted_about_what_has_ended():
    with pytest.raises(Conflict, match="status-forbids"):
        do(a_complaint(Status.CLOSED), limit(1))


async def test_the_desk_notes_it_and_reads_the_flag(workplace):
    identifier = await registered(workplace)
    body = {"until": "2026-01-31T00:00:00+08:00", "clause": "contract-7.2"}

    before = (await workplace.get(f"/complaints/{identifier}")).json()
    answer = await workplace.post(f"/complaints/{identifier}/contract-limit", body)
    after = (await workplace.get(f"/complaints/{identifier}")).json()

    assert (before["objection_until"], before["objection_late"]) == (None, None)
    assert (answer.status_code, answer.json()["late"]) == (200, True)
    assert (after["status"], after["objection_late"]) == ("registered", True)
