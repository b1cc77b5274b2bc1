"""What do managers and programs read of the results, and what not?"""

from __future__ import annotations

import pytest

from tests.surveys.builders import COMPLAINT, DAY, NOW, NUMBER, closed, reopened
from tests.surveys.stand import complaint_of

GRADES = ("very-satisfied", "satisfied", "dissatisfied")


async def some_results(stand):
    """Four forms in Shanghai, three answered; one in Berlin the day after, answered."""
    for number, grade in enumerate(GRADES, start=1):
        await stand.answer(await stand.invite(number), grade)
    await stand.invite(4)
    stand.clock.moment = NOW + DAY
    await stand.answer(await stand.invite(5, site="ber1"), "very-dissatisfied")


async def results(stand, **query):
    answer = await stand.client.get("/results", params=query, headers=stand.token("manager"))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_results_count_forms_score_and_recovery(stand):
    await some_results(stand)

    found = await results(stand, site="sh01")

    assert found["total"] == {
        "invited": 4,
        "answered": 3,
        "expired": 0,
        "replaced": 0,
        "recovery_ratio": 0.75,
        "mean_score": 70.0,
        "satisfied_ratio": pytest.approx(2 / 3),
        "grades": dict.fromkeys(sorted(GRADES), 1),
    }
    assert [(item["site"], item["survey"]) for item in found["items"]] == [("sh01", "after-case")]


async def test_results_of_all_sites_stand_side_by_side(stand):
    await some_results(stand)

    found = await results(stand)

    assert found["total"]["invited"] == 5
    assert [item["site"] for item in found["items"]] == ["ber1", "sh01"]
    assert found["items"][0]["mean_score"] == 0


async def test_the_window_begins_with_from_and_ends_before_to(stand):
    await some_results(stand)
    first, second = NOW.isoformat(), (NOW + DAY).isoformat()

    assert (await results(stand, **{"from": first, "to": second}))["total"]["invited"] == 4
    assert (await results(stand, **{"from": second}))["total"]["invited"] == 1
    assert (await results(stand, survey="yearly"))["total"]["invited"] == 0


async def test_a_form_from_before_the_reopening_still_counts(stand):
    await some_results(stand)
    stand.clock.moment = NOW + 3 * DAY
    await stand.hear(reopened(NOW + 2 * DAY))
    await stand.hear(closed(NOW + 3 * DAY))

    found = await results(stand, site="sh01")
    early = await results(stand, site="sh01", to=(NOW + DAY).isoformat())

    assert found["total"]["invited"] == 5
    assert found["total"]["answered"] == 3
    assert early["total"]["invited"] == 4
    assert early["total"]["mean_score"] == 70


async def test_a_manager_sees_the_sites_of_the_token_only(stand):
    await some_results(stand)
    headers = stand.token("manager", sites=("ber1",))

    own = await stand.client.get("/results", headers=headers)
    other = await stand.client.get("/results?site=sh01", headers=headers)

    assert [item["site"] for item in own.json()["items"]] == ["ber1"]
    assert (other.status_code, other.json()["code"]) == (403, "out-of-scope")


@pytest.mark.parametrize("path", ["/results", "/invitations"])
async def test_a_door_without_a_token_or_with_the_wrong_role_stays_shut(stand, path):
    without = await stand.client.get(path)
    handler = await stand.client.get(path, headers=stand.token("handler"))

    assert (without.status_code, handler.status_code) == (401, 403)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/results?from=yesterday", "from"),
        ("/results?from=2026-03-02T00:00:00", "from"),
        ("/results?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "to"),
        ("/results?site=%00", "site"),
        ("/invitations?limit=0", "limit"),
        ("/invitations?limit=201", "limit"),
        ("/invitations?status=lost", "status"),
        ("/invitations?after=1", "after"),
    ],
)
async def test_a_wrong_question_is_refused_by_field(stand, path, field):
    answer = await stand.client.get(path, headers=stand.token("auditor"))

    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_invitations_are_paged_without_gap_or_repetition(stand):
    for number in range(1, 6):
        await stand.invite(number)
    seen, after = [], {}

    while True:
        answer = await stand.client.get(
            "/invitations", params={"limit": 2, **after}, headers=stand.token("director")
        )
        found = answer.json()
        seen += [item["complaint_id"] for item in found["items"]]
        if found["next"] is None:
            break
        after = {"after": found["next"]}

    assert seen == sorted(str(complaint_of(number)) for number in range(1, 6))


async def test_invitations_hold_nothing_personal(stand):
    await stand.invite()
    await stand.answer(COMPLAINT, "satisfied", comment="private")

    answer = await stand.client.get("/invitations?status=answered", headers=stand.token("auditor"))

    (item,) = answer.json()["items"]
    assert item["form"]["form_no"] == f"{NUMBER}-S1"
    assert (item["form"]["grade"], item["form"]["score"]) == ("satisfied", 80)
    for secret in ("sealed", "customer_ref", "comment"):
        assert secret not in answer.text


async def test_invitations_are_filtered_by_status_and_site(stand):
    await stand.answer(await stand.invite(1), "satisfied")
    await stand.invite(2)
    await stand.invite(3, site="ber1")

    async def count(**query):
        answer = await stand.client.get("/invitations", params=query, headers=stand.token("admin"))
        return len(answer.json()["items"])

    assert await count() == 3
    assert await count(status="invited") == 2
    assert await count(status="invited", site="sh01") == 1
    assert await count(status="expired") == 0


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_window_at_the_edge_of_the_calendar_is_refused_by_its_name(stand, name, edge):
    answer = await stand.client.get("/results", params={name: edge}, headers=stand.token("manager"))

    assert (answer.status_code, name in answer.text) == (422, True)


@pytest.mark.parametrize("path", ["/results?until=2026-11-28", "/invitations?state=open", "/rounds?of=2026"])
async def test_a_filter_that_nobody_reads_is_refused(stand, path):
    answer = await stand.client.get(path, headers=stand.token("manager"))

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-parameter")
