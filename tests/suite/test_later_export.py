"""Does last month's register, exported again, come in as what it is: corrected, ended, known, and nothing twice?

The command, four services, broker and databases; the first import is killed in its middle.
"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.messaging import parking
from tests.suite import driving
from tests.suite.conftest import Suite
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
ROWS = 400
SERVICES = ("intake", "routing", "escalation", "surveys")
MAPPING = """
mapping: monthly
source: old-desk
fields:
  ref: {column: Number, required: true}
  site: {constant: sh01}
  kind: {constant: complaint}
  category: {column: Category, required: true}
  type: {constant: defect}
  channel: {constant: phone}
  received_at: {column: Received, required: true, formats: ["%Y-%m-%d %H:%M"], timezone: Asia/Shanghai}
  due_at: {column: Due, formats: ["%Y-%m-%d %H:%M"], timezone: Asia/Shanghai}
  closed_at: {column: Closed, formats: ["%Y-%m-%d %H:%M"], timezone: Asia/Shanghai}
  customer.ref: {column: Customer}
  narrative: {column: Text}
"""
HEADER = ("Number", "Category", "Received", "Due", "Closed", "Customer", "Text")

pytestmark = pytest.mark.timeout(300)


def a_row(number: int, **changes: str) -> dict[str, str]:
    row = dict(
        zip(
            HEADER,
            (
                str(number),
                "product-quality",
                "2024-05-06 09:30",
                "2024-05-09 09:30",
                "",
                f"客 {number}",
                "It drips.",
            ),
            strict=True,
        )
    )
    return row | changes


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


async def started(suite: Suite, file: Path, mapping: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.cli.main", "import", str(file), "--mapping", str(mapping),
        "--url", suite.services["intake"].address.url, "--token", suite.token("admin"),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def imported(suite: Suite, file: Path, mapping: Path) -> tuple[int | None, str]:
    process = await started(suite, file, mapping)
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def count(suite: Suite, service: str, table: str, where: str = "true") -> int:
    found: int = await driving.asked(
        suite, service, f"SELECT count(*) FROM {table} WHERE state IS NOT NULL AND {where}"
    )
    return found


async def one(suite: Suite, service: str, table: str, ref: str) -> dict[str, Any]:
    identifier = await driving.asked(
        suite, "intake", "SELECT complaint_id FROM complaints WHERE state->'origin'->>'ref' = $1", ref
    )
    found: dict[str, Any] = json.loads(
        await driving.asked(suite, service, f"SELECT state FROM {table} WHERE complaint_id = $1", identifier)
    )
    return found


async def test_a_register_comes_again_next_month(real_suite, tmp_path):
    mapping = tmp_path / "monthly.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    file = written(tmp_path / "register.csv", [a_row(number) for number in range(ROWS)])
    process = await started(real_suite, file, mapping)

    async def begun() -> bool:
        assert process.returncode is None, (await process.communicate())[0].decode()
        return await count(real_suite, "intake", "complaints") > 0

    await eventually(begun, 60, what="the first rows are in")
    process.kill()
    await process.communicate()
    code, said = await imported(real_suite, file, mapping)
    assert code == 0, said
    assert await count(real_suite, "intake", "complaints") == ROWS

    rows = [a_row(number) for number in range(ROWS)]
    rows[0]["Received"] = "2024-05-05 09:30"
    rows[1]["Text"] = "It drips and hisses."
    rows[2]["Closed"] = "2024-05-08 09:30"
    rows[3]["Closed"] = "2024-05-10 09:30"
    rows[4]["Category"] = "logistics"
    rows.append(a_row(5, Text="Somebody else's."))
    rows.append(a_row(ROWS))
    later = written(tmp_path / "register.csv", rows)
    await settled(real_suite, ROWS)
    code, said = await imported(real_suite, later, mapping)

    assert code == 1, said
    assert f"{ROWS + 2} rows: 1 registered, {ROWS - 5} known before, 1 rejected, 3 amended, 2 closed" in said
    with (tmp_path / "register.csv.rejects.csv").open(newline="", encoding="utf-8") as refused:
        assert [(row["line"], row["code"]) for row in csv.DictReader(refused)] == [("402", "number-twice")]
    await settled(real_suite, ROWS + 1)
    await _brought_up_to_date(real_suite)

    again, said = await imported(real_suite, later, mapping)
    assert again == 1
    assert f"0 registered, {ROWS + 1} known before, 1 rejected, 0 amended, 0 closed" in said
    assert [await parking.count(real_suite.amqp_url, service) for service in SERVICES] == [0, 0, 0, 0]
    assert real_suite.smtp.mails == []


async def settled(suite: Suite, rows: int) -> None:
    async def there() -> bool:
        return [
            await count(suite, "routing", "cases"),
            await count(suite, "escalation", "sheets", "state->>'department' IS NOT NULL"),
        ] == [rows, rows]

    await eventually(there, 120, what="every complaint has its case and its sheet")
    await driving.quiet(suite, 60)


async def _brought_up_to_date(suite: Suite) -> None:
    async def told() -> bool:
        return (await one(suite, "routing", "cases", "3"))["status"] == "closed"

    await eventually(told, 30, what="routing has heard of the end")
    assert await count(suite, "intake", "complaints") == ROWS + 1
    assert (await one(suite, "intake", "complaints", "0"))["received_at"].startswith("2024-05-05T")
    assert (await one(suite, "escalation", "sheets", "0"))["received_at"].startswith("2024-05-05T")
    assert (await one(suite, "routing", "cases", "4"))["facts"]["category"] == "logistics"
    clocks = [(await one(suite, "escalation", "sheets", ref))["clocks"] for ref in ("1", "2", "3")]
    assert [[(clock["state"], clock["late"]) for clock in sheet] for sheet in clocks] == [
        [("breached", False)],
        [("met", False)],
        [("met", True)],
    ]
    refs = {(await one(suite, "intake", "complaints", ref))["customer_ref"] for ref in ("1", "2")}
    assert len(refs) == 2
    assert all(ref.startswith("c-") for ref in refs)
