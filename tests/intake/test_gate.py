"""Does the person complained about stay outside at every door of the register? (RCS-01, RCS-02)"""

from __future__ import annotations

import pytest

from services.intake.handlers.amend_complaint import AmendComplaint
from shared.errors import Forbidden
from shared.policy.model import Organisation, Person, Rulebook
from tests.intake.builders import (
    COMPLAINT,
    DUE,
    NUMBER,
    RULES,
    a_complaint,
    accepted,
    an_actor,
    answered,
    assigned,
    do,
    investigated,
    proposed,
)

BODY = {
    "site": "sh01",
    "kind": "complaint",
    "category": "service",
    "type": "rude",
    "channel": "phone",
    "customer": {"name": "Max Muster", "phone": "+49 30 1234567", "email": "max@example.org"},
    "narrative": "Mr Mao shouted at me.",
    "accused_refs": ["mao"],
}
WRITES = {
    "amend": {"accused_refs": []},
    "decline": {"reason_code": "late"},
    "withdraw": {},
    "reopen": {"reason_code": "came-back"},
    "acknowledge": {},
    "replies": {"round": 1, "accepts": True},
    "merge": {"into": NUMBER},
    "contract-limit": {"until": DUE.isoformat(), "clause": "c-1"},
}


async def a_registered(place, body=BODY, **headers) -> str:
    answer = await place.post("/complaints", body, **headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


@pytest.fixture
def mao(workplace):
    return workplace.token("agent", "handler", "manager", person="mao")


@pytest.mark.parametrize("path", ["", "/history"])
async def test_the_person_complained_about_reads_nothing(workplace, mao, path):
    identifier = await a_registered(workplace)

    for reference in (identifier, "SH01-2026-000001"):
        answer = await workplace.get(f"/complaints/{reference}{path}", who=mao)
        assert (answer.status_code, answer.json()["code"]) == (403, "recused")
        assert "Muster" not in answer.text


async def test_and_finds_nothing_in_the_list(workplace, mao):
    await a_registered(workplace)
    other = await a_registered(workplace, {**BODY, "accused_refs": []})

    assert [one["id"] for one in (await workplace.get("/complaints", who=mao)).json()["items"]] == [other]
    assert len((await workplace.get("/complaints")).json()["items"]) == 2


@pytest.mark.parametrize("action", WRITES)
async def test_and_does_nothing_about_it(workplace, mao, action):
    identifier = await a_registered(workplace)
    other = await a_registered(workplace, {**BODY, "accused_refs": []})
    body = {"into": other} if action == "merge" else WRITES[action]

    answer = await workplace.post(f"/complaints/{identifier}/{action}", body, who=mao)

    assert (answer.status_code, answer.json()["code"]) == (403, "recused")
    if action == "merge":
        answer = await workplace.post(f"/complaints/{other}/merge", {"into": identifier}, who=mao)
        assert (answer.status_code, answer.json()["code"]) == (403, "recused")


async def test_whom_the_desk_recused_is_outside_as_well_whatever_the_register_says(workplace):
    identifier = await a_registered(workplace, {**BODY, "accused_refs": []})
    zhou, director = workplace.token("manager", person="zhou"), workplace.token("director", person="dong")
    await workplace.hears(identifier, assigned("sales", recused=("zhou",)))

    assert (await workplace.get(f"/complaints/{identifier}", who=zhou)).status_code == 403
    amended = await workplace.post(f"/complaints/{identifier}/amend", {"accused_refs": ["mao"]}, who=director)
    cleared = await workplace.post(f"/complaints/{identifier}/amend", {"accused_refs": []}, who=director)

    assert [amended.status_code, cleared.status_code] == [200, 200]
    assert (await workplace.get(f"/complaints/{identifier}", who=zhou)).status_code == 403


async def test_a_recusal_counts_even_when_the_status_takes_no_assignment_any_more(workplace):
    identifier = await a_registered(workplace, {**BODY, "accused_refs": []})
    await workplace.post(f"/complaints/{identifier}/withdraw", {}, who=workplace.token("manager"))
    await workplace.hears(identifier, assigned("sales", recused=("zhou",)))

    answer = await workplace.get(f"/complaints/{identifier}", who=workplace.token("manager", person="zhou"))
    assert answer.status_code == 403


async def test_who_takes_a_name_back_is_a_manager_or_director_without_part_in_it(workplace):
    identifier = await a_registered(workplace)
    path = f"/complaints/{identifier}/amend"

    agent = await workplace.post(path, {"accused_refs": []}, who=workplace.token("agent"))
    other = await workplace.post(path, {"accused_refs": ["zhou"]}, who=workplace.token("handler"))
    more = await workplace.post(path, {"accused_refs": ["mao", "zhou"]}, who=workplace.token("agent"))
    cleared = await workplace.post(path, {"accused_refs": []}, who=workplace.token("director", person="dong"))

    assert [one.status_code for one in (agent, other, more, cleared)] == [403, 403, 200, 200]
    assert agent.json()["code"] == "role-missing" and agent.json()["field"] == "accused_refs"


def test_nor_does_whoever_stands_in_for_the_person():
    people = {"mao": Person("mao", "Mao", stand_in="deputy"), "deputy": Person("deputy", "Deputy")}
    organisation = Organisation("Test", RULES.organisation.sites, {}, people, {})
    rules = Rulebook(organisation, RULES.profiles)
    complaint = a_complaint(accused_refs=("mao",))

    with pytest.raises(Forbidden) as told:
        do(complaint, AmendComplaint(COMPLAINT, an_actor("deputy", "manager"), accused_refs=()), rules=rules)
    assert told.value.code == "recused"
    kept = do(
        complaint, AmendComplaint(COMPLAINT, an_actor("deputy", "manager"), order_ref="o-1"), rules=rules
    )
    assert kept.state is not None and kept.state.order_ref == "o-1"


async def test_whoever_is_accused_in_one_of_two_merged_complaints_takes_no_part_in_the_other(workplace):
    first = await a_registered(workplace, {**BODY, "accused_refs": ["mao"]})
    second = await a_registered(workplace, {**BODY, "accused_refs": ["zhou"]})
    manager = workplace.token("manager")
    merged = await workplace.post(f"/complaints/{first}/merge", {"into": second}, who=manager)
    assert merged.status_code == 200

    for person in ("mao", "zhou"):
        for identifier in (first, second):
            answer = await workplace.get(
                f"/complaints/{identifier}", who=workplace.token("manager", person=person)
            )
            assert answer.status_code == 403, (person, identifier)
    told = [event.data for event in workplace.told if event.type == "complaint.amended.v1"]
    assert {one.facts.accused_refs for one in told} == {("zhou", "mao"), ("mao", "zhou")}

    await workplace.post(f"/complaints/{second}/amend", {"accused_refs": ["zhou", "mao", "sun"]}, who=manager)
    late = await workplace.get(f"/complaints/{first}", who=workplace.token("manager", person="sun"))
    assert late.status_code == 403


async def test_a_customer_with_the_link_replies_whoever_is_complained_about(workplace):
    identifier = await a_registered(workplace, {**BODY, "accused_refs": ["customer"]})
    await workplace.hears(identifier, assigned(), accepted(), investigated(), proposed(), answered())
    body = {"round": 1, "accepts": True, "secret": workplace.links.secret("case", identifier)}

    assert (await workplace.client.post(f"/complaints/{identifier}/replies", json=body)).status_code == 200


async def test_an_imported_closed_complaint_is_not_open_to_any_department(workplace):
    row = {**BODY, "row": 1, "ref": "old-1", "received_at": "2024-01-02T08:00:00Z", "accused_refs": []}
    row["closed_at"] = "2024-02-02T08:00:00Z"
    manager = workplace.token("manager")
    imported = await workplace.post("/imports", {"source": "old", "rows": [row]}, who=manager)
    number = imported.json()["results"][0]["complaint_no"]
    anybody = workplace.token("manager", departments=("sales",))

    answer = await workplace.get(f"/complaints/{number}", who=anybody)
    history = await workplace.get(f"/complaints/{number}/history", who=anybody)

    assert [answer.status_code, history.status_code] == [403, 403]
    assert "Muster" not in answer.text
    assert (await workplace.get(f"/complaints/{number}", who=manager)).json()["personal"][
        "name"
    ] == "Max Muster"


async def test_neither_is_one_that_ended_before_a_department_had_it(workplace):
    identifier = await a_registered(workplace)
    anybody = workplace.token("agent", departments=("sales",))
    assert (await workplace.get(f"/complaints/{identifier}", who=anybody)).status_code == 200

    await workplace.post(f"/complaints/{identifier}/withdraw", {})
    assert (await workplace.get(f"/complaints/{identifier}", who=anybody)).status_code == 403


@pytest.mark.parametrize("scope", [{"sites": ("ber1",)}, {"sites": ()}])
async def test_a_kept_answer_is_not_given_to_a_token_that_lacks_the_site(workplace, scope):
    first = await workplace.post("/complaints", BODY, idempotency_key="k1")
    again = await workplace.post("/complaints", BODY, idempotency_key="k1")
    elsewhere = await workplace.post("/complaints", BODY, who=workplace.token(**scope), idempotency_key="k1")

    assert (first.status_code, again.json()) == (201, first.json())
    assert elsewhere.status_code == 403
    assert first.json()["complaint_no"] not in elsewhere.text and "/c/" not in elsewhere.text


async def test_nor_to_whoever_has_been_accused_since_or_lost_the_department(workplace):
    identifier = await a_registered(workplace, {**BODY, "accused_refs": []})
    path, zhou = f"/complaints/{identifier}/acknowledge", workplace.token("handler", person="zhou")
    assert (await workplace.post(path, {}, who=zhou, idempotency_key="k2")).status_code == 200
    await workplace.hears(identifier, assigned("sales"))
    narrower = workplace.token("handler", person="zhou", departments=("quality",))
    assert (await workplace.post(path, {}, who=narrower, idempotency_key="k2")).status_code == 403

    await workplace.post(f"/complaints/{identifier}/amend", {"accused_refs": ["zhou"]})
    answer = await workplace.post(path, {}, who=zhou, idempotency_key="k2")
    assert (answer.status_code, answer.json()["code"]) == (403, "recused")


async def test_whoever_registered_asks_again_though_another_department_has_it_by_now(workplace):
    own = workplace.token("agent", departments=("service",))
    first = await workplace.post("/complaints", BODY, who=own, idempotency_key="k3")
    await workplace.hears(first.json()["id"], assigned("quality"))

    again = await workplace.post("/complaints", BODY, who=own, idempotency_key="k3")
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
