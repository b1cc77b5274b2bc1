"""Where policy leaves the date to people: who may agree on it, and does a clock then run to it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.escalation.domain.agreeing import without_date
from services.escalation.domain.clock import ClockState
from services.escalation.domain.promises import promises_of
from services.escalation.handlers import COMMANDS
from services.escalation.handlers.agree_date import AgreeDate
from services.escalation.jobs.recomputing import recomputed
from shared.errors import Conflict, Forbidden, NotFound, Rejected
from shared.events.escalation import ClockStarted
from shared.events.intake import ComplaintAcknowledged, Flags
from shared.policy.model import ClockRule, LimitRule, When
from shared.worktime import Target
from tests.escalation.builders import (
    COMPLAINT,
    DAY,
    HOUR,
    NOW,
    NUMBER,
    a_context,
    a_manager,
    a_rulebook,
    after,
    an_event,
    answered,
    assigned,
    fire,
    hear,
    paused,
    reclassified,
    registered,
    the_clock,
    told,
)
from tests.shared.policy.organisations import rules_with

WEEK = NOW + 7 * DAY
HARD = ClockRule(
    name="answer",
    starts_on="complaint.registered",
    meets_on=("resolution.answered",),
    limits=(
        LimitRule(agreed_by=("quality-lead",), when=When(severity=("critical",))),
        LimitRule(agreed_by=("handler",), when=When(kind=("complaint",))),
        LimitRule(Target.parse("3 wd"), When(kind=("enquiry",))),
    ),
    warn_at_percent=(50,),
)
RULES = a_rulebook(clocks=(HARD,))


def acknowledged(at=NOW, promised_at=WEEK) -> ComplaintAcknowledged:
    return ComplaintAcknowledged(complaint_no=NUMBER, at=at, by="chen", promised_at=promised_at)


def agreed(sheet, due_at=WEEK, by="li", now=NOW, rules=RULES, **given):
    command = AgreeDate(COMPLAINT, "answer", due_at, a_manager(by, **given))
    return COMMANDS[AgreeDate](sheet, command, a_context(now, rules))


def an_open_sheet(**given):
    return after(registered(**given), assigned(severity=given.pop("severity", "ordinary")), rules=RULES)


def test_before_the_date_is_agreed_no_clock_runs_and_the_want_of_it_shows():
    sheet = an_open_sheet()

    assert sheet.clocks == ()
    assert [(one.rule.name, one.agreed_by) for one in without_date(sheet, RULES)] == [
        ("answer", ("handler",))
    ]


def test_the_clock_starts_when_the_date_is_agreed_and_runs_to_it():
    decision = agreed(an_open_sheet(), now=NOW + HOUR)

    clock = the_clock(decision.state)
    assert (clock.started_at, clock.due_at, clock.state) == (NOW + HOUR, WEEK, ClockState.RUNNING)
    (data,) = decision.tells
    assert isinstance(data, ClockStarted)
    assert data.agreed_by == "li"
    assert without_date(decision.state, RULES) == ()


def test_it_warns_breaches_and_alarms_like_any_other_clock():
    sheet = agreed(an_open_sheet()).state
    half = NOW + (WEEK - NOW) / 2

    assert sheet.wake_at == half
    warned = fire(sheet, half, RULES)
    late = fire(warned.state, WEEK, RULES)

    assert told(warned) == ["clock.warned"]
    assert told(late) == ["clock.breached", "escalation.raised"]


def test_the_answer_meets_it():
    sheet = agreed(an_open_sheet()).state

    assert told(hear(sheet, answered(NOW + DAY), rules=RULES)) == ["clock.met"]


def test_the_date_that_the_customer_is_told_is_the_one_its_handler_agreed_upon():
    sheet = hear(an_open_sheet(), acknowledged(), rules=RULES).state

    clock = the_clock(sheet)
    assert (clock.started_at, clock.due_at) == (NOW, WEEK)


def test_only_whoever_policy_names_agrees_on_the_date():
    sheet = after(registered(), assigned(severity="critical"), rules=RULES)

    assert the_clock(agreed(sheet, by="quentin").state).due_at == WEEK
    with pytest.raises(Forbidden, match="may-not-agree"):
        agreed(sheet, by="li")
    told_customer = hear(sheet, acknowledged(), rules=RULES)
    assert told_customer.state.clocks == (), "telling the customer is the handler's agreement, not the lead's"


def test_whoever_the_complaint_is_about_agrees_on_nothing():
    with pytest.raises(Forbidden, match="recused"):
        agreed(an_open_sheet(accused_refs=("li",)), by="li")


def test_an_earlier_date_moves_it_and_the_former_stays_as_evidence():
    sheet = agreed(an_open_sheet()).state

    clock = the_clock(agreed(sheet, WEEK - DAY, now=NOW + HOUR).state)

    assert clock.due_at == WEEK - DAY
    assert [(former.due_at, former.reason) for former in clock.former] == [(WEEK, "agreed")]


def test_a_later_date_is_an_extension_and_goes_its_way():
    sheet = agreed(an_open_sheet()).state

    with pytest.raises(Conflict, match="already-agreed"):
        agreed(sheet, WEEK + DAY)
    retold = hear(sheet, acknowledged(NOW + HOUR, WEEK + DAY), rules=RULES)
    assert the_clock(retold.state).due_at == WEEK, "telling the customer a later date gives no more time"


def test_agreeing_twice_on_the_same_date_changes_nothing():
    sheet = agreed(an_open_sheet()).state

    assert agreed(sheet).state is sheet


def test_a_date_that_has_passed_and_a_promise_of_policy_are_refused():
    with pytest.raises(Rejected, match="date-past"):
        agreed(an_open_sheet(), NOW - HOUR)
    with pytest.raises(Rejected, match="date-too-far"):
        agreed(an_open_sheet(), datetime.max.replace(tzinfo=UTC))
    far = hear(an_open_sheet(), acknowledged(NOW, datetime.max.replace(tzinfo=UTC)), rules=RULES)
    assert far.state.clocks == ()
    with pytest.raises(NotFound, match="nothing-to-agree"):
        agreed(an_open_sheet(kind="enquiry"))
    with pytest.raises(NotFound, match="nothing-to-agree"):
        agreed(hear(an_open_sheet(), answered(NOW + HOUR), rules=RULES).state)


def test_no_pause_moves_an_agreed_date():
    sheet = hear(agreed(an_open_sheet()).state, paused(NOW + HOUR), rules=RULES).state

    assert (the_clock(sheet).state, the_clock(sheet).due_at) == (ClockState.RUNNING, WEEK)


def test_becoming_something_with_a_limit_counts_that_limit_from_the_receipt():
    sheet = agreed(an_open_sheet(), now=NOW + DAY).state

    clock = the_clock(hear(sheet, reclassified("enquiry", NOW + DAY), rules=RULES).state)

    assert (clock.started_at, clock.target, clock.due_at) == (NOW, "3 wd", NOW + 3 * DAY)
    assert clock.former[-1].due_at == WEEK


def test_becoming_something_without_a_limit_keeps_the_old_promise_until_a_date_is_agreed():
    sheet = an_open_sheet(kind="enquiry")
    promised = the_clock(sheet).due_at

    sheet = hear(sheet, reclassified("complaint", NOW + HOUR, before="enquiry"), rules=RULES).state
    assert (the_clock(sheet).due_at, the_clock(sheet).state) == (promised, ClockState.RUNNING)

    clock = the_clock(agreed(sheet, now=NOW + HOUR).state)
    assert (clock.due_at, clock.former[-1].due_at) == (WEEK, promised)


def test_the_audit_finds_the_agreed_clocks_again_in_the_log():
    first = agreed(an_open_sheet(), now=NOW + HOUR)
    second = agreed(first.state, WEEK - DAY, now=NOW + 2 * HOUR)
    log = [an_event(registered()), an_event(assigned())]
    log += [an_event(data, time=NOW + HOUR) for data in first.tells]
    log += [an_event(data, time=NOW + 2 * HOUR) for data in second.tells]

    found = recomputed(log, lambda _: RULES, NOW + 3 * HOUR)

    assert found is not None
    assert found.clocks == second.state.clocks


PROGRESS = ClockRule(
    name="progress",
    starts_on="complaint.registered",
    meets_on=("complaint.acknowledged", "resolution.answered"),
    limits=(LimitRule(Target.parse("5 d")),),
    cancels_on=("complaint.closed", "complaint.declined", "complaint.withdrawn"),
    repeats=True,
)
NEWS = a_rulebook(clocks=(PROGRESS,))


def test_news_for_the_customer_are_due_again_and_again_until_the_case_is_over():
    """Edge case 5: a progress update is a clock of its own."""
    sheet = after(registered(), rules=NEWS)
    for day in (2, 4):
        sheet = hear(sheet, acknowledged(NOW + day * DAY, None), rules=NEWS).state

    assert [(clock.round, clock.due_at - NOW) for clock in sheet.clocks] == [
        (0, timedelta(days=5)),
        (1, timedelta(days=7)),
        (2, timedelta(days=9)),
    ]
    assert [clock.state for clock in sheet.clocks] == [ClockState.MET, ClockState.MET, ClockState.RUNNING]


def test_the_same_news_told_twice_keeps_one_round_only():
    sheet = after(registered(), acknowledged(NOW + DAY, None), rules=NEWS)

    again = hear(sheet, acknowledged(NOW + DAY, None), rules=NEWS)

    assert again.tells == ()


def test_every_shipped_promise_with_an_agreed_date_gets_its_clock():
    """SLA-15, SLA-16, INF-05: property, mall, merchant, appliance."""
    for profile, facts, by in (
        ("mall-service-desk", {}, None),
        ("merchant-basic", {}, None),
        ("home-appliance", {"category": "repair"}, None),
        ("property-management", {"flags": Flags(safety=True)}, "the.head_office_manager"),
    ):
        rules = rules_with(profile)
        sheet = after(registered(**facts), rules=rules)
        sheet = hear(sheet, acknowledged(), rules=rules).state
        if by is not None:
            waiting = [one.rule.name for one in without_date(sheet, rules)]
            assert waiting, profile
            command = AgreeDate(COMPLAINT, waiting[0], WEEK, a_manager(by))
            sheet = COMMANDS[AgreeDate](sheet, command, a_context(NOW, rules)).state
        agreed_upon = [clock for clock in sheet.clocks if clock.agreed_at == WEEK]
        assert agreed_upon, (profile, [rule.name for rule in promises_of(sheet, rules)])


async def test_the_door_agrees_on_a_date_and_the_clocks_show_it(escalation_url, a_stand):
    async with a_stand(escalation_url, RULES) as stand:
        await stand.hear(registered())
        await stand.hear(assigned())
        clocks = f"/complaints/{COMPLAINT}/clocks"
        before = (await stand.client.get(clocks, headers=stand.token("auditor"))).json()
        answer = await stand.client.post(
            f"/complaints/{COMPLAINT}/agreed-dates",
            json={"clock": "answer", "due_at": WEEK.isoformat()},
            headers=stand.token("handler", person="chen"),
        )
        afterwards = (await stand.client.get(clocks, headers=stand.token("auditor"))).json()

    assert before["to_agree"] == [{"clock": "answer", "agreed_by": ["handler"]}]
    assert answer.status_code == 201, answer.text
    assert afterwards["to_agree"] == []
    assert [item["explanation"] for item in afterwards["items"]] == [["The due date was agreed upon."]]
