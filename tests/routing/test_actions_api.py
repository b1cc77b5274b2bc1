"""Do the doors of corrective action work, and does a cause that comes back act by itself?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from services.routing.jobs.recurrence import Found, look, watch
from services.routing.settings import Settings
from shared.errors import Unavailable
from shared.events.routing import ActionOpened, ActionProposed, ActionVerified
from tests.routing.actions import DUE, WEEK, rules_with
from tests.routing.builders import COMPLAINT, NOW, NUMBER, registered
from tests.routing.workplace import a_workplace

FOUND = {"liability": "own", "valid": True, "cause_code": "worn-tool"}
D3 = {"discipline": "D3", "department": "quality", "due_at": DUE.isoformat(), "task": "检查全部库存"}
PLAN = {"steps": [D3, {**D3, "discipline": "D4", "task": None}]}


def complaint(number: int) -> UUID:
    return UUID(int=COMPLAINT.int + number)


@pytest_asyncio.fixture
async def counting(routing_database):
    """A workplace whose policy proposes an action from the third complaint of one cause."""
    async with a_workplace(routing_database, rules_with(recurrence_from=3, recurrence_days=30)) as place:
        yield place


async def post(
    place, path: str, body: object, *, who: str = "chen", role: str = "handler", case=COMPLAINT, **scope
):
    headers = place.token(who, role, **scope)
    return await place.client.post(f"/cases/{case}/{path}", json=body, headers=headers)


async def get(place, path: str, *, who: str = "chen", role: str = "handler", **scope):
    return await place.client.get(path, headers=place.token(who, role, **scope))


async def investigated(place, number: int = 0, cause: str = "worn-tool", received_at=NOW) -> UUID:
    """One more complaint, with a finding."""
    case = complaint(number)
    data = registered(received_at=received_at, complaint_no=f"SH01-2026-{number:06}")
    await place.hears(data, complaint=case)
    assert (await post(place, "accept", None, case=case)).status_code == 200
    answer = await post(place, "investigation", {**FOUND, "cause_code": cause}, case=case)
    assert answer.status_code == 200, answer.text
    return case


async def test_a_report_is_begun_done_and_judged_over_http(workplace):
    await workplace.hears(registered())

    begun = await post(workplace, "actions", PLAN)
    done = await post(workplace, "actions/a-1/complete", {"done": "已隔离 120 箱"}, who="qian")
    judged = await post(workplace, "actions/a-1/verify", {"effective": True}, who="sun")

    assert [one.status_code for one in (begun, done, judged)] == [200] * 3, judged.text
    first, second = judged.json()["items"]
    assert (first["state"], second["state"]) == ("verified", "open")
    assert (first["task"], first["attempts"][0]["done"]) == ("检查全部库存", "已隔离 120 箱")
    assert [notice.to for notice in workplace.notices] == ["qian", "qian"]
    stored = await workplace.queries.find(COMPLAINT)
    assert "检查" not in str(stored)


async def test_the_order_of_the_steps_is_kept_at_the_door(workplace):
    await workplace.hears(registered())
    await post(workplace, "actions", PLAN, case=NUMBER)

    answer = await post(workplace, "actions/a-2/complete", {}, who="qian", case=NUMBER)

    assert (answer.status_code, answer.json()["code"]) == (409, "containment-first")


async def test_an_auditor_reads_dates_and_no_words(workplace):
    await workplace.hears(registered())
    await post(workplace, "actions", PLAN)

    shown = await get(workplace, f"/cases/{NUMBER}/actions", who="aud", role="auditor")

    assert shown.json()["items"][0]["task"] is None
    assert "检查" not in shown.text
    assert (await post(workplace, "actions", PLAN, who="aud", role="auditor")).status_code == 403


async def test_the_same_key_begins_a_report_once(workplace):
    await workplace.hears(registered())
    headers = {**workplace.token(), "Idempotency-Key": "one"}

    for _ in range(2):
        answer = await workplace.client.post(f"/cases/{COMPLAINT}/actions", json=PLAN, headers=headers)
        assert answer.status_code == 200, answer.text

    assert len((await workplace.queries.find(COMPLAINT)).actions) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"steps": []}, 422),
        ({"steps": [{**D3, "discipline": "D9"}]}, 422),
        ({"steps": [{**D3, "due_at": "2026-03-09T09:30:00"}]}, 422),
        ({"steps": [{**D3, "department": "nowhere"}]}, 422),
        ({"steps": [D3], "misspelt": 1}, 422),
    ],
)
async def test_a_bad_order_is_refused(workplace, body, status):
    await workplace.hears(registered())

    assert (await post(workplace, "actions", body)).status_code == status


async def test_the_improvement_list_shows_what_waits_by_state_and_department(workplace):
    """CAP-14, CAP-15."""
    for number in (1, 2, 3):
        await workplace.hears(registered(), complaint=complaint(number))
        await post(workplace, "actions", PLAN, case=complaint(number))
    await post(workplace, "actions/a-1/complete", {}, who="qian", case=complaint(2))

    first = (await get(workplace, "/actions?limit=2")).json()
    second = (await get(workplace, f"/actions?limit=2&after={first['next']}")).json()
    done = (await get(workplace, "/actions?state=completed")).json()
    theirs = (await get(workplace, "/actions", who="sun", departments=("billing",))).json()
    own = (await get(workplace, "/actions", who="qian", departments=("quality",))).json()
    far = (await get(workplace, "/actions", sites=("bj01",))).json()

    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]
    assert [one["complaint_id"] for one in done["items"]] == [str(complaint(2))]
    assert [one["id"] for one in done["items"][0]["items"]] == ["a-1"]
    assert (theirs["items"], far["items"]) == ([], [])
    assert len(own["items"]) == 3


async def test_a_new_complaint_of_the_same_cause_refutes_the_effect(workplace):
    """The check is made against new complaints of the same cause."""
    await investigated(workplace)
    await post(workplace, "actions", {"steps": [D3]})
    await post(workplace, "actions/a-1/complete", {}, who="qian")
    workplace.clock.advance(WEEK)
    await investigated(workplace, 1, received_at=NOW + timedelta(days=3))

    claimed = await post(workplace, "actions/a-1/verify", {"effective": True}, who="sun")
    honest = await post(workplace, "actions/a-1/verify", {"effective": False}, who="sun")

    assert (claimed.status_code, claimed.json()["code"]) == (409, "cause-came-back")
    action = honest.json()["items"][0]
    assert (action["state"], action["attempts"][0]["recurrences"]) == ("open", 1)


async def test_complaints_of_before_of_another_cause_or_site_do_not_refute_it(workplace):
    await investigated(workplace)
    await investigated(workplace, 1, received_at=NOW - timedelta(days=3))
    await post(workplace, "actions", {"steps": [D3]})
    await post(workplace, "actions/a-1/complete", {}, who="qian")
    workplace.clock.advance(WEEK)
    await investigated(workplace, 2, "wrong-label", received_at=NOW + timedelta(days=3))

    assert (await post(workplace, "actions/a-1/verify", {"effective": True}, who="sun")).status_code == 200


async def test_the_third_complaint_of_one_cause_proposes_an_action_once(counting):
    """CAP-10, STA-14: recurring causes propose one by themselves."""
    for number in (1, 2):
        await investigated(counting, number)
    await investigated(counting, 3, "wrong-label")
    assert await look(counting.desk) == Found(0, 0)
    newest = await investigated(counting, 4)

    assert await look(counting.desk) == Found(1, 0)
    assert await look(counting.desk) == Found(0, 0)
    case = await counting.queries.find(newest)
    assert [(one.reason, one.recurrences, one.cause) for one in case.actions] == [
        ("recurrence", 3, "worn-tool")
    ]
    assert [type(one.data) for one in counting.told if "action" in one.type] == [ActionProposed]
    assert [one.template for one in counting.notices] == ["action-proposed"]


async def test_complaints_outside_the_window_do_not_count(counting):
    for number in (1, 2, 3):
        await investigated(counting, number, received_at=NOW - timedelta(days=40 if number == 1 else 2))

    assert await look(counting.desk) == Found(0, 0)


async def test_what_was_given_up_or_done_is_proposed_again_only_when_it_comes_back(counting):
    for number in (1, 2, 3):
        await investigated(counting, number)
    await look(counting.desk)
    case = complaint(3)
    given_up = await post(
        counting, "actions/a-1/cancel", {"reason_code": "one-off"}, who="li", role="manager", case=case
    )
    assert given_up.status_code == 200, given_up.text

    assert await look(counting.desk) == Found(0, 0)
    counting.clock.advance(timedelta(days=5))
    for number in (4, 5, 6):
        await investigated(counting, number, received_at=NOW + timedelta(days=4))
    assert await look(counting.desk) == Found(1, 0)


async def test_on_the_day_of_its_check_an_action_without_effect_is_reopened_by_itself(counting):
    case = await investigated(counting, 1)
    await post(counting, "actions", {"steps": [D3]}, case=case)
    check_at = (NOW + WEEK).isoformat()
    await post(counting, "actions/a-1/complete", {"check_at": check_at}, who="qian", case=case)
    counting.clock.advance(timedelta(days=4))
    await investigated(counting, 2, received_at=NOW + timedelta(days=3))

    assert await look(counting.desk) == Found(0, 0)
    counting.clock.advance(timedelta(days=3))
    assert await look(counting.desk) == Found(0, 1)
    assert await look(counting.desk) == Found(0, 0)

    assert (await counting.queries.find(case)).actions[0].state.value == "open"
    told = [one.data for one in counting.told if isinstance(one.data, (ActionOpened, ActionVerified))]
    assert [getattr(one, "effective", None) for one in told] == [None, False, None]


async def test_a_proposal_is_taken_up_by_a_leader(counting):
    for number in (1, 2, 3):
        await investigated(counting, number)
    await look(counting.desk)
    body = {"due_at": DUE.isoformat(), "department": "quality"}

    by_handler = await post(counting, "actions/a-1/adopt", body, case=complaint(3))
    by_leader = await post(counting, "actions/a-1/adopt", body, who="li", role="manager", case=complaint(3))

    assert by_handler.status_code == 403
    item = by_leader.json()["items"][0]
    assert (item["state"], item["department"], item["owner"]) == ("open", "quality", "qian")


async def test_switched_off_it_never_looks(counting):
    settings = Settings.model_construct(recurrence_minutes=0)

    await watch(settings, counting.desk)


async def test_what_fails_is_tried_again_at_the_next_turn(counting, monkeypatch):
    turns = []

    async def fails(_desk):
        turns.append(len(turns))
        if len(turns) < 3:
            raise Unavailable("the database is away")
        raise KeyboardInterrupt

    monkeypatch.setattr("services.routing.jobs.recurrence.look", fails)
    with pytest.raises(KeyboardInterrupt):
        await watch(Settings.model_construct(recurrence_minutes=1e-6), counting.desk)

    assert turns == [0, 1, 2]
