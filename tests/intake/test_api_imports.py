"""Do complaints from elsewhere come in once, with their dates, and bad rows by themselves?"""

from __future__ import annotations

import pytest

from shared.messaging import backlog

LIVE = {
    "site": "sh01",
    "kind": "complaint",
    "category": "product",
    "type": "defect",
    "channel": "phone",
    "customer": {},
}
ROW = {
    "row": 2,
    "ref": "1114255",
    "site": "sh01",
    "kind": "complaint",
    "category": "Debt collection",
    "type": "Communication tactics",
    "channel": "letter",
    "received_at": "2014-11-13T00:00:00-05:00",
    "customer": {"postcode": "06242", "region": "CT"},
    "details": {"company": "Example Bank, N.A."},
}


async def imported(place, *rows, **body):
    given = {"source": "cfpb", "rows": list(rows)} | body
    return await place.post("/imports", given)


async def test_a_row_is_registered_with_its_date_and_told_as_history(workplace):
    answer = await imported(workplace, ROW)

    assert answer.json() == {
        "registered": 1,
        "known": 0,
        "rejected": 0,
        "results": [{"row": 2, "status": "registered", "complaint_no": "SH01-2026-000001"}],
    }
    found = (await workplace.get("/complaints/SH01-2026-000001")).json()
    assert found["received_at"] == "2014-11-13T05:00:00Z" or found["received_at"].startswith(
        "2014-11-13T00:00"
    )
    assert found["personal"]["postcode"] == "06242"
    assert (found["history"], found["source"], found["source_ref"]) == (True, "cfpb", "1114255")
    assert workplace.told[0].data.history is True
    assert workplace.notices == []


async def test_importing_again_adds_none(workplace):
    rows = [ROW | {"row": n, "ref": str(n)} for n in range(30)]
    await imported(workplace, *rows)

    again = await imported(workplace, *rows)

    assert (again.json()["known"], again.json()["registered"]) == (30, 0)
    assert len(workplace.told) == 30


async def test_the_same_row_twice_in_one_batch_is_registered_once(workplace):
    answer = await imported(workplace, ROW, ROW | {"row": 3})

    assert [r["status"] for r in answer.json()["results"]] == ["registered", "known"]
    assert len({r["complaint_no"] for r in answer.json()["results"]}) == 1


async def test_the_rows_of_a_batch_share_commits(workplace):
    await imported(workplace, *(ROW | {"row": n, "ref": str(n)} for n in range(200)))

    assert len(workplace.commits) <= 3


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"site": "mars"}, "unknown-site", "site"),
        ({"kind": "praise"}, "unknown-kind", "kind"),
        ({"received_at": "yesterday"}, "invalid-row", "received_at"),
        ({"received_at": "1850-01-01T00:00:00Z"}, "received-too-long-ago", "received_at"),
        ({"zip": "1"}, "invalid-row", "zip"),
        ({"narrative": "a\x00"}, "invalid-row", "narrative"),
    ],
)
async def test_a_bad_row_is_rejected_by_itself(workplace, change, code, field):
    answer = await imported(workplace, ROW | change, ROW | {"row": 3, "ref": "good"})

    bad, good = answer.json()["results"]
    assert (bad["row"], bad["status"], bad["code"], bad["field"]) == (2, "rejected", code, field)
    assert good["status"] == "registered"


async def test_live_rows_are_told_as_such(workplace):
    row = ROW | {"received_at": "2026-03-01T10:00:00Z", "customer": {"email": "a@customer.example"}}

    await imported(workplace, row, history=False)

    assert workplace.told[0].data.history is False
    assert len(workplace.notices) == 1


async def test_an_empty_or_endless_batch_is_refused(workplace):
    none = await imported(workplace)
    many = await imported(workplace, *[ROW] * 501)

    assert [none.status_code, many.status_code] == [422, 422]


async def test_rows_of_other_sites_than_the_tokens_are_rejected(workplace):
    who = workplace.token("agent", sites=("ber1",))

    answer = await workplace.post("/imports", {"source": "cfpb", "rows": [ROW]}, who=who)

    assert answer.json()["results"][0]["code"] == "out-of-scope"


@pytest.mark.parametrize("name", ["received_at", "due_at", "closed_at"])
@pytest.mark.parametrize(
    "edge", ["9999-12-31T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
)
async def test_a_row_with_a_date_at_the_edge_is_rejected_by_its_field(workplace, name, edge):
    answer = await imported(workplace, ROW | {name: edge})

    [result] = answer.json()["results"]
    assert (answer.status_code, result["status"]) == (200, "rejected")
    assert name in str(result)
    assert workplace.told == []


async def test_while_too_much_waits_to_be_handled_rows_are_refused_with_the_advice_to_come_again(
    workplace, monkeypatch
):
    monkeypatch.setattr(backlog, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(backlog, "_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(backlog, "MOST_IN_OUTBOX", 3)
    for number in range(4):
        answer = await imported(workplace, ROW | {"ref": str(number)})

    assert (answer.status_code, answer.json()["code"]) == (503, "bulk-backlog")
    assert answer.headers["retry-after"]
    assert (await workplace.post("/complaints", LIVE)).status_code == 201, "the living are taken in"


async def test_what_is_told_of_imported_rows_travels_behind_the_living(workplace):
    await workplace.post("/complaints", LIVE)
    await imported(workplace, ROW)

    async with workplace.database.direct() as connection:
        lanes = await connection.fetch("SELECT bulk, subject IS NOT NULL FROM outbox ORDER BY seq")
    assert [tuple(row) for row in lanes] == [(False, True), (True, True)]
