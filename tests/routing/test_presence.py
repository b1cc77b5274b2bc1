"""Does a person's own word about being there count at once, for the right people, and only so long? (RCS-03)"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from services.routing.domain.presence import presence_id
from services.routing.handlers.switch_presence import SwitchPresence, switch_presence
from services.routing.jobs.attendance import attendance_of, keep
from services.routing.jobs.stranded import keep_trying, situation_of
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound, Rejected
from shared.policy.attendance import Attendance, Switch
from shared.policy.model import Absence
from tests.routing.builders import COMPLAINT, NOW, a_context, a_person, a_rulebook, an_actor, away, registered
from tests.routing.test_placing import placed
from tests.support.waiting import eventually

DAY = timedelta(days=1)
RULES = a_rulebook(a_person("chen", departments=("quality",), sites=("sh01",), stand_in="zhou"))
HOLIDAY = Absence(NOW + 10 * DAY, NOW + 20 * DAY)


def say(*, present=False, person="chen", by=None, until=None, state=None, rules=RULES, at=NOW):
    command = SwitchPresence(presence_id(person), by or an_actor(person), person, present, until)
    return switch_presence(state, command, a_context(rules, at))


def with_said(rules, *states):
    return rules.with_attendance(attendance_of([one for one in states if one is not None]))


# whose word


def test_the_person_says_it_and_everybody_is_told():
    decision = say(until=NOW + DAY)

    (told,) = decision.tells
    assert (told.person, told.present, told.until, told.by) == ("chen", False, NOW + DAY, "chen")
    assert decision.state.complaint_id == presence_id("chen") != COMPLAINT
    assert decision.state.site == "sh01"


def test_a_manager_of_the_persons_site_and_department_may_say_it():
    manager = Actor("wang", frozenset({"manager"}), frozenset({"sh01"}), frozenset({"quality"}))

    assert say(by=manager).state.by == "wang"


@pytest.mark.parametrize(
    "other",
    [
        Actor("li", frozenset({"handler"}), frozenset({"sh01"})),
        Actor("wang", frozenset({"manager"}), frozenset({"by02"})),
        Actor("wang", frozenset({"manager"}), frozenset({"sh01"}), frozenset({"billing"})),
    ],
    ids=["colleague", "another site", "another department"],
)
def test_nobody_else_may(other):
    with pytest.raises(Forbidden, match="not-your-presence"):
        say(by=other)


def test_the_unknown_and_the_past_are_refused():
    with pytest.raises(NotFound, match="unknown-person"):
        say(person="nobody")
    with pytest.raises(Rejected, match="until-passed"):
        say(until=NOW)


def test_the_same_said_twice_changes_nothing():
    once = say(until=NOW + DAY)
    twice = say(until=NOW + DAY, state=once.state, at=NOW + timedelta(hours=1))

    assert twice.state is once.state
    assert twice.tells == ()


def test_being_back_twice_changes_nothing():
    back = say(present=True)
    again = say(present=True, state=back.state, at=NOW + DAY)

    assert again.state is back.state
    assert again.tells == ()


# what follows


def test_who_said_to_be_away_gets_no_case_and_the_stand_in_does():
    rules = with_said(RULES, say().state)

    assert placed(RULES).assignee == "chen"
    assert placed(rules).assignee == "zhou"
    assert not rules.is_there("chen", NOW)


def test_it_is_over_when_the_time_has_come():
    rules = with_said(RULES, say(until=NOW + DAY).state)

    assert rules.present("chen", NOW) == "zhou"
    assert rules.present("chen", NOW + DAY) == "chen"
    assert situation_of(rules, NOW) != situation_of(rules, NOW + DAY)


def test_who_is_back_early_counts_before_the_file_and_is_away_again_in_the_next_holiday():
    now_away = away("chen", stand_in="zhou")
    rules = a_rulebook(replace(now_away, absences=(*now_away.absences, HOLIDAY)))

    back = with_said(rules, say(present=True, rules=rules).state)

    assert placed(rules).assignee == "zhou"
    assert placed(back).assignee == "chen"
    assert back.present("chen", HOLIDAY.since) == "zhou"


def test_who_is_back_leaves_no_switch_behind_that_a_holiday_to_come_would_lose_to():
    rules = a_rulebook(replace(a_person("chen"), absences=(HOLIDAY,), stand_in="zhou"))
    gone = say(rules=rules).state

    back = say(present=True, rules=rules, state=gone, at=NOW + DAY)

    assert back.tells[0].until is None
    assert not back.state.switch.holds(NOW + DAY)
    assert with_said(rules, back.state).present("chen", HOLIDAY.since) == "zhou"


def test_the_roll_is_called_anew_when_somebody_comes_or_goes():
    rules = a_rulebook(replace(a_person("chen"), absences=(HOLIDAY,)))
    before = rules.roll(NOW)

    assert rules.roll(NOW + DAY) is before
    assert rules.roll(HOLIDAY.since) is not before
    assert rules.with_attendance(Attendance({"li": Switch(present=False)})).present("li", NOW) is None
    assert rules.present("li", NOW) == "li"


# the doors


async def put(place, person="chen", *, who=None, **body):
    return await place.client.put(
        f"/presence/{person}", json={"present": False, **body}, headers=who or place.token(person)
    )


@pytest.fixture
def in_force(workplace):
    """What routing's own rulebook does with a switch."""
    given = []
    rules = a_rulebook(a_person("chen", departments=("quality",), stand_in="zhou"))
    workplace.rules.append(rules)

    def carry(found):
        given.append(found)
        workplace.rules.append(workplace.rules[-1].with_attendance(found))

    object.__setattr__(workplace.desk, "carry", carry)
    return given


async def test_a_switch_is_kept_told_and_in_force_when_the_door_answers(workplace, in_force):
    answer = await put(workplace, until="2027-01-01T00:00:00Z")

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["person"], found["present"], found["stand_in"]) == ("chen", False, "zhou")
    assert workplace.rules[-1].present("chen", NOW) == "zhou"
    async with workplace.database.reading() as connection:
        told = await connection.exec_driver_sql("SELECT type, routing_key FROM outbox")
        assert tuple(told.one()) == ("presence.changed.v1", "presence.changed.v1.sh01")


async def test_it_survives_a_restart(workplace, in_force):
    await put(workplace)

    kept = attendance_of(await workplace.queries.presences(NOW + 100 * DAY))

    assert kept == Attendance({"chen": Switch(present=False)})


async def test_only_the_person_and_their_managers_see_or_say_it(workplace, in_force):
    await put(workplace)
    handler, manager = workplace.token("li"), workplace.token("wang", "manager")

    refused = await put(workplace, who=handler)
    looked = await workplace.client.get("/presence/chen", headers=handler)
    mine = await workplace.client.get("/presence", headers=handler)
    ours = await workplace.client.get("/presence", headers=manager)
    nobody = await workplace.client.get("/presence/ghost", headers=manager)

    assert (refused.status_code, refused.json()["code"]) == (403, "not-your-presence")
    assert (looked.status_code, nobody.status_code) == (403, 404)
    assert (mine.json(), [one["person"] for one in ours.json()]) == ([], ["chen"])


async def test_the_page_of_the_link_shows_and_switches(workplace, in_force):
    own = (await workplace.client.get("/presence/chen", headers=workplace.token("chen"))).json()["page"]

    shown = await workplace.client.get(f"{own}?lang=en")
    away_now = await workplace.client.post(f"{own}?lang=en", data={"present": "no"})
    after = await workplace.client.get(f"{own}?lang=zh&done=true")
    wrong = await workplace.client.post(f"{own}?lang=en", data={"present": "no", "until": "2020-01-01T00:00"})

    assert "At work now" in shown.text
    assert away_now.status_code == 303
    assert "目前不在岗" in after.text
    assert "已保存" in after.text
    assert (wrong.status_code, "the moment must lie ahead" in wrong.text) == (422, True)


async def test_a_link_with_another_secret_opens_nothing(workplace, in_force):
    for token in ("chen.wrong", "ghost." + workplace.links.secret("presence", "ghost")):
        answer = await workplace.client.get(f"/p/{token}")
        posted = await workplace.client.post(f"/p/{token}", data={"present": "no"})
        assert (answer.status_code, posted.status_code) == (404, 404)


async def test_whoever_comes_back_gets_what_nobody_could_take(workplace, in_force):
    await put(workplace, "sun")
    await workplace.hears(registered(category="refund"))
    assert (await workplace.queries.find(COMPLAINT)).placement.reason == "nobody-present"

    chores = [asyncio.create_task(one(None, workplace.desk)) for one in (keep, keep_trying)]
    try:
        await put(workplace, "sun", present=True)

        async def is_with_sun() -> bool:
            return (await workplace.queries.find(COMPLAINT)).placement.assignee == "sun"

        assert await eventually(is_with_sun)
    finally:
        for chore in chores:
            chore.cancel()
            with suppress(asyncio.CancelledError):
                await chore
