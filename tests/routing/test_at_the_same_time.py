"""What if two hands take hold of one case in the same instant? One wins, the other learns what changed."""

from __future__ import annotations

import asyncio

import pytest

from tests.routing.builders import COMPLAINT, breached, registered, replied, withdrawn
from tests.routing.test_api import FOUND, post
from tests.routing.workplace import a_workplace


async def answered(place) -> int:
    """A case that waits for the customer; returns the version that everybody has read."""
    await place.hears(registered())
    for path, body in (
        ("accept", None),
        ("investigation", FOUND),
        ("proposals", {"remedies": ["rework"]}),
        ("answer", {}),
    ):
        last = await post(place, path, body)
        assert last.status_code == 200, last.text
    return last.json()["version"]


def having_read(place, version: int, person: str = "chen", *roles: str) -> dict[str, str]:
    return place.token(person, *roles) | {"If-Match": f'"{version}"'}


def told(place, name: str) -> int:
    return [event.type for event in place.told].count(f"{name}.v1")


async def test_of_two_handlers_who_take_the_same_case_one_has_it_and_the_other_sees_who(workplace):
    await workplace.hears(registered())

    answers = await asyncio.gather(
        *(post(workplace, "accept", who=workplace.token(person)) for person in ("chen", "zhou"))
    )

    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    (change,) = lost.json()["changes"]
    assert (change["what"], change["by"]) == ("accept-case", won.json()["assignee"])
    assert (change["status"], change["version"]) == ("accepted", "2")
    assert change["at"] == won.json()["changes"][-1]["at"].replace("Z", "+00:00")
    assert told(workplace, "complaint.accepted") == 1


async def test_two_hands_on_two_replicas_of_the_service_agree_on_who_was_first(routing_database):
    async with a_workplace(routing_database) as here, a_workplace(routing_database) as there:
        await here.hears(registered())

        answers = await asyncio.gather(
            post(here, "accept", who=here.token("chen")), post(there, "accept", who=there.token("zhou"))
        )

        assert sorted(answer.status_code for answer in answers) == [200, 409]
        lost = next(answer for answer in answers if answer.status_code == 409).json()
        won = next(answer for answer in answers if answer.status_code == 200).json()
        assert lost["changes"][0]["by"] == won["assignee"]
        assert told(here, "complaint.accepted") + told(there, "complaint.accepted") == 1


async def test_of_ten_different_steps_on_what_ten_people_read_one_is_taken(workplace):
    """Steps that the status alone would let follow each other: only the version tells them apart."""
    await workplace.hears(registered())
    await post(workplace, "accept")
    version = (await post(workplace, "investigation", FOUND)).json()["version"]
    people = [f"handler-{number}" for number in range(10)]

    answers = await asyncio.gather(
        *(
            post(
                workplace,
                "proposals",
                {"remedies": [f"rework-{who}"]},
                who=having_read(workplace, version, who),
            )
            for who in people
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    winner = next(answer for answer in answers if answer.status_code == 200).json()
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in lost} == {"changed-meanwhile"}
    assert {problem["changes"][0]["by"] for problem in lost} == {winner["proposals"][0]["by"]}
    assert told(workplace, "resolution.proposed") == 1


async def test_without_a_version_the_second_proposal_takes_the_place_of_the_first(workplace):
    """Without `If-Match` nobody claims to have read anything: this is what the version is for."""
    await workplace.hears(registered())
    await post(workplace, "accept")
    await post(workplace, "investigation", FOUND)

    answers = await asyncio.gather(
        *(
            post(workplace, "proposals", {"remedies": ["rework"]}, who=workplace.token(who))
            for who in ("li", "zhou")
        )
    )

    assert [answer.status_code for answer in answers] == [200, 200]
    assert max(len(answer.json()["proposals"]) for answer in answers) == 2


@pytest.mark.parametrize("attempt", range(5))
async def test_a_customer_who_replies_while_the_handler_pauses_is_heard_whoever_was_first(workplace, attempt):
    version = await answered(workplace)

    async def customer():
        if attempt % 2:
            await asyncio.sleep(0)
        return await workplace.hears(replied(), sequence=2)

    handler, reply = await asyncio.gather(
        post(
            workplace,
            "pause",
            {"reason": "thinks", "waiting_for": "customer"},
            who=having_read(workplace, version),
        ),
        customer(),
    )
    case = (await workplace.client.get(f"/cases/{COMPLAINT}", headers=workplace.token())).json()

    assert reply.error is None
    assert (case["status"], case["agreed_round"], case["pause"]) == ("agreed", 1, None)
    if handler.status_code == 409:
        (change,) = handler.json()["changes"]
        assert (change["what"], change["by"], change["status"]) == ("customer.replied", "customer", "agreed")
    else:
        assert [one["what"] for one in case["changes"][-2:]] == ["pause-case", "customer.replied"]


async def test_a_handler_who_comes_after_the_customers_withdrawal_is_told_so(workplace):
    version = await answered(workplace)
    await workplace.hears(withdrawn(), sequence=2)

    late = await post(
        workplace, "pause", {"reason": "x", "waiting_for": "own"}, who=having_read(workplace, version)
    )

    problem = late.json()
    assert (late.status_code, problem["code"], problem["field"]) == (409, "changed-meanwhile", "If-Match")
    assert [(one["what"], one["by"], one["status"]) for one in problem["changes"]] == [
        ("complaint.withdrawn", "customer", "withdrawn")
    ]
    assert "Read the case again" in problem["remedy"]


async def test_the_version_comes_with_the_case_and_goes_up_with_every_step(workplace):
    await workplace.hears(registered())
    read = await workplace.client.get(f"/cases/{COMPLAINT}", headers=workplace.token())

    taken = await post(workplace, "accept", who=workplace.token() | {"If-Match": read.headers["etag"]})

    assert (read.headers["etag"], taken.headers["etag"]) == ('"1"', '"2"')
    assert (read.json()["version"], taken.json()["version"]) == (1, 2)


async def test_a_broken_promise_is_no_change_that_stands_in_anybodys_way(workplace):
    version = await answered(workplace)
    await workplace.hears(breached(), sequence=1)

    paused = await post(
        workplace, "pause", {"reason": "x", "waiting_for": "own"}, who=having_read(workplace, version)
    )

    assert paused.status_code == 200


@pytest.mark.parametrize("given", ["new", '"-1"', "1.5", '"²"'])
async def test_what_is_no_version_is_refused(workplace, given):
    await workplace.hears(registered())
    headers = workplace.token() | {"If-Match": given.encode()}

    answer = await workplace.client.post(f"/cases/{COMPLAINT}/accept", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad-if-match")


async def test_only_the_newest_steps_are_kept_and_a_reader_from_long_ago_gets_those(workplace):
    await workplace.hears(registered())
    await post(workplace, "accept")
    for _ in range(15):
        await post(workplace, "pause", {"reason": "x", "waiting_for": "own"})
        await post(workplace, "resume")

    late = await post(workplace, "investigation", FOUND, who=having_read(workplace, 1))

    assert late.status_code == 409
    assert len(late.json()["changes"]) == 20
    assert late.json()["changes"][-1]["version"] == "32"
