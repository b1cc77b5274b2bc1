"""Who answers an alarm when everybody who was told has left the organisation? (issue 17, fault 5)"""

from __future__ import annotations

from dataclasses import replace

from services.escalation.handlers.tell_successors import TellSuccessors
from services.escalation.jobs.succession import look_through
from shared.deciding import Decision
from shared.events.escalation import EscalationRaised
from shared.policy.model import Rulebook
from tests.escalation.builders import (
    COMMANDS,
    COMPLAINT,
    RULES,
    a_context,
    a_person,
    acknowledge,
    after,
    assigned,
    fire,
    registered,
    shanghai,
)

OVERDUE = shanghai(5, 9)


def alarmed():
    sheet = fire(after(registered(shanghai(2, 9)), assigned()), OVERDUE).state
    assert sheet is not None
    return sheet


def tell(sheet, rules: Rulebook) -> Decision:
    return COMMANDS[TellSuccessors](sheet, TellSuccessors(COMPLAINT), a_context(OVERDUE, rules))


def without(*gone: str, **come) -> Rulebook:
    organisation = RULES.organisation
    people = {one: person for one, person in organisation.people.items() if one not in gone} | come
    departments = {
        name: replace(one, manager=next(iter(come), None) if one.manager in gone else one.manager)
        for name, one in organisation.departments.items()
    }
    return replace(RULES, organisation=replace(organisation, people=people, departments=departments))


def test_whoever_is_in_their_place_is_told_on_the_same_level():
    sheet = alarmed()
    (reader,) = sheet.escalations[0].alerts[-1].to

    decision = tell(sheet, without(reader, fresh=a_person("fresh")))

    told = decision.state.escalations[0]
    assert (told.id, told.level, told.alerts[-1].to) == (sheet.escalations[0].id, 1, ("fresh",))
    assert [type(one) for one in decision.tells] == [EscalationRaised]
    assert [one.to for one in decision.notices] == ["fresh"]


def test_with_nobody_in_their_place_the_next_level_is_told():
    sheet = alarmed()
    (reader,) = sheet.escalations[0].alerts[-1].to

    decision = tell(sheet, without(reader))

    assert decision.state.escalations[0].level == 2
    assert decision.notices


def test_a_level_that_the_ladder_has_no_more_is_told_at_its_top():
    sheet = alarmed()
    (reader,) = sheet.escalations[0].alerts[-1].to
    high = replace(
        sheet,
        escalations=(
            replace(sheet.escalations[0], alerts=(replace(sheet.escalations[0].alerts[0], level=9),)),
        ),
    )

    told = tell(high, without(reader)).state.escalations[0]

    assert told.level == max(level.level for level in RULES.profile_of("sh01").escalation)


def test_an_alarm_that_somebody_can_answer_or_did_answer_stays():
    sheet = alarmed()
    (reader,) = sheet.escalations[0].alerts[-1].to
    answered = acknowledge(sheet, reader).state

    assert tell(sheet, RULES).state is sheet
    assert tell(answered, without(reader)).tells == ()
    assert tell(None, RULES).state is None


def test_telling_them_twice_changes_nothing():
    sheet = alarmed()
    (reader,) = sheet.escalations[0].alerts[-1].to
    rules = without(reader, fresh=a_person("fresh"))

    once = tell(sheet, rules).state

    assert tell(once, rules).state is once


async def test_a_running_service_looks_through_its_open_alarms(stand):
    alarm = await stand.alarm()
    (reader,) = alarm.alerts[-1].to
    stand.process.rules._rules = without(reader, fresh=a_person("fresh"))

    told = await look_through(stand.process.desk)

    again = await look_through(stand.process.desk)
    sheet = await stand.queries.sheet_of(alarm.id)
    assert (told, again) == (1, 0)
    assert sheet.escalations[0].alerts[-1].to == ("fresh",)
