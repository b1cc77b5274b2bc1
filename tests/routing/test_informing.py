"""Who hears of a case, and how often? Each person once for each placement (SEV-03, RTE-14, INF-10)."""

from __future__ import annotations

from dataclasses import replace

from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.amend_case import amend_case
from services.routing.handlers.assign_team import assign_team
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.reopen_case import reopen_case
from shared.events.intake import AmendedFacts, ComplaintAmended, Flags
from shared.lifecycle import Status
from shared.policy.model import RouteRule, When
from tests.routing.builders import (
    COMPLAINT,
    NOW,
    NUMBER,
    a_context,
    a_rulebook,
    after,
    an_actor,
    an_event,
    do,
    registered,
    reopened,
)

ROWS = (
    RouteRule("fire", "quality", When(type=("fire",)), inform=("wang", "zhao")),
    RouteRule("smoke", "quality", When(type=("smoke",)), inform=("wang",)),
    RouteRule("rest", "quality", inform=("wang",)),
)
RULES = a_rulebook(routing=ROWS)


def placed(**given):
    return assign_team(None, an_event(registered(**given)), a_context(RULES))


def reclassified(case, kind: str):
    command = ReclassifyCase(COMPLAINT, an_actor("chen", "manager"), "complaint", "quality", kind)
    return do(case, command, RULES)


def heard(decision) -> list[tuple[str, str]]:
    return [(notice.to, notice.template.removeprefix("complaint-informed")) for notice in decision.notices]


def keys(*decisions) -> list[str]:
    return [notice.key for decision in decisions for notice in decision.notices]


def test_whom_the_row_informs_is_told_again_when_the_case_is_reopened():
    first = placed()
    ended = replace(first.state, status=Status.CLOSED, ended_at=NOW)

    again = reopen_case(ended, an_event(reopened(), sequence=2), a_context(RULES))

    assert heard(first) == [("wang", "")]
    assert heard(again) == [("wang", "-reopened")]
    assert len(set(keys(first, again))) == 2


def test_a_reopening_that_comes_twice_is_told_once():
    event = an_event(reopened(), sequence=2)
    once = reopen_case(replace(placed().state, status=Status.CLOSED, ended_at=NOW), event, a_context(RULES))

    assert reopen_case(once.state, event, a_context(RULES)).notices == ()


def test_whom_the_new_row_informs_is_told_when_it_turns_out_to_be_something_else():
    first = placed(type="defect")

    again = reclassified(first.state, "fire")

    assert heard(again) == [("wang", "-moved"), ("zhao", "-moved")]
    assert len(set(keys(first, again))) == 3


def test_a_new_name_that_leaves_the_case_where_it_is_is_no_news():
    again = reclassified(placed(type="defect").state, "smoke")

    assert again.state.facts.type == "smoke"
    assert heard(again) == []


def test_whom_an_amended_fact_informs_is_told_once():
    rules = a_rulebook(routing=(RouteRule("safe", "sales", When(flags=("safety",)), inform=("wang",)), *ROWS))
    told = ComplaintAmended(
        complaint_no=NUMBER, at=NOW, by="agent", changed=("flags",),
        facts=AmendedFacts(flags=Flags(safety=True)),
    )  # fmt: skip

    once = amend_case(placed().state, an_event(told, sequence=2), a_context(rules))
    twice = amend_case(once.state, an_event(told, sequence=3), a_context(rules))

    assert (heard(once), heard(twice)) == ([("wang", "-moved")], [])


def test_nobody_hears_of_the_past_being_reclassified():
    past = replace(placed().state, history=True)

    assert heard(reclassified(past, "fire")) == []


def test_taking_it_up_is_no_new_placement():
    taken = after(placed().state, AcceptCase(COMPLAINT, an_actor("chen")))

    assert heard(reclassified(taken, "fire")) == [("wang", "-moved"), ("zhao", "-moved")]
