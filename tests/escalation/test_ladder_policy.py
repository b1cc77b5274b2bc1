"""Does an alarm keep quiet hours, start where policy says, copy who must know, and pass whom none can reach?"""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from services.escalation.handlers import COMMANDS
from services.escalation.handlers.report_undelivered import ReportUndelivered
from services.escalation.jobs.undelivered import about_alarm
from shared.ids import new_id
from shared.notify.table import Waiting
from shared.policy.model import Alarming, ClockRule, CopyRule, LimitRule, When
from shared.worktime import Target
from tests.escalation.builders import (
    COMPLAINT,
    HOUR,
    NOW,
    RULES,
    a_context,
    a_rulebook,
    acknowledge,
    after,
    assigned,
    away,
    fire,
    hear,
    registered,
    shanghai,
    told,
)
from tests.support.waiting import eventually

ROUND_THE_CLOCK = ClockRule(
    "answer", "complaint.registered", ("resolution.answered",), (LimitRule(Target.parse("12 h")),)
)
NIGHT = shanghai(2, 9) + 13 * HOUR
"""22:00 in Shanghai, after a day's work; the clock of 12 hours ran out at 21:00."""


def policy(*people, **given):
    return a_rulebook(*people, clocks=(ROUND_THE_CLOCK,), alarming=Alarming(**given))


def alarmed(rules, now=NIGHT, **given):
    sheet = after(registered(shanghai(2, 9), **given), rules=rules)
    sheet = hear(sheet, assigned(severity=sheet.severity), rules=rules).state
    return fire(sheet, now, rules)


def test_an_ordinary_alarm_of_the_night_waits_for_the_morning():
    decision = alarmed(policy(quiet=("minor", "ordinary")))

    assert [notice.not_before for notice in decision.notices] == [shanghai(3, 9)]
    (escalation,) = decision.state.escalations
    assert escalation.climbs_at == shanghai(3, 11), "the time to answer begins in the morning too"


def test_a_grave_alarm_wakes_people_at_any_hour():
    decision = alarmed(policy(quiet=("minor", "ordinary")), flags={"safety": True})

    assert [notice.not_before for notice in decision.notices] == [None]


def test_by_day_nothing_waits():
    rules = policy(quiet=("ordinary",))

    decision = alarmed(rules, now=shanghai(3, 10))

    assert [notice.not_before for notice in decision.notices] == [None]


def test_a_grave_case_begins_higher_on_the_ladder():
    rules = policy(starts_at={"critical": 2})

    assert [n.to for n in alarmed(rules, flags={"safety": True}).notices] == ["wang", "quentin"]
    assert [n.to for n in alarmed(rules).notices] == ["li"]


def test_where_nobody_is_so_high_the_lower_levels_are_told_after_all():
    gone = [away(person) for person in ("wang", "quentin", "dong")]
    rules = policy(*gone, starts_at={"critical": 2})

    assert [n.to for n in alarmed(rules, flags={"safety": True}).notices] == ["li"]


COPIES = (
    CopyRule(("director",), When(flags=("authority",))),
    CopyRule(("director", "quality-lead"), When(severity=("critical",))),
)


def test_what_came_through_an_authority_is_copied_to_the_general_manager():
    decision = alarmed(policy(copies=COPIES), flags={"authority": True})

    assert [(n.to, n.template) for n in decision.notices] == [
        ("li", "clock-breached"),
        ("dong", "clock-breached-copy"),
    ]


def test_a_hard_case_is_copied_once_to_each_who_must_know():
    decision = alarmed(policy(copies=COPIES), flags={"authority": True, "safety": True})

    assert [n.to for n in decision.notices] == ["li", "dong", "quentin"]


def test_nobody_gets_a_copy_of_what_he_is_asked_to_answer_nor_if_it_is_about_him():
    rules = policy(starts_at={"critical": 3}, copies=COPIES)

    decision = alarmed(rules, flags={"safety": True}, accused_refs=("quentin",))

    assert [(n.to, n.template) for n in decision.notices] == [("dong", "clock-breached")]


def test_copies_are_sent_with_the_first_alert_only():
    rules = policy(copies=COPIES)
    sheet = alarmed(rules, flags={"authority": True}).state

    decision = fire(sheet, sheet.wake_at, rules)

    assert {n.template for n in decision.notices} == {"clock-breached"}


def undelivered(sheet, person, rules=RULES, level=1, now=NOW + 100 * HOUR):
    command = ReportUndelivered(COMPLAINT, sheet.escalations[-1].id, level, person)
    return COMMANDS[ReportUndelivered](sheet, command, a_context(now, rules))


def test_an_alarm_that_reaches_nobody_climbs_at_once():
    sheet = alarmed(RULES, now=shanghai(6, 10)).state

    decision = undelivered(sheet, "li")

    assert told(decision) == ["escalation.raised"]
    assert [n.to for n in decision.notices] == ["wang", "quentin"]
    assert decision.state.escalations[0].unreached == {"li"}


def test_the_next_level_is_left_in_peace_while_one_of_several_can_be_reached():
    sheet = alarmed(policy(starts_at={"critical": 2}), flags={"safety": True}).state

    one = undelivered(sheet, "wang", level=2)
    both = undelivered(one.state, "quentin", level=2)

    assert one.tells == ()
    assert [n.to for n in both.notices] == ["dong"]


def test_reported_twice_it_climbs_once():
    sheet = undelivered(alarmed(RULES, now=shanghai(6, 10)).state, "li").state

    assert undelivered(sheet, "li").state is sheet


@pytest.mark.parametrize("person", ["dong", "stranger"])
def test_who_was_not_told_cannot_be_unreachable(person):
    sheet = alarmed(RULES, now=shanghai(6, 10)).state

    assert undelivered(sheet, person).state is sheet


def test_an_alarm_that_was_answered_goes_no_further():
    sheet = acknowledge(alarmed(RULES, now=shanghai(6, 10)).state, "wang").state

    assert undelivered(sheet, "li").state is sheet


def test_at_the_top_it_stays_as_an_alarm_that_waits():
    rules = policy(*(away(person) for person in ("li", "wang", "quentin")))
    sheet = alarmed(rules).state

    decision = undelivered(sheet, "dong", rules, level=3)

    assert decision.tells == ()
    assert decision.state.escalations[0].is_open


def a_waiting(**given) -> Waiting:
    alarm = alarmed(RULES, now=shanghai(6, 10)).notices[0]
    defaults = {
        "id": new_id(),
        "key": alarm.key,
        "complaint_id": COMPLAINT,
        "to": alarm.to,
        "template": alarm.template,
        "language": "zh",
        "values": alarm.values,
        "sealed": None,
        "created_at": NOW,
        "attempts": 3,
    }
    return Waiting(**{**defaults, **given})


def test_the_notice_of_an_alarm_leads_back_to_it():
    sheet = alarmed(RULES, now=shanghai(6, 10)).state

    assert about_alarm(a_waiting()) == ReportUndelivered(COMPLAINT, sheet.escalations[0].id, 1, "li")
    assert about_alarm(a_waiting(template="handed-up")) is not None
    assert about_alarm(a_waiting(template="clock-extended")) is None


async def test_where_nobody_has_a_contact_the_alarm_climbs_to_the_top_by_itself(stand):
    await stand.alarm()
    stand.process.started = True
    running = asyncio.create_task(stand.process.dispatcher.run())

    async def climbed() -> bool:
        sheet = await stand.queries.sheet(COMPLAINT)
        return sheet.escalations[0].level == 3

    try:
        await eventually(climbed, 20)
        counted = dict(await stand.queries.undelivered())
    finally:
        stand.process.started = False
        stand.process.dispatcher.stop()
        await running
    assert counted.get("clock-breached", 0) == 0, "a quarter of an hour has not passed"


async def test_what_waits_too_long_is_counted(stand):
    await stand.alarm()
    async with stand.process.database.transaction() as connection:
        await connection.execute(text("UPDATE notices SET created_at = now() - interval '1 hour'"))

    assert dict(await stand.queries.undelivered()) == {"clock-breached": 1}
