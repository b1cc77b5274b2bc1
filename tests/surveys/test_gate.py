"""Is what customers are asked about a complaint seen by those only who have to do with it? (RCS-02)"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.surveys.handlers.score_answer import admit
from shared.deciding import Actor
from shared.errors import Forbidden
from shared.events.intake import AmendedFacts, ComplaintAmended
from tests.surveys.builders import NOW, NUMBER, RULES, a_waiting_one, closed, hear, registered
from tests.surveys.stand import complaint_of


def closing(number: int, department: str | None, *recused: str):
    return closed(NOW, complaint_no=NUMBER[:-1] + str(number), department=department, recused=recused or None)


async def asked(stand, number: int, department: str | None, *recused: str, **given):
    complaint = complaint_of(number)
    await stand.hear(registered(complaint_no=NUMBER[:-1] + str(number), **given), complaint=complaint)
    await stand.hear(closing(number, department, *recused), complaint=complaint)
    return complaint


async def seen_by(stand, **scope) -> set[str]:
    answer = await stand.client.get("/invitations", headers=stand.token("manager", **scope))
    return {one["complaint_no"][-1] for one in answer.json()["items"]}


async def test_invitations_are_shown_to_the_department_that_had_the_complaint(stand):
    await asked(stand, 1, "sales")
    await asked(stand, 2, "quality")
    await asked(stand, 3, None)

    assert await seen_by(stand, departments=("sales",)) == {"1"}
    assert await seen_by(stand, departments=("sales", "quality")) == {"1", "2"}
    assert await seen_by(stand) == {"1", "2", "3"}
    assert await seen_by(stand, sites=("hh01",)) == set()


async def test_and_never_to_whom_the_complaint_is_about(stand):
    await asked(stand, 1, "sales", "zhou")
    second = await asked(stand, 2, "sales", accused_refs=("mao",))

    assert await seen_by(stand, person="zhou") == {"2"}
    assert await seen_by(stand, person="mao") == {"1"}
    facts = AmendedFacts(accused_refs=("sun",))
    amended = ComplaintAmended(complaint_no=NUMBER, at=NOW, by="li", changed=("accused_refs",), facts=facts)
    await stand.hear(amended, complaint=second)
    assert await seen_by(stand, person="sun") == {"1"}
    assert await seen_by(stand, person="mao") == {"1", "2"}


async def test_a_page_with_hidden_lines_goes_on(stand):
    await asked(stand, 1, "sales", "zhou")
    await asked(stand, 2, "sales")
    headers = stand.token("manager", person="zhou")

    found, after = [], {}
    while True:
        page = (await stand.client.get("/invitations", params={"limit": 1, **after}, headers=headers)).json()
        found += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert [one["complaint_no"][-1] for one in found] == ["2"]


async def test_results_count_the_own_department_only(stand):
    for number, department, grade in ((1, "sales", "satisfied"), (2, "quality", "very-dissatisfied")):
        await stand.answer(await asked(stand, number, department), grade)

    async def total(**scope):
        answer = await stand.client.get("/results", headers=stand.token("manager", **scope))
        return answer.json()["total"]["answered"], answer.json()["total"]["mean_score"]

    assert await total(departments=("sales",)) == (1, 80)
    assert await total(departments=("quality",)) == (1, 0)
    assert await total() == (2, 40)
    assert await total(departments=("finance",)) == (0, None)


def test_a_closing_again_says_who_had_it_then_and_one_of_a_release_before_changes_nothing():
    first = hear(a_waiting_one(), closing(1, "sales", "zhou")).state
    assert (first.department, first.set_aside) == ("sales", ("zhou",))
    assert hear(first, closing(1, None)).state.department == "sales"


def test_only_whoever_has_to_do_with_it_answers_for_it():
    asked_about = replace(a_waiting_one(), accused=("mao",), department="sales")
    customer = Actor("customer", frozenset({"customer"}), frozenset({"sh01"}))

    class Command:
        actor = customer

    admit(replace(asked_about, accused=("customer",)), Command(), RULES)
    for stranger in (
        Actor("mao", frozenset({"admin"}), frozenset({"*"})),
        Actor("x", frozenset(), frozenset()),
    ):
        Command.actor = stranger
        with pytest.raises(Forbidden):
            admit(asked_about, Command(), RULES)
