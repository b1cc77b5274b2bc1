"""What do programs get to see, and what are they refused?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.escalation.builders import COMPLAINT, HOUR, NOW, NUMBER, answered, paused, registered

CLOCKS = f"/complaints/{COMPLAINT}/clocks"
EXTENSIONS = f"/complaints/{COMPLAINT}/extensions"
EXTENSION = {"clock": "answer", "reason_code": "supplier-late", "target": "40 wh"}


async def test_clocks_come_with_due_date_and_explanation(stand):
    await stand.take()

    response = await stand.client.get(CLOCKS, headers=stand.token("agent"))

    body = response.json()
    (clock,) = body["items"]
    assert response.status_code == 200
    assert (body["complaint_no"], body["department"], body["severity"]) == (NUMBER, "sales", "ordinary")
    assert (clock["clock"], clock["state"], clock["target"]) == ("answer", "running", "24 wh")
    assert clock["due_at"] == "2026-03-05T01:30:00Z"
    assert len(clock["warnings"]) == 2
    assert any("2026-03-05 09:30" in line for line in clock["explanation"])


async def test_the_explanation_comes_in_chinese_too(stand):
    await stand.take()

    english, chinese = [
        (await stand.client.get(CLOCKS, params={"lang": lang}, headers=stand.token())).json()
        for lang in ("en", "zh")
    ]

    assert english["items"][0]["explanation"] != chinese["items"][0]["explanation"]


async def test_a_clock_that_stands_still_says_so(stand):
    await stand.take()
    await stand.hear(paused(NOW + HOUR))

    (clock,) = (await stand.client.get(CLOCKS, headers=stand.token())).json()["items"]

    assert clock["state"] == "paused"
    assert clock["explanation"][-1] == "The clock stands still now."
    assert clock["pauses"][0]["waiting_for"] == "customer"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (CLOCKS.replace("0000-7000", "0001-7000"), 404, "unknown-complaint"),
        ("/complaints/x/clocks", 422, "invalid-body"),
        ("/escalations?limit=0", 422, "invalid-body"),
        ("/escalations?site=ha02", 200, None),
    ],
)
async def test_what_cannot_be_is_refused_with_a_code(stand, path, status, code):
    response = await stand.client.get(path, headers=stand.token())

    assert (response.status_code, response.json().get("code")) == (status, code)


async def test_nobody_sees_clocks_without_a_token(stand):
    assert (await stand.client.get(CLOCKS)).status_code == 401
    assert (await stand.client.get("/escalations")).status_code == 401


@pytest.mark.parametrize("scope", [{"sites": ("bj01",)}, {"departments": ("quality",)}])
async def test_another_site_or_department_is_none_of_your_business(stand, scope):
    escalation = await stand.alarm()
    token = stand.token(**scope)

    answers = [
        await stand.client.get(CLOCKS, headers=token),
        await stand.client.post(f"/escalations/{escalation.id}/acknowledge", headers=token),
        await stand.client.post(EXTENSIONS, json=EXTENSION, headers=token),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "out-of-scope")] * 3
    assert (await stand.client.get("/escalations", headers=token)).json()["items"] == []


async def test_alarms_are_listed_with_who_was_told(stand):
    escalation = await stand.alarm()

    (line,) = (await stand.client.get("/escalations", headers=stand.token())).json()["items"]

    assert line["escalation_id"] == str(escalation.id)
    assert (line["clock"], line["level"], line["is_open"]) == ("answer", 1, True)
    assert line["alerts"][0]["to"] == ["li"]


async def test_alarms_come_in_pages(stand):
    for number in (1, 2, 3):
        await stand.alarm(number)

    first = (await stand.client.get("/escalations?limit=2", headers=stand.token())).json()
    after = {"limit": 2, "after": first["next"]}
    second = (await stand.client.get("/escalations", params=after, headers=stand.token())).json()

    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)


async def test_an_answered_alarm_leaves_the_list_of_open_ones(stand):
    escalation = await stand.alarm()
    token = stand.token("handler", person="chen")

    answer = await stand.client.post(f"/escalations/{escalation.id}/acknowledge", headers=token)

    assert (answer.status_code, answer.json()["acknowledged_by"]) == (200, "chen")
    waiting = (await stand.client.get("/escalations?open=true", headers=token)).json()["items"]
    done = (await stand.client.get("/escalations?open=false", headers=token)).json()["items"]
    assert (len(waiting), len(done)) == (0, 1)


async def test_the_second_to_answer_learns_who_was_first(stand):
    escalation = await stand.alarm()
    path = f"/escalations/{escalation.id}/acknowledge"
    await stand.client.post(path, headers=stand.token(person="li"))

    second = await stand.client.post(path, headers=stand.token(person="wang"))

    assert (second.status_code, second.json()["acknowledged_by"]) == (200, "li")
    told = await stand.rows("SELECT 1 FROM outbox WHERE type = 'escalation.acknowledged.v1'")
    assert len(told) == 1


async def test_an_alarm_that_does_not_exist_cannot_be_answered(stand):
    answer = await stand.client.post(f"/escalations/{COMPLAINT}/acknowledge", headers=stand.token())

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-escalation")


async def test_an_extension_moves_the_due_date_once(stand):
    await stand.take()

    first = await stand.client.post(EXTENSIONS, json=EXTENSION, headers=stand.token())
    second = await stand.client.post(EXTENSIONS, json=EXTENSION, headers=stand.token())

    assert first.status_code == 201
    assert first.json()["former"][0]["due_at"] == "2026-03-05T01:30:00Z"
    assert (second.status_code, second.json()["code"]) == (409, "already-extended")


async def test_the_same_request_repeated_extends_once(stand):
    await stand.take()
    headers = stand.token() | {"Idempotency-Key": "one"}

    first, second = [await stand.client.post(EXTENSIONS, json=EXTENSION, headers=headers) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"target": "soon"}, "target"),
        ({"clock": "closing"}, "clock"),
        ({"reason_code": "the customer Mr Li said"}, "reason_code"),
        ({"due_at": "2026-03-09T09:00:00"}, "due_at"),
        ({"wish": "more time"}, "wish"),
        ({"target": None}, "target"),
    ],
)
async def test_an_extension_that_makes_no_sense_names_the_field(stand, change, field):
    await stand.take()

    response = await stand.client.post(EXTENSIONS, json=EXTENSION | change, headers=stand.token())

    problem = response.json()
    named = {problem.get("field")} | {error["field"] for error in problem.get("errors") or ()}
    assert response.status_code in (404, 422)
    assert any(name and field in name for name in named)


async def test_a_handler_may_not_extend(stand):
    await stand.take()

    response = await stand.client.post(EXTENSIONS, json=EXTENSION, headers=stand.token("handler"))

    assert (response.status_code, response.json()["code"]) == (403, "role-missing")


async def test_metrics_show_clocks_and_alarms(stand):
    await stand.alarm(1)
    await stand.take(2)
    await stand.hear(registered(), complaint=COMPLAINT.__class__(int=7))
    await stand.hear(answered(NOW + HOUR), complaint=COMPLAINT.__class__(int=7))

    shown = (await stand.client.get("/metrics")).text

    assert 'kesu_clocks_running{clock="answer",site="sh01"} 1.0' in shown
    assert 'kesu_escalations_unacknowledged{level="1",site="sh01"} 1.0' in shown
    assert 'clock="answer",department="sales",outcome="breached",site="sh01"}' in shown
    assert 'clock="answer",department="",outcome="met",site="sh01"}' in shown
    assert "kesu_clock_fire_lag_seconds_bucket" in shown
    assert 'kesu_clock_remaining_seconds_bucket{clock="answer"' in shown


async def counted(stand, **query):
    answer = await stand.client.get("/reports/clocks", params=query, headers=stand.token("auditor"))
    assert answer.status_code == 200, answer.text
    return [(item["site"], item["started"]) for item in answer.json()["items"]], answer.json()["as_of"]


async def test_midnight_with_an_offset_is_a_moment_and_no_day(stand):
    # In Shanghai, where the complaint is taken at 09:30, it is 18:00 on the day before.
    early, late = "2026-03-02T00:00:00+14:00", "2026-03-02T00:00:00-10:00"
    await stand.hear(registered())

    assert (
        (await counted(stand, as_of=early))[0]
        == (await counted(stand, as_of="2026-03-01T10:00:00Z"))[0]
        == []
    )
    assert (await counted(stand, as_of=late))[0] == (await counted(stand, as_of="2026-03-02T10:00:00Z"))[0]
    assert (await counted(stand, as_of=late))[0] == [("sh01", 1)]
    assert (await counted(stand, as_of="2026-03-02")) == ([], "2026-03-02")
    assert (await counted(stand, as_of="2026-03-03"))[0] == [("sh01", 1)]
    shown = (await counted(stand, as_of=late))[1]
    assert datetime.fromisoformat(shown) == datetime.fromisoformat(late)


@pytest.mark.parametrize(
    "as_of",
    ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0001-01-01", "9999-12-31", "20261128"],
)
async def test_a_date_at_the_edge_of_the_calendar_is_refused_by_its_name(stand, as_of):
    answer = await stand.client.get(
        "/reports/clocks", params={"as_of": as_of}, headers=stand.token("auditor")
    )

    assert (answer.status_code, "as_of" in answer.text) == (422, True)


@pytest.mark.parametrize("due_at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
async def test_no_due_date_at_the_edge_can_be_given(stand, due_at):
    await stand.hear(registered())
    body = {"clock": "answer", "reason_code": "late", "due_at": due_at}

    answer = await stand.client.post(
        f"/complaints/{COMPLAINT}/extensions", json=body, headers=stand.token("director")
    )

    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    "path", ["/reports/clocks?form=2026-01-01", "/reports/forecast?site=sh01", "/escalations?is_open=true"]
)
async def test_a_parameter_that_nobody_reads_is_refused(stand, path):
    answer = await stand.client.get(path, headers=stand.token("auditor"))

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-parameter")


async def test_a_due_date_at_the_end_of_time_that_came_in_before_is_shown_and_parks_nothing(stand):
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    await stand.hear(registered(promised_at=end, history=True))

    answer = await stand.client.get(f"/complaints/{COMPLAINT}/clocks", headers=stand.token())

    assert answer.status_code == 200
    assert answer.json()["items"][0]["due_at"] == "9999-12-31T23:59:59Z"
