"""Do figures of promises come from the database: alike on every replica, after a restart, and in the report?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.escalation import metrics
from services.escalation.store.outcomes import Key
from tests.escalation.builders import NOW, RULES, answered, closed, complaint_of, registered

HOUR = timedelta(hours=1)
PERIOD = {"from": (NOW - timedelta(days=2)).isoformat(), "to": (NOW + timedelta(days=30)).isoformat()}


async def figures(stand, name: str) -> dict[tuple[str, ...], float]:
    """The samples of the name that are not 0, by department, clock and outcome (and window)."""
    await metrics.refresh(stand.queries)  # as a second replica would, whose counters are its own
    text = (await stand.client.get("/metrics")).text
    return {
        tuple(
            sample.labels.get(one, "") for one in ("department", "clock", "outcome", "window")
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.value
    }


async def some_outcomes(stand) -> None:
    """Three breached at sales, two met by nobody's department yet."""
    for number in range(1, 4):
        await stand.alarm(number)
    for number in (4, 5):
        await stand.hear(registered(), complaint=complaint_of(number))
        await stand.hear(answered(NOW + HOUR), complaint=complaint_of(number))


async def test_totals_survive_a_restart_and_are_the_same_on_a_second_replica(escalation_url, a_stand):
    async with a_stand(escalation_url) as first:
        await some_outcomes(first)
        before = await figures(first, "kesu_clocks_total")
        async with a_stand(escalation_url) as second:
            assert await figures(second, "kesu_clocks_total") == before
    async with a_stand(escalation_url) as again:
        assert await figures(again, "kesu_clocks_total") == before

    assert before == {("sales", "answer", "breached", ""): 3, ("", "answer", "met", ""): 2}


async def test_known_series_are_there_with_zero_before_anything_ended(stand):
    text = (await stand.client.get("/metrics")).text

    for outcome in ("met", "breached", "cancelled"):
        assert (
            f'kesu_clocks_total{{clock="answer",department="sales",outcome="{outcome}",site="sh01"}} 0.0'
            in text
        )


async def test_what_ended_is_counted_once_however_often_it_is_looked_at(stand):
    await some_outcomes(stand)
    first = await figures(stand, "kesu_clocks_total")
    await stand.alarm(6)

    assert await figures(stand, "kesu_clocks_total") == first | {("sales", "answer", "breached", ""): 4}


async def test_rows_of_a_minute_ago_are_settled_and_not_counted_again(stand):
    await some_outcomes(stand)
    async with stand.process.database.batch() as connection:
        await connection.execute("UPDATE clock_outcomes SET counted_at = now() - interval '2 minutes'")
    first = await figures(stand, "kesu_clocks_total")
    settled = dict(stand.queries._totals._settled[False])
    await stand.alarm(6)
    second = await figures(stand, "kesu_clocks_total")

    assert settled == {Key("sh01", "sales", "answer", "breached"): 3, Key("sh01", "", "answer", "met"): 2}
    assert second[("sales", "answer", "breached", "")] == first[("sales", "answer", "breached", "")] + 1


async def test_the_report_of_a_period_says_what_the_counters_say(stand):
    await some_outcomes(stand)
    counted = await figures(stand, "kesu_clocks_total")

    answer = await stand.client.get("/reports/clocks", params=PERIOD, headers=stand.token("auditor"))

    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["from"], report["by"], report["history"]) == (
        PERIOD["from"].replace("+00:00", "Z"),
        "department",
        False,
    )
    reported = {
        (line["group"], line["clock"], outcome, ""): line[outcome]
        for line in report["items"]
        for outcome in ("met", "breached", "cancelled")
        if line[outcome]
    }
    assert reported == counted
    compliance = {line["group"]: line["compliance"] for line in report["items"]}
    assert compliance == {"sales": 0.0, "": 1.0}


async def test_a_period_has_its_beginning_and_not_its_end(stand):
    await stand.hear(registered(), complaint=complaint_of(1))
    await stand.hear(answered(NOW + HOUR), complaint=complaint_of(1))

    async def met(since, until) -> int:
        params = {"from": since.isoformat(), "to": until.isoformat()}
        answer = await stand.client.get("/reports/clocks", params=params, headers=stand.token("auditor"))
        return sum(line["met"] for line in answer.json()["items"])

    assert await met(NOW + HOUR, NOW + 2 * HOUR) == 1
    assert await met(NOW, NOW + HOUR) == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-01-01"}, "to"),
        ({"to": "2026-01-01"}, "from"),
        ({"from": "2026-01-01", "to": "2026-02-01", "as_of": "2026-01-01"}, "as_of"),
    ],
    ids=["no end", "no beginning", "a moment as well"],
)
async def test_half_a_period_is_refused_with_what_is_missing(stand, query, field):
    answer = await stand.client.get("/reports/clocks", params=query, headers=stand.token("auditor"))

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "bad-period", field)


async def test_by_category_counts_the_same_clocks(stand):
    await some_outcomes(stand)

    answer = await stand.client.get(
        "/reports/clocks", params=PERIOD | {"by": "category"}, headers=stand.token("auditor")
    )

    items = answer.json()["items"]
    assert sum(line["breached"] for line in items) == 3
    assert {line["group"] for line in items} != {""}


async def test_another_department_sees_neither_the_report_nor_what_is_due(stand):
    await some_outcomes(stand)
    await stand.take(7)
    token = stand.token("manager", departments=("finance",))

    report = await stand.client.get("/reports/clocks", params=PERIOD, headers=token)
    due = await stand.client.get("/reports/due", headers=token)

    assert {line["group"] for line in report.json()["items"]} == {""}
    assert all(line["department"] in {"", "finance"} for line in due.json()["items"])


async def test_what_breaches_next_is_told_by_department(stand):
    await stand.take(1)
    await stand.hear(registered(), complaint=complaint_of(2))
    shown = await stand.client.get("/reports/due", headers=stand.token("auditor"))
    sheet = await stand.queries.sheet(complaint_of(1))

    lines = {line["department"]: line for line in shown.json()["items"]}
    assert lines.keys() == {"sales", ""}
    assert lines["sales"]["within"] == {"1h": 1, "8h": 1, "1d": 1}, "it is overdue by the database's clock"
    due = (await figures(stand, "kesu_clock_next_due_timestamp_seconds"))[("sales", "", "", "")]
    assert due == pytest.approx(sheet.earliest_due.timestamp())


async def test_a_first_burst_shows_in_what_ended_recently(stand):
    await some_outcomes(stand)

    recent = await figures(stand, "kesu_clocks_ended_recently")

    assert recent[("sales", "answer", "breached", "1h")] == recent[("sales", "answer", "breached", "1d")] == 3


async def test_an_imported_past_is_in_no_live_figure(stand):
    await stand.hear(registered(history=True), complaint=complaint_of(1))
    await stand.process.shell.fire_due()

    assert await figures(stand, "kesu_clocks_running") == {}
    assert await figures(stand, "kesu_clocks_total") == {}
    await stand.hear(closed(NOW + HOUR), complaint=complaint_of(1))
    await stand.hear(registered(history=True), complaint=complaint_of(2))
    await stand.hear(answered(NOW + HOUR), complaint=complaint_of(2))
    assert await figures(stand, "kesu_clocks_total") == {}
    assert ("sales", "answer", "met", "") in await figures(stand, "kesu_history_clocks_total")
    assert await figures(stand, "kesu_clocks_due") == {}


async def test_lists_of_open_clocks_do_not_read_the_register(stand):
    """The planner takes the index of what runs, however many sheets have ended."""
    async with stand.process.database.batch() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(
            "EXPLAIN SELECT site, coalesce(department, ''), min(earliest_due) FROM sheets "
            "WHERE earliest_due IS NOT NULL GROUP BY 1, 2"
        )

    assert any("sheets_running" in line[0] for line in plan)


def test_series_follow_the_policy(monkeypatch):
    endings = metrics.Endings()
    monkeypatch.setattr(metrics, "_ENDINGS", endings)
    monkeypatch.setattr(metrics, "_expected_of", [()])

    metrics.on_rules(RULES)

    assert Key("sh01", "sales", "answer", "breached") in endings.expected
    assert all(key.outcome in {"met", "breached", "cancelled"} for key in endings.expected)
