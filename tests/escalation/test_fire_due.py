"""What does time do? Warnings, breaches and the climbing of alarms."""

from __future__ import annotations

from services.escalation.domain.clock import ClockState
from shared.deciding import Notice
from shared.events.escalation import ClockBreached, ClockWarned, EscalationRaised
from shared.policy.model import Level
from shared.worktime import Target
from tests.escalation.builders import (
    ACCEPTANCE,
    ANSWER,
    COMPLAINT,
    DAY,
    HOUR,
    NOW,
    NUMBER,
    a_person,
    a_rulebook,
    acknowledge,
    after,
    answered,
    assigned,
    away,
    fire,
    hear,
    registered,
    shanghai,
    the_clock,
    told,
    withdrawn,
)

MONDAY = shanghai(2, 9)
DUE = shanghai(4, 17)
OVERDUE = shanghai(5, 9)


def overdue(**given):
    """A complaint of the sales department whose answer is due on Wednesday at closing time."""
    return after(registered(MONDAY, **given), assigned())


def test_nothing_is_fired_before_its_time():
    sheet = overdue()

    decision = fire(sheet, sheet.wake_at - HOUR)

    assert decision.state is sheet
    assert decision.tells == ()


def test_a_warning_is_told_when_half_of_the_time_is_used_up():
    sheet = overdue()

    decision = fire(sheet, shanghai(3, 13))

    assert decision.tells == (
        ClockWarned(
            complaint_no=NUMBER,
            clock="answer",
            due_at=DUE,
            percent=50,
            fired_at=shanghai(3, 13),
            lag_seconds=0,
        ),
    )
    assert decision.state.wake_at == shanghai(4, 11)


def test_a_missed_due_date_is_a_breach_with_its_lag():
    sheet = fire(overdue(), shanghai(4, 11)).state

    decision = fire(sheet, DUE + 3 * HOUR)

    assert decision.tells[0] == ClockBreached(
        complaint_no=NUMBER,
        clock="answer",
        due_at=DUE,
        fired_at=DUE + 3 * HOUR,
        lag_seconds=3 * 3600,
        department="sales",
    )
    assert the_clock(decision.state).breached_at == DUE + 3 * HOUR


def test_a_breach_tells_the_first_level_by_notice():
    decision = fire(overdue(), DUE)

    escalation = decision.state.escalations[0]
    assert decision.tells[-1] == EscalationRaised(
        complaint_no=NUMBER,
        escalation_id=str(escalation.id),
        clock="answer",
        level=1,
        to=("li",),
        cause="clock-breached",
        due_at=DUE,
    )
    assert decision.notices == (
        Notice(
            key=f"{COMPLAINT}:answer:1:li",
            to="li",
            template="clock-breached",
            language="zh",
            values={
                "complaint_no": NUMBER,
                "clock": "answer",
                "due_at": "2026-03-04 17:00 (Asia/Shanghai)",
                "level": "1",
                "site": "sh01",
                "department": "sales",
                "link": f"ack:{escalation.id}~li",
            },
        ),
    )


def test_firing_twice_changes_nothing():
    sheet = fire(overdue(), DUE).state

    decision = fire(sheet, DUE)

    assert decision.state is sheet
    assert decision.tells == ()


def test_after_an_outage_everything_overdue_fires_once_in_the_order_of_its_dates():
    decision = fire(overdue(), DUE + 10 * DAY)

    assert told(decision) == [
        "clock.warned",
        "clock.warned",
        "clock.breached",
        "escalation.raised",
    ]
    assert [data.percent for data in decision.tells[:2]] == [50, 75]


def test_after_an_outage_people_get_their_full_time_to_answer():
    sheet = fire(overdue(), shanghai(16, 10)).state

    assert sheet.wake_at == shanghai(16, 12)


def test_time_itself_does_nothing_for_an_unknown_complaint():
    assert fire(None, NOW).state is None


def test_nobody_answering_brings_the_next_level():
    sheet = fire(overdue(), DUE).state

    decision = fire(sheet, shanghai(5, 11))

    (raised,) = decision.tells
    assert (raised.level, raised.to) == (2, ("wang", "quentin"))
    assert raised.escalation_id == str(sheet.escalations[0].id)
    assert [(notice.to, notice.language) for notice in decision.notices] == [
        ("wang", "zh"),
        ("quentin", "en"),
    ]


def test_the_time_to_answer_is_working_time():
    sheet = fire(overdue(), DUE).state

    assert sheet.escalations[0].climbs_at == shanghai(5, 11)


def test_a_climb_before_the_next_due_date_comes_first():
    rules = a_rulebook(clocks=(ANSWER, ACCEPTANCE))
    sheet = fire(after(registered(MONDAY), assigned(), rules=rules), NOW + 2 * HOUR, rules).state

    assert sheet.clock_named("answer").is_open
    assert sheet.wake_at == sheet.escalations[0].climbs_at == NOW + 4 * HOUR


def test_the_last_level_stays():
    sheet = overdue()
    for moment in (DUE, DUE + 3 * DAY, DUE + 6 * DAY):
        sheet = fire(sheet, moment).state

    decision = fire(sheet, DUE + 30 * DAY)

    assert decision.state is sheet
    assert sheet.escalations[0].level == 3
    assert sheet.escalations[0].is_open
    assert sheet.wake_at is None


def test_an_acknowledged_alarm_climbs_no_more():
    sheet = acknowledge(fire(overdue(), DUE).state).state

    assert sheet.wake_at is None
    assert fire(sheet, DUE + 30 * DAY).tells == ()


def test_an_answer_to_the_customer_ends_the_climbing():
    sheet = hear(fire(overdue(), DUE).state, answered(DUE + HOUR)).state

    assert not sheet.escalations[0].is_open
    assert fire(sheet, DUE + 30 * DAY).tells == ()


def test_a_withdrawal_ends_the_climbing():
    sheet = hear(fire(overdue(), DUE).state, withdrawn(DUE + HOUR)).state

    assert fire(sheet, DUE + 30 * DAY).tells == ()


def test_a_level_without_anybody_is_skipped_at_once():
    rules = a_rulebook(manager=None)

    decision = fire(after(registered(MONDAY), assigned(), rules=rules), DUE, rules)

    assert decision.tells[-1].level == 2
    assert [notice.to for notice in decision.notices] == ["wang", "quentin"]


def test_a_complaint_that_nobody_has_yet_alarms_the_site():
    decision = fire(after(registered(MONDAY)), DUE)

    assert decision.tells[-1].level == 2
    assert decision.notices[0].values["department"] == "-"


def test_a_stand_in_is_told_in_place_of_whoever_is_absent():
    rules = a_rulebook(away("li", stand_in="zhao"), a_person("zhao", language="en"))

    decision = fire(after(registered(MONDAY), assigned(), rules=rules), DUE, rules)

    assert decision.tells[-1].to == ("zhao",)
    assert decision.notices[0].language == "en"


def test_somebody_absent_without_a_stand_in_is_passed_over():
    rules = a_rulebook(away("li"))

    decision = fire(after(registered(MONDAY), assigned(), rules=rules), DUE, rules)

    assert decision.tells[-1].level == 2


def test_the_person_complained_about_is_not_told():
    sheet = after(registered(MONDAY, accused_refs=("li",)), assigned())

    decision = fire(sheet, DUE)

    assert decision.tells[-1].level == 2


def test_whoever_was_recused_is_not_told_either():
    sheet = after(registered(MONDAY), assigned(recused=("li",)))

    decision = fire(sheet, DUE)

    assert decision.tells[-1].level == 2


def test_the_person_complained_about_does_not_stand_in_for_another():
    rules = a_rulebook(away("li", stand_in="zhao"), a_person("zhao"))
    sheet = after(registered(MONDAY, accused_refs=("zhao",)), assigned(), rules=rules)

    decision = fire(sheet, DUE, rules)

    assert decision.tells[-1].level == 2


def test_nobody_is_told_twice_although_he_stands_on_two_levels():
    rules = a_rulebook(a_person("quentin", language="en", roles=("quality-lead",)), site_manager="li")
    sheet = fire(after(registered(MONDAY), assigned(), rules=rules), DUE, rules).state

    decision = fire(sheet, shanghai(5, 11), rules)

    assert decision.tells[0].to == ("quentin",)


def test_a_level_of_people_who_all_know_is_skipped():
    ladder = (
        Level(1, ("department.manager",), Target.parse("2 wh")),
        Level(2, ("li",), Target.parse("2 wh")),
        Level(3, ("director",)),
    )
    rules = a_rulebook(ladder=ladder)
    sheet = fire(after(registered(MONDAY), assigned(), rules=rules), DUE, rules).state

    decision = fire(sheet, shanghai(5, 11), rules)

    assert (decision.tells[0].level, decision.tells[0].to) == (3, ("dong",))


def test_an_alarm_that_reaches_nobody_stands_at_the_top_for_all_to_see():
    rules = a_rulebook(away("li"), away("wang"), away("quentin"), away("dong"))

    decision = fire(after(registered(MONDAY), assigned(), rules=rules), DUE, rules)

    escalation = decision.state.escalations[0]
    assert (escalation.level, escalation.told, escalation.is_open) == (3, frozenset(), True)
    assert told(decision)[-1] == "escalation.raised"
    assert decision.notices == ()


def test_an_imported_complaint_is_breached_at_once_and_alarms_nobody():
    decision = hear(None, registered(NOW - 400 * DAY, history=True), now=NOW)

    started, breached = decision.tells
    assert started.history
    assert breached.history
    assert breached.fired_at == NOW
    assert decision.notices == ()
    assert decision.state.escalations == ()
    assert decision.state.wake_at is None


def test_an_imported_complaint_with_time_left_is_breached_in_time_without_a_sound():
    sheet = after(registered(MONDAY, history=True))

    decision = fire(sheet, OVERDUE)

    assert told(decision) == ["clock.breached"]
    assert decision.notices == ()
    assert the_clock(decision.state).state is ClockState.BREACHED


def test_what_was_answered_in_time_long_ago_counts_as_kept():
    sheet = hear(None, registered(NOW - 400 * DAY, history=True), now=NOW).state

    decision = hear(sheet, answered(NOW - 400 * DAY + HOUR), now=NOW)

    assert told(decision) == ["clock.met"]
    assert not decision.tells[0].late
