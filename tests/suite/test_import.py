"""Does real history come in whole, once, and without waking anybody? 3,547 complaints of a public register."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from shared.messaging import parking
from shared.messaging.stream import read_pieces
from tests.suite import driving
from tests.suite.conftest import Suite
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared" / "data" / "cfpb_2014_dev.csv"
SERVICES = ("intake", "routing", "escalation", "surveys")

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(not FILE.exists(), reason=f"the real complaints are not here: {FILE}"),
]


async def imported(suite: Suite) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.cli.main", "import", str(FILE), "--mapping", "cfpb",
        "--url", suite.services["intake"].address.url, "--token", suite.token("admin"),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def settled(suite: Suite) -> None:
    async def there() -> bool:
        cases = await driving.asked(
            suite, "routing", "SELECT count(*) FROM cases WHERE department IS NOT NULL"
        )
        sheets = await driving.asked(
            suite, "escalation", "SELECT count(*) FROM sheets WHERE department IS NOT NULL"
        )
        known = await driving.asked(
            suite, "intake", "SELECT count(*) FROM complaints WHERE status = 'assigned'"
        )
        return [cases, sheets, known] == [3547, 3547, 3547]

    await eventually(there, 200, what="all are assigned and their clocks run")
    await driving.quiet(suite, 120)


async def test_a_public_register_comes_in_once_with_everything_in_its_place(real_suite):
    code, said = await imported(real_suite)
    assert code == 0, said
    await settled(real_suite)
    mails = len(real_suite.smtp.mails)

    again, said_again = await imported(real_suite)
    await settled(real_suite)

    assert again == 0, said_again
    assert "3547" in said_again.replace(",", "")
    await _registered_once(real_suite)
    await _told_once(real_suite)
    assert [await parking.count(real_suite.amqp_url, service) for service in SERVICES] == [0, 0, 0, 0]
    assert mails == len(real_suite.smtp.mails) == 0, "nobody is alerted for the past"
    assert await driving.asked(real_suite, "escalation", "SELECT count(*) FROM notices") == 0


async def _registered_once(suite: Suite) -> None:
    with FILE.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    wanted = Counter(row["Submitted via"].lower() for row in rows)
    text = await driving.asked(
        suite,
        "intake",
        "SELECT json_object_agg(channel, n) FROM (SELECT channel, count(*) n FROM complaints GROUP BY 1) x",
    )
    assert await driving.asked(suite, "intake", "SELECT count(*) FROM complaints") == 3547
    assert Counter(_counts(text)) == Counter({_CHANNELS.get(name, name): n for name, n in wanted.items()})
    zips = {row["ZIP code"] for row in rows if row["ZIP code"].startswith("0")}
    assert zips
    reader = suite.client("intake", "admin")
    some = [row for row in rows if row["ZIP code"].startswith("0")][:5]
    for row in some:
        found = await driving.asked(
            suite,
            "intake",
            "SELECT complaint_no FROM complaints WHERE state->'origin'->>'ref' = $1",
            row["Complaint ID"],
        )
        detail = (await reader.request("GET", f"/complaints/{found}")).json()
        assert detail["personal"]["postcode"] == row["ZIP code"]


_CHANNELS = {"postal mail": "letter", "referral": "referral"}


def _counts(text: str) -> dict[str, int]:
    return json.loads(text)


async def _told_once(suite: Suite) -> None:
    told: Counter[tuple[str, str, str]] = Counter()
    ids: set[str] = set()
    async for piece in read_pieces(suite.amqp_url):
        event = json.loads(piece.body)
        if event["id"] not in ids:
            ids.add(event["id"])
            told[(event["type"], event["subject"], event["data"].get("clock", ""))] += 1
    kinds = Counter(kind for kind, _, _ in told)
    assert kinds["complaint.registered.v1"] == kinds["complaint.assigned.v1"] == 3547
    started = [key for key in told if key[0] == "clock.started.v1"]
    assert len({subject for _, subject, _ in started}) == 3547
    assert {told[key] for key in told if key[0] in _ONCE} == {1}
    assert not any(kind.startswith("escalation.") for kind in kinds)


_ONCE = {"complaint.registered.v1", "complaint.assigned.v1", "clock.started.v1"}
