"""What may whoever answers an alarm decide, and is what cannot be done refused at the door?"""

from __future__ import annotations

import pytest

from services.escalation.domain.clock import ClockState
from services.escalation.handlers import COMMANDS
from services.escalation.handlers.hand_up import HandUp
from shared.errors import Conflict, Forbidden, Rejected
from shared.events.escalation import EscalationDecided, EscalationRaised
from shared.policy.model import Department, Extension
from tests.escalation.builders import (
    COMPLAINT,
    DAY,
    NOW,
    RULES,
    a_context,
    a_manager,
    a_rulebook,
    acknowledge,
    after,
    answered,
    assigned,
    away,
    closed,
    decide,
    extend,
    fire,
    hear,
    registered,
    shanghai,
    the_clock,
    told,
)

LATE = shanghai(5, 17)
"""Longer than the 24 working hours of an answer."""
BROWSER = {"Accept": "text/html", "Accept-Language": "en"}


def an_alarm(rules=RULES, **given):
    sheet = after(registered(shanghai(2, 9), **given), assigned(), rules=rules)
    sheet = fire(sheet, LATE, rules).state
    assert sheet.escalations
    return sheet


def ruled(decision) -> EscalationDecided:
    (data,) = [data for data in decision.tells if isinstance(data, EscalationDecided)]
    return data


def test_taking_over_answers_the_alarm_and_tells_who_has_it_now():
    decision = decide(an_alarm(), "take_over", by="li", now=LATE)

    assert told(decision) == ["escalation.acknowledged", "escalation.decided"]
    data = ruled(decision)
    assert (data.decision, data.by, data.assignee, data.department) == ("take_over", "li", "li", "sales")
    assert decision.state.escalations[0].acknowledged_by == "li"
    assert decision.state.escalations[0].climbs_at is None


def test_deciding_the_same_twice_changes_nothing():
    once = decide(an_alarm(), "take_over", now=LATE).state

    again = decide(once, "take_over", now=LATE + DAY)

    assert again.state is once
    assert again.tells == ()


def test_who_answered_first_stays_although_somebody_else_decides():
    sheet = acknowledge(an_alarm(), by="li", now=LATE).state

    decision = decide(sheet, "take_over", by="wang", now=LATE)

    assert told(decision) == ["escalation.decided"]
    assert decision.state.escalations[0].acknowledged_by == "li"
    assert decision.state.escalations[0].rulings[0].by == "wang"


def test_a_department_is_enough_to_reassign():
    data = ruled(decide(an_alarm(), "reassign", now=LATE, department="quality", reason_code="wrong-desk"))

    assert (data.department, data.assignee, data.reason_code) == ("quality", None, "wrong-desk")


def test_a_person_is_enough_to_reassign_and_brings_the_department():
    data = ruled(decide(an_alarm(), "reassign", now=LATE, assignee="quentin"))

    assert (data.department, data.assignee) == ("quality", "quentin")


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        ({"department": "qualty"}, "unknown-department", "department"),
        ({"assignee": "nobody"}, "unknown-person", "assignee"),
        ({"assignee": "dong"}, "assignee-elsewhere", "assignee"),
        ({"assignee": "quentin", "department": "sales"}, "assignee-elsewhere", "assignee"),
        ({}, "target-missing", "department"),
    ],
)
def test_an_impossible_target_is_refused_at_the_door(wish, code, field):
    with pytest.raises(Rejected) as refused:
        decide(an_alarm(), "reassign", now=LATE, **wish)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_misspelt_department_is_refused_with_the_nearest_name():
    with pytest.raises(Rejected) as refused:
        decide(an_alarm(), "reassign", now=LATE, department="qualty")

    assert refused.value.remedy == "Did you mean quality?"


def test_nobody_away_and_no_empty_department_gets_a_case():
    rules = a_rulebook(away("quentin"))
    rules.organisation.departments["lab"] = Department("lab", {"en": "Lab"}, members=("quentin",))

    for wish, code in (
        ({"assignee": "quentin"}, "assignee-absent"),
        ({"department": "lab"}, "nobody-present"),
    ):
        with pytest.raises(Rejected) as refused:
            decide(an_alarm(rules), "reassign", now=LATE, rules=rules, **wish)
        assert refused.value.code == code


def test_a_person_complained_about_neither_decides_nor_answers_nor_gets_the_case():
    sheet = an_alarm(accused_refs=("quentin",))

    with pytest.raises(Forbidden, match="recused"):
        decide(sheet, "take_over", by="quentin", now=LATE)
    with pytest.raises(Forbidden, match="recused"):
        acknowledge(sheet, by="quentin", now=LATE)
    with pytest.raises(Rejected, match="assignee-recused"):
        decide(sheet, "reassign", now=LATE, assignee="quentin")


def test_more_time_is_given_by_the_rules_of_extensions_and_only_as_often():
    decision = decide(an_alarm(), "extend", by="dong", now=LATE, target="5 wd", reason_code="lab-busy")

    assert told(decision) == ["escalation.acknowledged", "clock.extended", "escalation.decided"]
    assert ruled(decision).due_at == the_clock(decision.state).due_at == shanghai(6, 17)
    assert the_clock(decision.state).state is ClockState.RUNNING
    assert the_clock(decision.state).former[-1].breached_at == LATE, "the old due date stays as evidence"
    with pytest.raises(Conflict, match="already-extended"):
        decide(decision.state, "extend", by="dong", now=LATE, target="9 wd")


def test_whoever_may_not_extend_cannot_do_so_by_deciding():
    rules = a_rulebook(extension=Extension(max=1, approver=("director",)))

    with pytest.raises(Forbidden, match="may-not-extend"):
        decide(an_alarm(rules), "extend", by="li", now=LATE, target="5 wd", rules=rules)


def test_an_instruction_is_told_sealed_and_needs_words():
    decision = decide(an_alarm(), "instruct", now=LATE, sealed="k1:xyz")

    assert ruled(decision).sealed == "k1:xyz"
    with pytest.raises(Rejected, match="instruction-missing"):
        decide(an_alarm(), "instruct", now=LATE)


def test_nothing_is_decided_about_what_has_ended():
    sheet = hear(an_alarm(), closed(LATE)).state

    with pytest.raises(Conflict, match="complaint-ended"):
        decide(sheet, "take_over", now=LATE)


def test_an_answer_in_between_does_not_keep_the_manager_from_deciding():
    sheet = hear(an_alarm(), answered(LATE)).state

    assert told(decide(sheet, "reassign", now=LATE, department="quality")) == ["escalation.decided"]


def test_extending_by_hand_and_by_decision_count_together():
    sheet = extend(an_alarm(), now=LATE, target="5 wd").state

    with pytest.raises(Conflict, match="already-extended"):
        decide(sheet, "extend", by="dong", now=LATE, target="9 wd")


async def test_the_door_takes_a_decision_and_keeps_the_words_sealed(stand):
    escalation = await stand.alarm()
    path = f"/escalations/{escalation.id}/decisions"

    answer = await stand.client.post(
        path,
        json={"decision": "instruct", "instruction": "Call Mrs Fang at once"},
        headers=stand.token("manager", person="li"),
    )

    assert answer.status_code == 201, answer.text
    assert [ruling["decision"] for ruling in answer.json()["rulings"]] == ["instruct"]
    sheet = await stand.queries.sheet(COMPLAINT)
    sealed = sheet.escalations[0].rulings[0].sealed
    assert "Fang" not in sealed
    opened = stand.process.desk.sealer.open(sealed, about=COMPLAINT)
    assert opened["instruction"] == "Call Mrs Fang at once"
    ((body,),) = await stand.rows(
        "SELECT convert_from(body, 'UTF8') FROM outbox WHERE type = 'escalation.decided.v1'"
    )
    assert "Fang" not in body


async def test_the_door_names_field_and_remedy_of_an_unknown_target(stand):
    escalation = await stand.alarm()

    answer = await stand.client.post(
        f"/escalations/{escalation.id}/decisions",
        json={"decision": "reassign", "department": "salse"},
        headers=stand.token("manager", person="li"),
    )

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["field"]) == ("unknown-department", "department")
    assert "sales" in answer.json()["remedy"]


async def test_an_auditor_decides_nothing(stand):
    escalation = await stand.alarm()

    answer = await stand.client.post(
        f"/escalations/{escalation.id}/decisions",
        json={"decision": "take_over"},
        headers=stand.token("auditor"),
    )

    assert answer.status_code == 403


async def test_the_page_of_the_link_offers_the_decision_and_takes_it(stand):
    escalation = await stand.alarm()
    path = stand.path(f"{escalation.id}~li")

    page = await stand.client.get(path, headers=BROWSER)
    posted = await stand.client.post(
        path, data={"decision": "reassign", "department": "quality"}, headers=BROWSER
    )
    shown = await stand.client.get(path, headers=BROWSER)

    assert all(f'value="{one}"' in page.text for one in ("take_over", "reassign", "extend", "instruct"))
    assert posted.status_code == 303
    ruling = (await stand.queries.sheet(COMPLAINT)).escalations[0].rulings[0]
    assert (ruling.decision, ruling.by, ruling.department) == ("reassign", "li", "quality")
    assert "已作出的决定" in shown.text


async def test_the_page_says_why_a_decision_cannot_be_carried_out(stand):
    escalation = await stand.alarm()

    page = await stand.client.post(
        stand.path(f"{escalation.id}~li"), data={"decision": "reassign"}, headers=BROWSER
    )

    assert page.status_code == 422
    assert "reassigning names a department or a person" in page.text


async def test_a_link_that_is_nobodys_own_answers_but_decides_nothing(stand):
    escalation = await stand.alarm()
    path = stand.path(escalation.id)

    page = await stand.client.get(path, headers=BROWSER)
    await stand.client.post(path, data={"decision": "take_over", "person": "li"}, headers=BROWSER)

    assert 'name="decision"' not in page.text
    assert (await stand.queries.sheet(COMPLAINT)).escalations[0].rulings == ()


def handed_up(sheet, by="chen", now=NOW, rules=RULES):
    return COMMANDS[HandUp](sheet, HandUp(COMPLAINT, a_manager(by)), a_context(now, rules))


def test_what_cannot_be_solved_goes_up_at_once_and_climbs_until_somebody_answers():
    """ESC-01, ESC-09, ESC-13."""
    sheet = after(registered(shanghai(2, 9)), assigned())

    decision = handed_up(sheet, now=shanghai(2, 10))

    assert told(decision) == ["escalation.raised"]
    assert [(notice.to, notice.template) for notice in decision.notices] == [("li", "handed-up")]
    higher = fire(decision.state, shanghai(2, 12))
    assert [data.level for data in higher.tells if isinstance(data, EscalationRaised)] == [2]


def test_whoever_hands_it_up_is_not_asked_himself():
    decision = handed_up(after(registered(shanghai(2, 9)), assigned()), by="li", now=shanghai(2, 10))

    assert "li" not in {notice.to for notice in decision.notices}


def test_handing_up_twice_calls_nobody_twice():
    once = handed_up(after(registered(shanghai(2, 9)), assigned()), now=shanghai(2, 10)).state

    assert handed_up(once, now=shanghai(2, 11)).state is once


def test_a_limit_missed_afterwards_is_another_cause_with_notices_of_its_own():
    up = handed_up(after(registered(shanghai(2, 9)), assigned()), now=shanghai(2, 10))
    sheet = acknowledge(up.state, now=shanghai(2, 11)).state

    late = fire(sheet, LATE)

    assert [one.cause for one in late.state.escalations] == ["handed-up", "clock-breached"]
    assert len({one.id for one in late.state.escalations}) == 2
    assert {notice.key for notice in up.notices}.isdisjoint(notice.key for notice in late.notices)
    assert late.notices


def test_nothing_is_handed_up_that_is_over_or_by_the_person_complained_about():
    over = after(registered(shanghai(2, 9)), assigned(), closed(shanghai(2, 10)))

    with pytest.raises(Conflict, match="complaint-ended"):
        handed_up(over)
    with pytest.raises(Forbidden, match="recused"):
        handed_up(after(registered(accused_refs=("chen",))), by="chen")


async def test_the_door_reports_upward(stand):
    await stand.hear(registered())

    answer = await stand.client.post(
        f"/complaints/{COMPLAINT}/escalations", headers=stand.token("handler", person="chen")
    )

    assert answer.status_code == 201, answer.text
    assert (answer.json()["cause"], answer.json()["is_open"]) == ("handed-up", True)
