"""Does every step of a periodic survey count from its own zero point, and is somebody told who is late?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from services.surveys.domain.timetable import Round, plan_named, reached, timetable
from services.surveys.jobs.chasing import letters, once
from shared.errors import Conflict, Rejected
from tests.shared.policy.organisations import rules_with

DAY = timedelta(days=1)
# A Thursday: the days of the source are calendar days.
RECEIVED = datetime(2026, 3, 5, 8, tzinfo=UTC)
RULEBOOK = rules_with("property-management")
PLAN = plan_named(RULEBOOK.profile_of("sh01").surveys, "opinions")
ROUND = Round(UUID(int=1), "sh01", "opinions", {"forms received": RECEIVED})


def dues(survey: Round, now: datetime = RECEIVED) -> dict[str, timedelta | None]:
    found = timetable(PLAN, survey, RULEBOOK.calendar_of("sh01"), now)
    return {one.step: one.due_at and one.due_at - RECEIVED for one in found}


def after(*moments: tuple[str, datetime], survey: Round = ROUND) -> Round:
    for name, at in moments:
        survey = reached(PLAN, survey, name, at, at)
    return survey


def test_sla_18_forms_go_out_in_3_days_and_nothing_else_runs_before():
    assert dues(ROUND) == {
        "distribute": 3 * DAY,
        "collect": None,
        "analyse": None,
        "open-letter": None,
        "pass-on": None,
    }


def test_sla_18_edge_25_each_step_counts_from_its_own_zero_point():
    survey = after(("forms issued", RECEIVED + 2 * DAY), ("forms collected", RECEIVED + 9 * DAY))

    found = dues(survey)
    assert found["collect"] == 12 * DAY, "10 days after they were issued"
    assert found["analyse"] == 12 * DAY, "3 days after they were collected"
    assert found["open-letter"] == 23 * DAY, "2 weeks after they were collected"


def test_a_step_that_was_done_in_time_is_never_late_and_one_done_late_stays_so():
    in_time = after(("forms issued", RECEIVED + 2 * DAY))
    late = after(("forms issued", RECEIVED + 4 * DAY))

    def distributed(survey):
        return timetable(PLAN, survey, RULEBOOK.calendar_of("sh01"), RECEIVED + 99 * DAY)[0]

    assert not distributed(in_time).is_overdue
    assert distributed(late).is_overdue
    assert distributed(ROUND).is_overdue


def test_a_moment_is_noted_once_and_only_one_that_policy_knows():
    survey = after(("forms issued", RECEIVED + DAY))

    assert after(("forms issued", RECEIVED + DAY), survey=survey) is survey
    with pytest.raises(Conflict, match="moment-known"):
        after(("forms issued", RECEIVED + 2 * DAY), survey=survey)
    with pytest.raises(Rejected, match="unknown-moment"):
        after(("forms collectd", RECEIVED + DAY))
    with pytest.raises(Rejected, match="moment-in-future"):
        reached(PLAN, ROUND, "forms issued", RECEIVED + DAY, RECEIVED)
    with pytest.raises(Rejected, match="moment-too-long-ago"):
        reached(PLAN, ROUND, "forms issued", datetime(1, 1, 1, tzinfo=UTC), RECEIVED)
    with pytest.raises(Rejected, match="unknown-survey"):
        plan_named(RULEBOOK.profile_of("sh01").surveys, "inspection")


def test_sla_18_whoever_carries_it_out_is_told_of_a_late_step_and_of_no_other():
    on_time = list(letters(ROUND, RULEBOOK, RECEIVED + 3 * DAY))
    late = list(letters(ROUND, RULEBOOK, RECEIVED + 3 * DAY + timedelta(seconds=1)))
    done = list(letters(after(("forms issued", RECEIVED + 4 * DAY)), RULEBOOK, RECEIVED + 5 * DAY))

    assert (on_time, done) == ([], [])
    assert [(one.to, one.values["step"]) for one in late] == [("head.of.site-office", "distribute")]


@pytest.fixture
async def property_stand(surveys_url):
    from services.surveys.app import PLAN as SURVEYS
    from services.surveys.settings import Settings
    from tests.support.stand import StandingClock, running_process
    from tests.surveys.stand import Stand, empty

    clock = StandingClock(RECEIVED)
    async with running_process(SURVEYS, Settings, surveys_url, clock, rules=RULEBOOK) as (process, client):
        await empty(process.database)
        yield Stand(process, client, clock)


async def test_a_round_is_kept_and_its_late_steps_are_told_once(property_stand):
    queries = property_stand.process.desk.queries
    await queries.rounds.open(ROUND)
    await queries.rounds.open(Round(UUID(int=2), "gone1", "opinions", ROUND.moments))
    late = RECEIVED + 4 * DAY

    assert await once(queries, RULEBOOK, late) == 1
    assert await once(queries, RULEBOOK, late + DAY) == 1
    async with property_stand.process.database.reading() as connection:
        (row,) = await connection.execute(text("SELECT to_person, template FROM notices"))
    assert tuple(row) == ("head.of.site-office", "survey-step-overdue")

    changed = await queries.rounds.change(
        ROUND.round_id, lambda one: after(("forms issued", late), survey=one)
    )
    assert await queries.rounds.newest(["sh01"]) == (changed,)
    assert await once(queries, RULEBOOK, late + DAY) == 0


async def test_the_door_keeps_moments_and_shows_what_is_late(property_stand):
    client, manager = property_stand.client, property_stand.token("manager")

    asked = {"site": "sh01", "survey": "opinions", "at": RECEIVED.isoformat()}
    begun, again = [await client.post("/rounds", json=asked, headers=manager) for _ in range(2)]
    assert begun.json() == again.json()
    place = f"/rounds/{begun.json()['id']}/moments"
    property_stand.clock.moment = RECEIVED + 4 * DAY
    manager = property_stand.token("manager")
    overdue = await client.get("/rounds", params={"site": "sh01"}, headers=manager)
    noted = [await client.post(place, json={"moment": "forms issued"}, headers=manager) for _ in range(2)]

    assert begun.status_code == 201
    assert overdue.json()["items"][0]["steps"][0]["overdue"]
    assert noted[0].json() == noted[1].json()
    assert noted[0].json()["steps"][1]["due_at"] == "2026-03-19T08:00:00Z"


async def test_the_door_refuses_what_policy_or_scope_does_not_hold(property_stand):
    asked = {"site": "sh01", "survey": "opinions"}
    answers = [
        await property_stand.client.post(
            "/rounds", json={**asked, **given}, headers=property_stand.token(*who, sites=sites)
        )
        for given, who, sites in [
            ({"survey": "inspection"}, ("manager",), ("*",)),
            ({}, ("manager",), ("ber1",)),
            ({}, ("auditor",), ("*",)),
        ]
    ]

    assert [one.status_code for one in answers] == [422, 403, 403]
    unknown = f"/rounds/{UUID(int=9)}/moments"
    manager = property_stand.token("manager")
    lost = await property_stand.client.post(unknown, json={"moment": "forms issued"}, headers=manager)
    assert (lost.status_code, lost.json()["code"]) == (404, "unknown-round")


async def test_a_round_is_the_business_of_the_department_that_carries_it_out(property_stand):
    asked = {"site": "sh01", "survey": "opinions", "at": RECEIVED.isoformat()}
    own = property_stand.token("manager", departments=(PLAN.field_unit,))
    other = property_stand.token("manager", departments=("finance",))
    client = property_stand.client

    begun = await client.post("/rounds", json=asked, headers=own)
    place, moment = f"/rounds/{begun.json()['id']}/moments", {"moment": "forms issued"}
    refused = [
        await client.post("/rounds", json=asked, headers=other),
        await client.post(place, json=moment, headers=other),
    ]

    assert begun.status_code == 201
    assert [one.status_code for one in refused] == [403, 403]
    listed = [(await client.get("/rounds", headers=who)).json()["items"] for who in (own, other)]
    assert [len(one) for one in listed] == [1, 0]
