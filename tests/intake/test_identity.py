"""Whose complaint is it after a correction, and who is let through to the case that it was merged into?"""

from __future__ import annotations

from uuid import UUID

import pytest

from services.intake.domain.identity import Identity, is_pseudonym
from services.intake.handlers.amend_complaint import AmendComplaint, SealedChange
from shared.errors import Conflict
from shared.lifecycle import ENDED
from tests.intake.builders import AGENT, COMPLAINT, a_complaint, do
from tests.intake.test_api_reading import registered

HANDLER = ("handler",)
MAX, YARA = {"email": "max@customer.example"}, {"email": "yara@customer.example"}


async def merged(place, one: str, into: str) -> None:
    answer = await place.post(f"/complaints/{one}/merge", {"into": into}, who=place.token(*HANDLER))
    assert answer.status_code == 200, answer.text


async def amended(place, one: str, **customer) -> None:
    answer = await place.post(f"/complaints/{one}/amend", {"customer": customer})
    assert answer.status_code == 200, answer.text


async def page_of(place, one: str) -> str:
    secret = place.links.secret("case", UUID(one))
    return (await place.client.get(f"/c/{one}/{secret}?lang=en")).text


async def leads_to(place, one: str, other: str) -> bool:
    page = await page_of(place, one)
    assert "goes on as part of that one" in page
    return place.links.secret("case", UUID(other)) in page


async def test_somebody_elses_case_is_not_opened_after_the_address_was_corrected(workplace):
    a, b = await registered(workplace, customer=MAX), await registered(workplace, customer=MAX)
    await amended(workplace, a, **YARA)

    await merged(workplace, a, b)

    assert not await leads_to(workplace, a, b)


async def test_a_correction_after_the_merger_counts_as_well(workplace):
    a, b = await registered(workplace, customer=MAX), await registered(workplace, customer=MAX)
    await merged(workplace, a, b)
    assert await leads_to(workplace, a, b)

    await amended(workplace, a, **YARA)
    assert not await leads_to(workplace, a, b)
    await amended(workplace, b, **YARA)
    assert await leads_to(workplace, a, b)


@pytest.mark.parametrize("first", ["corrected", "merged"])
async def test_the_same_customer_with_a_corrected_typo_keeps_the_link(workplace, first):
    typo = {"email": "max@custmoer.example"}
    a, b = await registered(workplace, customer=typo), await registered(workplace, customer=MAX)
    if first == "merged":
        await merged(workplace, a, b)
        assert not await leads_to(workplace, a, b)
    await amended(workplace, a, **MAX)
    if first == "corrected":
        await merged(workplace, a, b)

    assert await leads_to(workplace, a, b)


async def test_the_reference_made_of_the_contact_follows_the_contact_and_is_told(workplace):
    a = await registered(workplace, customer=MAX)

    await amended(workplace, a, **YARA)

    told = workplace.told[-1].data
    assert told.facts.customer_ref == workplace.sealer.pseudonym(YARA["email"])
    assert set(told.changed) == {"customer_ref", "email"}


async def test_the_companys_own_number_of_a_customer_stays_and_opens_nothing_by_itself(workplace):
    a = await registered(workplace, customer=MAX | {"ref": "K-7"})
    b = await registered(workplace, customer=MAX | {"ref": "K-7"})
    await amended(workplace, a, **YARA)
    await merged(workplace, a, b)

    assert (await workplace.get(f"/complaints/{a}")).json()["customer_ref"] == "K-7"
    assert not await leads_to(workplace, a, b)


async def test_a_chain_of_mergers_leads_to_where_it_ends(workplace):
    a, b, c = [await registered(workplace, customer=one) for one in (MAX, YARA, MAX)]
    await merged(workplace, a, b)
    await merged(workplace, b, c)
    number = (await workplace.get(f"/complaints/{c}")).json()["complaint_no"]

    assert await leads_to(workplace, a, c)
    assert number in await page_of(workplace, a)
    assert not await leads_to(workplace, b, c)
    assert workplace.links.secret("case", UUID(b)) not in await page_of(workplace, a)


@pytest.mark.parametrize("status", ENDED)
def test_of_an_ended_complaint_only_the_contact_is_corrected(status):
    ended = a_complaint(status, sealed="old", reachable=True)
    contact = AmendComplaint(COMPLAINT, AGENT, personal=SealedChange("old", "new", True, ("email", "name")))
    words = AmendComplaint(
        COMPLAINT, AGENT, personal=SealedChange("old", "new", True, ("email", "narrative"))
    )

    decision = do(ended, contact)

    assert (decision.state.status, decision.state.sealed) == (status, "new")
    assert [(notice.to, notice.template) for notice in decision.notices] == [("@suite", "contact-corrected")]
    with pytest.raises(Conflict, match="status-forbids"):
        do(ended, words)


def test_without_a_mailbox_the_telephone_tells_and_without_both_the_companys_number():
    phone, same = {"phone": "+49 30 / 23125-0"}, {"phone": "+4930231250"}
    ref, other = "c-" + "a" * 16, "c-" + "b" * 16

    assert Identity(ref, phone).is_same_as(Identity(ref, same))
    assert not Identity(ref, phone).is_same_as(Identity(ref, {"phone": "+49 30 1"}))
    assert not Identity(ref, phone | MAX).is_same_as(Identity(ref, phone))
    assert not Identity(ref, {}).is_same_as(Identity(other, {}))
    assert not Identity("K-7", MAX).is_same_as(Identity("K-8", MAX))
    assert Identity("K-7", {}).is_same_as(Identity("K-7", {}))


async def test_what_the_sealer_makes_is_known_as_a_pseudonym(workplace):
    assert is_pseudonym(workplace.sealer.pseudonym("max@customer.example"))
    assert not is_pseudonym("K-7")
