"""Does a service end when a part of it died, so that its supervisor brings back a whole one? (ADR 0049)"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.database.migrate import prepare
from shared.local.ports import free_ports
from shared.sealed.sealer import new_key

ROOT = Path(__file__).parents[3]
DYING = """
import asyncio, runpy
from {module} import {name}

async def dies(self):
    await asyncio.sleep(0.2)
    {how}

{name}.{method} = dies
runpy.run_module("services.surveys", run_name="__main__")
"""
HOUSEKEEPING = {"module": "shared.outbox.housekeeping", "name": "Housekeeping", "method": "run"}
JOB = """
import asyncio, runpy
import services.surveys.jobs.chasing as chasing

async def chase(settings, desk):
    await asyncio.sleep(0.2)
    raise ZeroDivisionError('a bug')

chase.__module__ = chasing.__name__
chasing.chase = chase
runpy.run_module("services.surveys", run_name="__main__")
"""
LIVENESS = {"module": "shared.host.liveness", "name": "Liveness", "method": "_look"}
OPENING = {"module": "shared.messaging.post", "name": "Post", "method": "_keep_opening"}
CONSUMER = {"module": "shared.host.process", "name": "Process", "method": "_keep_consuming"}


@pytest.fixture
def surveys_url(database_from) -> str:
    return database_from("surveys", lambda url: asyncio.run(prepare(url, "surveys")))


@pytest.mark.parametrize(
    ("part", "program"),
    [
        ("housekeeping", DYING.format(**HOUSEKEEPING, how="raise ZeroDivisionError('a bug')")),
        ("housekeeping", DYING.format(**HOUSEKEEPING, how="return")),
        ("consumer", DYING.format(**CONSUMER, how="raise ZeroDivisionError('a bug')")),
        ("chasing.chase", JOB),
        ("liveness", DYING.format(**LIVENESS, how="raise ZeroDivisionError('a bug')")),
        ("post-open", DYING.format(**OPENING, how="raise ZeroDivisionError('a bug')")),
    ],
    ids=["raised", "returned", "consumer", "chore", "liveness", "opening"],
)
def test_a_service_of_which_a_part_died_ends_in_good_order_with_a_status_of_its_own(
    surveys_url, part, program
):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "KESU_DATABASE_URL": surveys_url,
        "KESU_AMQP_URL": "amqp://127.0.0.1:1/",  # The broker may come later.
        "KESU_SECRET": "a secret for tests only, with enough characters in it",
        "KESU_SEAL_KEYS": f"k1:{new_key()}",
        "KESU_ORGANISATION": str(ROOT / "deploy" / "organisation" / "organisation.yaml"),
        "KESU_PORT": str(free_ports(1)[0]),
    }

    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=30,
    )

    assert ended.returncode == 1, ended.stderr
    (line,) = [line for line in ended.stderr.splitlines() if "part.died" in line]
    assert f'"{part}"' in line
    assert '"critical"' in line
    assert "service.stopped" in ended.stderr, "the other parts were stopped in good order"
