"""Do clocks and ladders do what the rows of the requirements say, under the shipped profiles themselves?

Each test takes a profile of `requirements.md` section 3.2 as it is shipped, at the smallest company that
can live by it, and lets the real handlers and real time run. Desk: 08:30 to 12:00, 13:00 to 17:30, Shanghai.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.escalation.domain.agreeing import to_agree, without_date
from services.escalation.domain.clock import ClockState
from services.escalation.handlers import COMMANDS
from services.escalation.handlers.agree_date import AgreeDate
from services.escalation.handlers.hand_up import HandUp
from shared.errors import Conflict, Forbidden
from shared.events.escalation import EscalationDecided, EscalationRaised
from shared.events.intake import ComplaintAcknowledged, Flags
from shared.events.routing import ActionCompleted, ActionVerified, ResolutionProposed
from tests.escalation.builders import (
    COMPLAINT,
    HOUR,
    NUMBER,
    a_context,
    a_manager,
    accepted,
    after,
    answered,
    assigned,
    closed,
    decide,
    extend,
    fire,
    hear,
    reclassified,
    registered,
    replied,
    shanghai,
    the_clock,
    told,
)
from tests.shared.policy.organisations import rules_with

MONDAY = shanghai(2, 9)
AT_NIGHT = shanghai(2, 22)


def proposed(at) -> ResolutionProposed:
    return ResolutionProposed(complaint_no=NUMBER, at=at, by="chen", round=1, remedies=("return",))


def acted(data, at, **given):
    return data(complaint_no=NUMBER, action_id="a1", discipline="D5", department="quality", at=at, **given)


def due(profile: str, clock: str, *news, at=MONDAY, **facts):
    """Minutes from receipt to the due date of that clock after this news."""
    sheet = after(registered(at, **facts), *news, rules=rules_with(profile))
    found = sheet.clock_named(clock)
    return None if found is None else found.due_at - at


def names(profile: str, *news, at=MONDAY, **facts) -> set[str]:
    sheet = after(registered(at, **facts), *news, rules=rules_with(profile))
    return {clock.name for clock in sheet.clocks if clock.is_open}


STEEL = {"category": "business", "type": "quality"}
QUANTITY = {"category": "business", "type": "quantity"}
OTHER = {"category": "business", "type": "price"}


def test_sla_01_the_group_answers_in_24_running_hours_at_night_as_well():
    assert due("steel-trader", "answer", at=AT_NIGHT, **STEEL) == 24 * HOUR
    assert due("steel-trader", "answer", kind="enquiry") == 24 * HOUR


def test_sla_01_what_cannot_be_answered_is_noted_and_studied():
    noted = ComplaintAcknowledged(complaint_no=NUMBER, at=MONDAY + HOUR, by="chen")
    sheet = after(registered(MONDAY, **STEEL), noted, rules=rules_with("steel-trader"))

    assert the_clock(sheet, "answer").state is ClockState.MET
    assert the_clock(sheet, "reply").state is ClockState.RUNNING


def test_sla_02_paperwork_is_there_24_hours_after_the_objection():
    assert due("steel-trader", "paperwork", **STEEL) == 24 * HOUR
    sheet = after(registered(MONDAY, **STEEL), accepted(MONDAY + 2 * HOUR), rules=rules_with("steel-trader"))
    assert the_clock(sheet, "paperwork").state is ClockState.MET


@pytest.mark.parametrize(("facts", "allowed"), [(QUANTITY, 24 * HOUR), (STEEL, timedelta(days=7))])
def test_sla_03_and_04_the_opinion_takes_24_hours_on_quantity_and_7_days_on_quality(facts, allowed):
    rules = rules_with("steel-trader")
    sheet = after(registered(MONDAY, **facts), rules=rules)
    assert sheet.clock_named("opinion") is None, "it counts from the report, not from the objection"

    sheet = hear(sheet, accepted(MONDAY + 5 * HOUR), rules=rules).state

    assert the_clock(sheet, "opinion").due_at == MONDAY + 5 * HOUR + allowed
    assert the_clock(hear(sheet, proposed(MONDAY + 6 * HOUR), rules=rules).state, "opinion").met_at


def test_sla_05_quality_is_answered_in_7_days_and_other_objections_the_same_day():
    assert due("steel-trader", "reply", **STEEL) == timedelta(days=7)
    assert due("steel-trader", "reply", **OTHER) == timedelta(hours=8.5)


def test_sla_06_the_mills_opinion_reaches_the_customer_in_15_working_days():
    assert due("steel-trader", "supplier-opinion", **STEEL) == timedelta(days=21)


def test_c_04_and_edge_44_the_layers_of_one_case_are_never_merged():
    """Same-day answers end before the 24 hours of the paperwork: neither clock replaces the other."""
    found = names("steel-trader", accepted(MONDAY + HOUR), **STEEL)
    assert found == {"answer", "opinion", "reply", "supplier-opinion"}

    sheet = after(registered(MONDAY, **OTHER), answered(MONDAY + HOUR), rules=rules_with("steel-trader"))
    assert the_clock(sheet, "reply").due_at < the_clock(sheet, "paperwork").due_at
    assert the_clock(sheet, "paperwork").state is ClockState.RUNNING, "an answer is no paperwork"


def test_edge_4_becoming_a_quantity_objection_shortens_the_limit_and_keeps_the_old_one():
    rules = rules_with("steel-trader")
    sheet = after(registered(MONDAY, **STEEL), rules=rules)
    change = reclassified("complaint", MONDAY + HOUR)
    change = change.model_copy(
        update={"current": change.current.model_copy(update={"category": "business", "type": "quantity"})}
    )

    clock = the_clock(hear(sheet, change, rules=rules).state, "reply")

    assert clock.due_at == MONDAY + 24 * HOUR
    assert [former.due_at for former in clock.former] == [MONDAY + timedelta(days=7)]


def test_sla_07_apr_06_esc_12_only_the_general_manager_extends_and_only_once():
    rules = rules_with("steel-trader")
    sheet = after(registered(MONDAY, **STEEL), rules=rules)

    with pytest.raises(Forbidden, match="general_manager"):
        extend(sheet, MONDAY, rules, clock="reply", actor=a_manager("the.deputy_general_manager"))
    once = extend(sheet, MONDAY, rules, clock="reply", actor=a_manager("boss")).state
    assert the_clock(once, "reply").due_at > MONDAY + timedelta(days=7)
    with pytest.raises(Conflict, match="already-extended"):
        extend(once, MONDAY, rules, clock="answer", actor=a_manager("boss"))
    late = fire(once, the_clock(once, "reply").due_at, rules)
    assert "escalation.raised" in told(late), "what was extended and is missed all the same escalates"


def test_sla_08_and_09_an_enquiry_has_one_working_day_a_complaint_three():
    assert due("generic-1-3", "answer", kind="enquiry") == timedelta(days=1)
    assert (
        due("generic-1-3", "answer") == due("generic-1-3", "answer", kind="suggestion") == timedelta(days=3)
    )


def test_sla_10_consultation_or_complaint_is_answered_or_offered_a_solution_in_24_hours():
    assert due("generic-24h", "answer", at=AT_NIGHT) == 24 * HOUR
    assert due("generic-24h", "answer", kind="enquiry", at=AT_NIGHT) == 24 * HOUR


def test_sla_11_the_result_of_improvement_is_reported_in_72_running_hours():
    assert due("packaging-manufacturer", "improvement", at=shanghai(6, 17)) == 72 * HOUR
    sheet = after(registered(MONDAY), answered(MONDAY + HOUR), rules=rules_with("packaging-manufacturer"))
    assert the_clock(sheet, "improvement").state is ClockState.MET


def test_sla_12_the_person_on_duty_takes_it_in_3_minutes_or_is_late():
    rules = rules_with("hotel")
    assert due("hotel", "acceptance") == timedelta(minutes=3)
    in_time = after(registered(MONDAY), accepted(MONDAY + timedelta(minutes=2)), rules=rules)
    late = after(registered(MONDAY), accepted(MONDAY + timedelta(minutes=4)), rules=rules)
    assert not the_clock(in_time, "acceptance").late
    assert the_clock(late, "acceptance").late


def test_sla_13_edge_34_mystery_guests_are_answered_in_3_working_days():
    assert due("hotel", "answer", category="mystery") == timedelta(days=3)


def test_sla_17_the_field_report_is_there_10_days_after_the_visit():
    rules = rules_with("heavy-machinery")
    sheet = after(registered(MONDAY), acted(ActionCompleted, MONDAY + HOUR), rules=rules)

    assert the_clock(sheet, "field-report").due_at == MONDAY + HOUR + timedelta(days=10)
    verified = acted(ActionVerified, MONDAY + 3 * HOUR, effective=True)
    assert the_clock(hear(sheet, verified, rules=rules).state, "field-report").state is ClockState.MET


def climbed(profile: str, **facts) -> list[tuple[int, tuple[str, ...]]]:
    """The levels that are told one after the other when nobody ever answers."""
    rules = rules_with(profile)
    sheet = after(registered(MONDAY, **facts), assigned(department=lead(profile)), rules=rules)
    raised: list[EscalationRaised] = []
    while sheet.wake_at is not None and len(raised) < 50:
        decision = fire(sheet, sheet.wake_at, rules)
        raised += [data for data in decision.tells if isinstance(data, EscalationRaised)]
        sheet = decision.state
    first = [data for data in raised if data.clock == raised[0].clock]
    return [(data.level, data.to) for data in first]


def lead(profile: str) -> str:
    return min(rules_with(profile).organisation.departments)


@pytest.mark.parametrize(
    ("row", "profile", "chain"),
    [
        (
            "ESC-01",
            "bakery-chain",
            ["team_leader", "shop_manager", "regional_supervisor", "operations_manager"],
        ),
        ("ESC-02", "mall-service-desk", ["duty_supervisor", "management_centre_head"]),
        ("ESC-03", "property-management", ["team_leader", "site.manager", "head_office_manager", None]),
        ("ESC-04", "steel-trader", ["department.manager", "deputy_general_manager", "general_manager"]),
        ("ESC-05", "law-firm", ["responsible_person", "partner_in_charge", "director", "partners_meeting"]),
        ("ESC-06", "machinery-manufacturer", ["department.manager", "deputy_manager", "chairman"]),
        ("ESC-13", "restaurant", ["restaurant_manager", "general_manager"]),
        ("ESC-14", "service-department", ["service_manager", "general_manager"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_chain_of_each_row_is_climbed_level_by_level_until_its_top(row, profile, chain):
    found = climbed(profile)

    assert [level for level, _ in found] == list(range(1, len(found) + 1)), row
    for (_, people), role in zip(found, chain, strict=False):
        if role == "department.manager":
            assert people == (f"head.of.{lead(profile)}",)
        elif role in {"general_manager", "site.manager"}:
            assert people == ("boss",)
        elif role is not None:
            assert f"the.{role}" in people, row
    # Whoever was told on a lower level is not told again on a higher one.
    everybody = [person for _, people in found for person in people]
    assert len(everybody) == len(set(everybody))


def test_esc_15_a_refusal_brings_a_new_round_and_no_end_without_the_customer():
    """The machinery of rounds: each refusal is news to clocks, and the answer of round 2 is a new answer."""
    rules = rules_with("generic-1-3")
    sheet = after(registered(MONDAY), answered(MONDAY + HOUR), replied(MONDAY + 2 * HOUR), rules=rules)

    assert sheet.ended is None
    assert "customer.replied" in sheet.moments


def hard_case():
    """A hard case of the property company, with the head of the department at head office."""
    rules = rules_with("property-management")
    return after(registered(MONDAY), assigned(severity="serious"), rules=rules), rules


def agreed(sheet, rules, clock, due_at, by="the.head_office_manager", at=MONDAY):
    command = AgreeDate(COMPLAINT, clock, due_at, a_manager(by))
    return COMMANDS[AgreeDate](sheet, command, a_context(at, rules)).state


def test_sev_09_head_office_sets_the_limit_of_a_hard_case_and_gives_its_opinion():
    sheet, rules = hard_case()
    assert {one.rule.name for one in to_agree(sheet, rules)} == {"answer", "verification"}

    with pytest.raises(Forbidden, match="head_office_manager"):
        agreed(sheet, rules, "answer", MONDAY + timedelta(days=2), by="the.team_leader")
    sheet = agreed(sheet, rules, "answer", MONDAY + timedelta(days=2))
    assert the_clock(sheet).due_at == MONDAY + timedelta(days=2)
    sheet = COMMANDS[HandUp](sheet, HandUp(COMPLAINT, a_manager("chen")), a_context(MONDAY, rules)).state
    opinion = decide(
        sheet, "instruct", by="the.head_office_manager", now=MONDAY + HOUR, rules=rules, sealed="x"
    )
    (told_by,) = (one for one in opinion.tells if isinstance(one, EscalationDecided))
    assert (told_by.by, told_by.decision, told_by.sealed) == ("the.head_office_manager", "instruct", "x")


def test_inf_16_head_office_verifies_the_result_of_a_hard_case_within_the_limit_that_it_set():
    sheet, rules = hard_case()
    sheet = agreed(sheet, rules, "answer", MONDAY + timedelta(days=2))
    told_the_customer = hear(sheet, answered(MONDAY + HOUR), rules=rules).state
    assert the_clock(told_the_customer).state is ClockState.MET, "the result was told"

    open_ones = {one.rule.name for one in without_date(told_the_customer, rules)}
    assert open_ones == {"verification"}
    at = MONDAY + 2 * HOUR
    watched = agreed(told_the_customer, rules, "verification", at + 5 * HOUR, at=at)
    assert "escalation.raised" in told(fire(watched, at + 5 * HOUR, rules)), "not verified in time"
    verified = hear(watched, closed(at + HOUR), rules=rules).state
    assert the_clock(verified, "verification").state is ClockState.MET


def test_typ_05_quantity_and_quality_are_told_apart_by_every_limit_of_the_steel_trader():
    for clock in ("opinion", "reply"):
        quality, quantity = (
            due("steel-trader", clock, accepted(MONDAY), **facts) for facts in (STEEL, QUANTITY)
        )
        assert (quality, quantity) == (timedelta(days=7), 24 * HOUR)


@pytest.mark.parametrize("mode", ["deferred", "expedited"])
def test_esc_16_c_25_edge_16_a_mode_never_moves_or_silences_a_limit_that_was_promised(mode):
    rules = rules_with("steel-trader")
    sheet = after(registered(MONDAY, **STEEL), assigned(department="quality"), rules=rules)

    chosen = assigned(department="quality", mode=mode)
    put_off = hear(sheet, chosen, now=MONDAY + HOUR, rules=rules)

    assert told(put_off) == []
    assert [one.due_at for one in put_off.state.clocks] == [one.due_at for one in sheet.clocks]
    late = fire(put_off.state, the_clock(sheet, "paperwork").due_at, rules)
    assert {"clock.breached", "escalation.raised"} <= set(told(late))


@pytest.mark.parametrize(
    "facts",
    [{"flags": Flags(authority=True)}, {"flags": Flags(safety=True)}],
    ids=["ESC-10, edge 14: through an authority", "ESC-11: a hard case"],
)
def test_the_general_manager_is_copied_on_outside_complaints_and_hard_cases(facts):
    rules = rules_with("property-management")
    sheet = after(registered(MONDAY, **facts), assigned(severity="serious"), rules=rules)
    command = HandUp(COMPLAINT, a_manager("chen"))
    if not sheet.clocks:
        due_at = MONDAY + timedelta(days=2)
        agreed = AgreeDate(COMPLAINT, "answer", due_at, a_manager("the.head_office_manager"))
        sheet = COMMANDS[AgreeDate](sheet, agreed, a_context(MONDAY, rules)).state

    decision = COMMANDS[HandUp](sheet, command, a_context(MONDAY + HOUR, rules))

    copies = [notice.to for notice in decision.notices if notice.template.endswith("-copy")]
    assert copies == ["boss"]


def test_an_ordinary_case_of_the_site_is_not_copied_to_the_general_manager():
    rules = rules_with("property-management")
    sheet = after(registered(MONDAY), assigned(), rules=rules)

    decision = fire(sheet, the_clock(sheet).due_at, rules)

    assert not [notice for notice in decision.notices if notice.template.endswith("-copy")]


def test_esc_08_what_is_urgent_and_important_is_forwarded_at_once_and_tracked_to_its_end():
    rules = rules_with("generic-triage")
    sheet = after(registered(MONDAY, flags=Flags(legal=True)), rules=rules)
    assert {"forwarding", "answer"} == {clock.name for clock in sheet.clocks}

    sheet = hear(
        sheet, assigned(department=lead("generic-triage"), severity="serious"), now=MONDAY, rules=rules
    ).state

    assert the_clock(sheet, "forwarding").state is ClockState.MET
    late = fire(sheet, the_clock(sheet, "answer").due_at, rules)
    assert told(late)[-2:] == ["clock.breached", "escalation.raised"]
    again = hear(late.state, answered(the_clock(sheet, "answer").due_at + HOUR), rules=rules)
    assert told(again) == ["clock.met"]
