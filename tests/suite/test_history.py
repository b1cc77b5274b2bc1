"""Is a real past told as it was by a running suite: in the API, the metrics and the report alike?

New York's service requests of 25 December 2013 with the city's own due dates, through `kesu import` into four
real processes. The facts stand in the data's README, counted from the rows by hand.
"""

from __future__ import annotations

import asyncio
import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.messaging import parking
from tests.suite import driving
from tests.suite.conftest import Suite, running_suite
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared" / "data" / "nyc311_2013_dev.csv"
CITY = Path(__file__).parent / "nyc"
SERVICES = ("intake", "routing", "escalation", "surveys")
ROWS = 963
"""Of 964: one is closed before it was created, and refused."""
REFUSED = "26984786"
_SAMPLE = re.compile(r"^kesu_history_clocks_total\{(?P<labels>[^}]*)\} (?P<value>\S+)$", re.MULTILINE)

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(not FILE.exists(), reason=f"the real requests are not here: {FILE}"),
]


@pytest.fixture(scope="module")
def city_suite(
    postgres_server: Any, rabbitmq_server: Any, server_pool: Any, tmp_path_factory: Any
) -> Iterator[Suite]:
    """The suite of a city whose departments are its agencies."""
    folder = tmp_path_factory.mktemp("logs")
    organisation, profiles = str(CITY / "organisation.yaml"), str(CITY / "profiles")
    with running_suite(
        postgres_server, rabbitmq_server, server_pool, folder, organisation, profiles
    ) as suite:
        yield suite


async def kesu(suite: Suite, *arguments: str, service: str, ends: int = 0) -> str:
    """What the command says; it must end so."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.cli.main", *arguments,
        "--url", suite.services[service].address.url, "--token", suite.token("admin"),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == ends, out.decode()
    return out.decode()


async def settled(suite: Suite) -> None:
    async def there() -> bool:
        sheets = await driving.asked(suite, "escalation", "SELECT count(*) FROM sheets")
        cases = await driving.asked(suite, "routing", "SELECT count(*) FROM cases")
        return [sheets, cases] == [ROWS, ROWS]

    await eventually(there, 200, what="every request has its case and its sheet")
    await driving.quiet(suite, 120)


async def test_a_day_of_new_york_in_a_running_suite_gives_exactly_its_facts(city_suite, tmp_path):
    mapping, rejects = str(CITY / "by_agency.yaml"), str(tmp_path / "rejects.csv")
    said = await kesu(
        city_suite, "import", str(FILE), "--mapping", mapping, "--rejects", rejects, service="intake", ends=1
    )
    assert f"{ROWS} registered, 0 known before, 1 rejected" in said
    assert "closed-before-received" in Path(rejects).read_text(encoding="utf-8")
    await settled(city_suite)

    await _in_the_api(city_suite)
    await _in_the_metrics(city_suite)
    await _in_the_report(city_suite)
    await _nobody_was_woken(city_suite)


async def _in_the_api(suite: Suite) -> None:
    with FILE.open(newline="", encoding="utf-8-sig") as file:
        promised = [row["Unique Key"] for row in csv.DictReader(file) if row["Due Date"]]
    promised.remove(REFUSED)
    assert len(promised) == 185
    reader, found = suite.client("escalation", "auditor"), Counter()
    for ref in promised:
        complaint = await driving.asked(
            suite, "intake", "SELECT complaint_id FROM complaints WHERE state->'origin'->>'ref' = $1", ref
        )
        shown = (await reader.request("GET", f"/complaints/{complaint}/clocks")).json()
        (clock,) = shown["items"]
        found[(shown["department"] == "NYPD", clock["state"], clock["late"])] += 1
    by_outcome = Counter()
    for (_, state, late), number in found.items():
        by_outcome[(state, late)] += number
    assert by_outcome == {("met", False): 153, ("met", True): 19, ("breached", False): 13}
    assert (found[(True, "met", False)], found[(True, "met", True)]) == (119, 5)


async def _in_the_metrics(suite: Suite) -> None:
    text = ""

    async def all_counted() -> bool:
        nonlocal text
        text = (await suite.client("escalation").request("GET", "/metrics")).body.decode()
        ended = [float(one["value"]) for one in _SAMPLE.finditer(text) if 'clock="promise"' in one["labels"]]
        return sum(ended) == 153 + 19

    # A look does not wait for a count that takes long: what it brought shows at the next.
    await eventually(all_counted, 30, what="the figures are counted")
    live = re.findall(r"^kesu_clocks_total\{[^}]*\} (\S+)$", text, re.MULTILINE)
    assert live and set(live) == {"0.0"}, "live figures leave the past out"
    assert "kesu_clocks_running{" not in text
    routing = (await suite.client("routing").request("GET", "/metrics")).body.decode()
    assert "kesu_complaints_open{" not in routing and "kesu_complaints_stranded{" not in routing
    intake = (await suite.client("intake").request("GET", "/metrics")).body.decode()
    assert "kesu_complaints_registered_total{" not in intake
    urgent = await suite.client("routing", "auditor").request("GET", "/cases?order=urgency")
    assert urgent.json()["items"] == []
    counted: Counter[tuple[str, str]] = Counter()
    for sample in _SAMPLE.finditer(text):
        labels = dict(re.findall(r'(\w+)="([^"]*)"', sample["labels"]))
        if labels["clock"] == "promise":
            counted[(labels["department"], labels["outcome"])] += int(float(sample["value"]))
    assert (counted[("NYPD", "met")], counted[("NYPD", "breached")]) == (119, 5)
    ended = Counter()
    for (_, outcome), number in counted.items():
        ended[outcome] += number
    assert +ended == {"met": 153, "breached": 19}


async def _in_the_report(suite: Suite) -> None:
    said = await kesu(
        suite, "report", "clocks", "--as-of", "2014-05-02", "--clock", "promise", "--json",
        service="escalation",
    )  # fmt: skip
    report = json.loads(said)
    total = report["total"]
    assert total["started"] == 185
    assert total["met"] + total["late"] == 172
    assert (total["late"], total["overdue"], total["running"]) == (19, 9, 4)
    (police,) = [item for item in report["items"] if item["group"] == "NYPD"]
    assert (police["started"], police["late"]) == (124, 5)


async def _nobody_was_woken(suite: Suite) -> None:
    assert suite.smtp.mails == []
    for service in SERVICES:
        assert await driving.asked(suite, service, "SELECT count(*) FROM notices") == 0, service
        assert await parking.count(suite.amqp_url, service) == 0, service
    alarms = await driving.get(suite, "escalation", "/escalations")
    assert alarms["items"] == []
