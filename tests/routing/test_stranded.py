"""Does what nobody could take find somebody as soon as somebody can, oldest first?"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.routing import metrics
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.place_again import PlaceAgain
from services.routing.jobs.counting import Counting
from services.routing.jobs.stranded import keep_trying, situation_of, try_again
from shared.errors import NotFound
from shared.events.routing import ComplaintAssigned
from shared.ids import derived_id
from shared.lifecycle import Status
from shared.policy.model import Rulebook, Workload
from tests.routing.builders import (
    COMPLAINT,
    NOW,
    RULES,
    a_person,
    a_rulebook,
    after,
    an_actor,
    an_assigned_case,
    an_event,
    away,
    do,
    registered,
)
from tests.support.waiting import eventually

NOBODY = a_rulebook(away("sun"))
REFUND = {"category": "refund"}


def with_room_for(cases: int) -> Rulebook:
    return a_rulebook(a_person("sun", capacity=cases))


def test_a_stranded_case_goes_to_whoever_can_take_it_now():
    stranded = an_assigned_case(NOBODY, **REFUND)

    decision = do(stranded, PlaceAgain(COMPLAINT))

    placed = decision.state
    assert (placed.department, placed.placement.assignee, placed.placement.reason) == ("billing", "sun", None)
    assert placed.former == (stranded.placement,)
    assert [type(told) for told in decision.tells] == [ComplaintAssigned]


def test_placing_it_again_twice_changes_nothing():
    placed = after(an_assigned_case(NOBODY, **REFUND), PlaceAgain(COMPLAINT))

    decision = do(placed, PlaceAgain(COMPLAINT))

    assert decision.state is placed
    assert decision.tells == ()


def test_it_stays_while_nobody_can():
    stranded = an_assigned_case(NOBODY, **REFUND)

    decision = do(stranded, PlaceAgain(COMPLAINT), NOBODY)

    assert decision.state is stranded
    assert decision.tells == ()


def test_a_new_reason_is_kept_and_not_told():
    stranded = an_assigned_case(NOBODY, **REFUND)

    decision = do(stranded, PlaceAgain(COMPLAINT), with_room_for(0))

    assert decision.state.placement.reason == "nobody-free"
    assert decision.tells == ()


def test_whoever_took_it_up_at_the_triage_desk_keeps_it():
    taken = after(an_assigned_case(NOBODY, **REFUND), AcceptCase(COMPLAINT, an_actor("desk-one")))

    decision = do(taken, PlaceAgain(COMPLAINT))

    assert decision.state is taken
    assert decision.state.status is Status.ACCEPTED


def test_there_is_nothing_to_place_of_an_unknown_case():
    with pytest.raises(NotFound, match="unknown-case"):
        do(None, PlaceAgain(COMPLAINT))


def test_policy_organisation_presence_and_room_change_the_situation_and_load_below_capacity_does_not():
    roomy = with_room_for(3)
    same = situation_of(roomy, NOW)

    assert situation_of(roomy.with_workload(Workload({"sun": 2})), NOW) == same
    assert situation_of(roomy.with_workload(Workload({"sun": 3})), NOW) != same
    assert situation_of(NOBODY, NOW) != situation_of(NOBODY, NOW + timedelta(days=2))
    assert situation_of(replace(RULES, organisation=replace(RULES.organisation, version="2")), NOW) != (
        situation_of(RULES, NOW)
    )
    other = replace(RULES.profiles["test"], version="policy-2")
    assert situation_of(replace(RULES, profiles={"test": other}), NOW) != situation_of(RULES, NOW)


async def strand(workplace, count: int) -> list:
    """That many refunds, for which nobody is there; their ids, oldest first."""
    workplace.rules.append(NOBODY)
    ids = [derived_id(NOW + timedelta(seconds=number), "stranded") for number in range(count)]
    for complaint in reversed(ids):
        work = await workplace.shell.submit(an_event(registered(**REFUND), complaint=complaint))
        assert work.error is None
    return ids


async def test_the_oldest_is_first_and_the_room_is_not_overdrawn(workplace):
    ids = await strand(workplace, 4)
    workplace.rules.append(with_room_for(2))
    counting = Counting(workplace.desk)

    placed = await try_again(Desk(workplace, counting))

    cases = {complaint: await workplace.queries.find(complaint) for complaint in ids}
    assert placed == 2
    assert [cases[complaint].department for complaint in ids] == ["billing", "billing", "desk", "desk"]
    assert {cases[complaint].placement.reason for complaint in ids[2:]} == {"nobody-free"}


async def test_stranded_work_is_a_metric_until_it_is_placed(workplace):
    await strand(workplace, 3)
    labels = {"site": "sh01", "reason": "nobody-present"}

    await metrics.refresh(workplace.queries)
    waiting = REGISTRY.get_sample_value("kesu_complaints_stranded", labels)
    age = REGISTRY.get_sample_value("kesu_complaints_stranded_oldest_age_seconds", {"site": "sh01"})
    workplace.rules.append(RULES)
    await try_again(workplace.desk)
    await metrics.refresh(workplace.queries)

    assert waiting == 3
    assert age is not None
    assert age >= 0
    assert REGISTRY.get_sample_value("kesu_complaints_stranded", labels) is None
    assert REGISTRY.get_sample_value("kesu_complaints_stranded_oldest_age_seconds", {"site": "sh01"}) is None


async def test_a_change_of_presence_is_enough_to_have_them_tried_again(workplace):
    ids = await strand(workplace, 2)
    job = asyncio.create_task(keep_trying(None, workplace.desk))

    workplace.rules.append(RULES)

    async def nobody_waits() -> bool:
        return not await workplace.queries.stranded(after=None, limit=10)

    await eventually(nobody_waits)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job
    assert [(await workplace.queries.find(one)).placement.assignee for one in ids] == ["sun", "sun"]


async def test_the_load_is_counted_from_the_open_cases_and_kept_up_between_counts(workplace):
    counting = Counting(count_seconds=0.05)
    await workplace.hears(registered(**REFUND))
    job = asyncio.create_task(counting.keep(None, workplace.desk))

    await eventually(lambda: workplace.rules[-1].workload.of("sun") == 1)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job
    counting.on_told(workplace.told[-1])

    assert workplace.rules[-1].workload.of("sun") == 2
    assert await workplace.queries.open_by_assignee() == {"sun": 1}


class Desk:
    """The workplace's desk, with the count kept up as the running process does it."""

    def __init__(self, workplace, counting: Counting) -> None:
        self._workplace, self._counting = workplace, counting
        self.queries, self.clock, self.rules = workplace.queries, workplace.desk.clock, workplace.desk.rules

    async def submit(self, command, *, bulk=False):
        before = len(self._workplace.told)
        decision = await self._workplace.desk.submit(command, bulk=bulk)
        for event in self._workplace.told[before:]:
            self._counting.on_told(event)
        return decision
