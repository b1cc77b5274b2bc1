"""Does a later export of the same register bring the complaints up to date, and touch nothing of ours?"""

from __future__ import annotations

import asyncio

import pytest

from tests.intake.builders import accepted, assigned
from tests.intake.test_api_imports import ROW, imported

OPEN = ROW | {
    "narrative": "It drips.",
    "customer": {"name": "Wang", "email": "wang@customer.example", "ref": "K 7 王"},
    "product": {"name": "Tap", "sold_on": "2014-01-05"},
    "due_at": "2014-11-20T00:00:00-05:00",
}


async def complaints(place) -> list[dict]:
    return (await place.get("/complaints", limit=200)).json()["items"]


async def detail(place, number: str = "SH01-2026-000001") -> dict:
    return (await place.get(f"/complaints/{number}")).json()


async def result(place, row: dict, **body) -> dict:
    (found,) = (await imported(place, row, **body)).json()["results"]
    return found


@pytest.mark.parametrize(
    ("change", "field", "there"),
    [
        ({"received_at": "2014-11-12T00:00:00-05:00"}, "received_at", "2014-11-12T05:00:00Z"),
        ({"due_at": "2014-11-21T00:00:00-05:00"}, "promised_at", "2014-11-21T05:00:00Z"),
        ({"category": "Mortgage"}, "category", "Mortgage"),
        ({"type": "Fees"}, "type", "Fees"),
        ({"kind": "enquiry"}, "kind", "enquiry"),
        ({"channel": "web"}, "channel", "web"),
        ({"language": "en"}, "language", "en"),
        ({"order_ref": "O-1"}, "order_ref", "O-1"),
        (
            {"claimed": {"amount": "12.50", "currency": "EUR"}},
            "claimed",
            {"amount": "12.50", "currency": "EUR"},
        ),
    ],
)
async def test_what_the_source_corrects_is_corrected_here(workplace, change, field, there):
    await imported(workplace, OPEN)

    again = await result(workplace, OPEN | change)

    assert (again["status"], again["changed"]) == ("amended", [field])
    assert len(await complaints(workplace)) == 1
    found = (await detail(workplace))[field]
    assert found == there or found.startswith("2014-11-")
    told = workplace.told[-1].data
    assert (told.type_name, told.changed) == ("complaint.amended.v1", (field,))
    assert getattr(told.facts, field) is not None


async def test_personal_corrections_are_sealed_and_only_what_changed_is_named(workplace):
    await imported(workplace, OPEN)

    again = await result(workplace, OPEN | {"narrative": "It drips and hisses."})

    found = await detail(workplace)
    assert again["changed"] == ["narrative"]
    assert found["personal"]["narrative"] == "It drips and hisses."
    assert found["personal"]["name"] == "Wang"
    assert workplace.told[-1].data.facts is None
    history = (await workplace.get(f"/complaints/{found['id']}/history")).json()["items"]
    assert history[-1]["facts"] == {"changed": "narrative", "source": "cfpb"}


async def test_a_part_of_the_product_leaves_the_rest(workplace):
    await imported(workplace, OPEN)

    await result(workplace, OPEN | {"product": {"batch": "B7"}})

    product = (await detail(workplace))["product"]
    assert (product["name"], product["batch"], product["sold_on"]) == ("Tap", "B7", "2014-01-05")


async def test_an_end_that_came_later_closes_what_it_names(workplace):
    await imported(workplace, OPEN)

    again = await result(workplace, OPEN | {"closed_at": "2014-11-19T00:00:00-05:00"})
    corrected = await result(workplace, OPEN | {"closed_at": "2014-11-22T00:00:00-05:00"})

    assert (again["status"], again["changed"]) == ("closed", ["closed_at"])
    assert (corrected["status"], corrected["changed"]) == ("amended", ["closed_at"])
    assert (await detail(workplace))["status"] == "closed"
    assert [told.data.facts.closed_at.day for told in workplace.told[1:]] == [19, 22]


async def test_a_row_that_is_read_again_changes_nothing_however_often(workplace):
    changed = OPEN | {"narrative": "Another."}
    await imported(workplace, OPEN)
    await imported(workplace, changed)

    again = [await result(workplace, changed) for _ in range(3)]

    assert [one["status"] for one in again] == ["known"] * 3
    assert len(workplace.told) == 2


async def test_an_older_export_read_again_takes_nothing_back(workplace):
    await imported(workplace, OPEN)
    await imported(workplace, OPEN | {"narrative": "Corrected."})

    old = await result(workplace, OPEN)

    assert (old["status"], old["kept"]) == ("known", ["row"])
    assert "older export" in old["detail"]
    assert (await detail(workplace))["personal"]["narrative"] == "Corrected."


async def test_what_was_amended_here_stays_and_is_named(workplace):
    await imported(workplace, OPEN)
    found = await detail(workplace)
    body = {"narrative": "As she says herself.", "customer": {"email": "w@customer.example"}}
    await workplace.post(f"/complaints/{found['id']}/amend", body)

    same = await result(workplace, OPEN)
    other = await result(workplace, OPEN | {"narrative": "From there.", "order_ref": "O-2"})

    assert (same["status"], same["kept"]) == ("known", ["email", "narrative"])
    assert (other["status"], other["changed"]) == ("amended", ["order_ref"])
    assert "narrative stays: changed here since" in other["detail"].replace("email, ", "")
    after = await detail(workplace)
    assert after["personal"]["narrative"] == "As she says herself."
    assert after["order_ref"] == "O-2"


async def test_a_case_that_is_handled_here_is_not_ended_or_moved_from_outside(workplace):
    await imported(workplace, OPEN)
    found = await detail(workplace)
    await workplace.hears(found["id"], assigned(), accepted())

    again = await result(workplace, OPEN | {"closed_at": "2014-11-19T00:00:00-05:00", "category": "Else"})
    narrative = await result(workplace, OPEN | {"narrative": "More."})

    assert again["status"] == "known"
    assert sorted(again["kept"]) == ["category", "closed_at"]
    assert "handled here (accepted)" in again["detail"]
    assert (narrative["status"], narrative["changed"]) == ("amended", ["narrative"])
    assert (await detail(workplace))["status"] == "accepted"


async def test_a_complaint_that_came_in_alive_is_not_moved_by_a_register(workplace):
    row = OPEN | {"received_at": "2026-03-01T10:00:00Z"}
    del row["due_at"]
    await imported(workplace, row, history=False)

    again = await result(workplace, row | {"received_at": "2026-03-01T09:00:00Z"}, history=False)

    assert (again["status"], again["kept"]) == ("known", ["received_at"])


async def test_two_different_rows_of_one_number_are_not_both_swallowed(workplace):
    answer = await imported(workplace, OPEN, OPEN | {"row": 3, "narrative": "Else."}, OPEN | {"row": 4})

    first, second, third = answer.json()["results"]
    assert (first["status"], third["status"]) == ("registered", "known")
    assert (second["row"], second["status"], second["code"]) == (3, "rejected", "number-twice")
    assert "row 2" in second["detail"]


async def test_two_imports_at_once_agree_on_whose_row_it_is(workplace):
    rows = [OPEN | {"row": n, "ref": str(n)} for n in range(40)]
    others = [row | {"received_at": "2014-11-10T00:00:00-05:00"} for row in rows]

    await asyncio.gather(imported(workplace, *rows), imported(workplace, *others))

    assert len(await complaints(workplace)) == 40


async def test_a_row_that_was_refused_claims_nothing(workplace):
    await imported(workplace, OPEN | {"received_at": "2099-01-01T00:00:00Z"})

    good = await result(workplace, OPEN)

    assert good["status"] == "registered"
    (found,) = await complaints(workplace)
    assert found["id"].startswith("0149")


async def test_what_an_older_release_imported_is_known_and_corrected(workplace):
    await imported(workplace, OPEN)
    async with workplace.database.batch() as connection:
        await connection.fetch("UPDATE complaints SET state = state #- '{origin,row}'")

    same = await result(workplace, OPEN)
    moved = await result(workplace, OPEN | {"received_at": "2014-11-12T00:00:00-05:00"})

    assert (same["status"], moved["status"]) == ("known", "amended")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"closed_at": "2014-11-12T00:00:00-05:00"}, "closed-before-received", "closed_at"),
        ({"due_at": "2014-11-12T00:00:00-05:00"}, "due-before-received", "due_at"),
        ({"received_at": "20141113"}, "invalid-row", "received_at"),
        ({"received_at": 1415854800}, "invalid-row", "received_at"),
        ({"product": {"sold_on": "14/07/2020"}}, "invalid-row", "product.sold_on"),
        ({"product": {"sold_on": "2020-07-14T00:00:00+00:00"}}, "invalid-row", "product.sold_on"),
        ({"claimed": {"amount": "１２３", "currency": "EUR"}}, "invalid-row", "claimed.amount"),
        ({"claimed": {"amount": "1_000", "currency": "EUR"}}, "invalid-row", "claimed.amount"),
    ],
)
async def test_dates_and_sums_that_cannot_be_are_refused_before_and_after(workplace, change, code, field):
    first = await result(workplace, OPEN | change)
    await imported(workplace, OPEN)
    later = await result(workplace, OPEN | change)

    for one in (first, later):
        assert (one["status"], one["code"], one["field"]) == ("rejected", code, field)


async def test_a_whole_day_of_ending_is_the_day_of_receipt_too(workplace):
    given = {"received_at": "2014-11-13T15:30:00-05:00", "closed_at": "2014-11-13T00:00:00-05:00"}

    found = await result(workplace, OPEN | given)

    assert found["status"] == "registered"


async def test_a_customers_own_number_goes_out_as_a_pseudonym(workplace):
    await imported(workplace, OPEN)
    body = {key: OPEN[key] for key in ("site", "kind", "category", "type", "channel", "customer")}
    await workplace.post("/complaints", body)

    first, second = (event.data for event in workplace.told)
    assert first.customer_ref == second.customer_ref
    assert "K 7" not in first.customer_ref
    assert (await detail(workplace))["personal"]["ref"] == "K 7 王"


BEGINNING, END = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"


@pytest.mark.parametrize(
    ("field", "moment"),
    [
        ("received_at", BEGINNING),
        ("received_at", END),
        ("due_at", BEGINNING),
        ("closed_at", BEGINNING),
        ("closed_at", END),
    ],
)
async def test_a_moment_at_the_end_of_the_calendar_is_a_refusal_of_its_row(workplace, field, moment):
    found = await result(workplace, OPEN | {field: moment})

    assert (found["status"], found["field"]) == ("rejected", field)
