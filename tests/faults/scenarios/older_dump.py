"""Injected: under load the databases are dumped one after the other; then intake is restored from its dump, and
later routing from an even older one, while the others keep what they have.

Must hold: numbers go on where the log ends, `kesu restore` brings each back until all four agree, nothing is
told or sent twice, and `kesu audit` finds no orphan, no double and nothing missing.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

from shared.local import databases
from tests.faults.ledger import Finding
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 30.0
_NAMES = ("intake", "routing", "escalation", "surveys")
_RESTORED = (0, 1)
"""1: fields that no event carries are named, or what is lost."""


async def run(rig: Rig, load: Load) -> None:
    """Two dumps, two restores, each of another service and another moment."""
    async with load.running():
        await load.reached(0.2)
        await rig.stop(*_NAMES)
        await asyncio.to_thread(_dump, rig, "routing")
        await rig.start(*_NAMES)
        await load.reached(0.4)
        await rig.stop(*_NAMES)
        await asyncio.to_thread(_dump, rig, "intake")
        await rig.start(*_NAMES)
        await load.reached(0.6)
        await _go_back(rig, "intake")
        await load.reached(0.8)
        await _go_back(rig, "routing")
    await rig.settle()
    await _agree(rig)


async def _go_back(rig: Rig, service: str) -> None:
    """Everything stops, the service's database becomes the old one, and is brought up to the log."""
    await rig.settle()
    await rig.stop(*_NAMES)
    await asyncio.to_thread(_restore, rig, service)
    rig.note(f"{service} is restored from its dump")
    found = await asyncio.to_thread(_kesu, rig, f"services.{service}", "restore")
    rig.note(found.stdout.strip().rpartition("\n")[2])
    lost = [line for line in found.stdout.splitlines() if line.startswith("lost:")]
    if found.returncode not in _RESTORED or lost:
        rig.findings.append(Finding("odd", f"restore of {service}: {found.stderr[-500:]} {lost[:5]}"))
    await rig.start(*_NAMES)


async def _agree(rig: Rig) -> None:
    found = await asyncio.to_thread(_kesu, rig, "services.escalation.jobs.audit")
    rig.note(found.stdout.strip().rpartition("\n")[2])
    if found.returncode:
        rig.findings.append(Finding("odd", f"kesu audit: {found.stdout[:1000]} {found.stderr[-500:]}"))


def _kesu(rig: Rig, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "KESU_AUDIT_GRACE_SECONDS": "0", **rig.environment}
    program = [sys.executable, "-m", module, *arguments]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=120)


def _dump(rig: Rig, service: str) -> None:
    databases.create_database(rig.postgres.url, f"kesu_{service}_dump", template=f"kesu_{service}")


def _restore(rig: Rig, service: str) -> None:
    databases.drop_database(rig.postgres.url, f"kesu_{service}")
    databases.create_database(rig.postgres.url, f"kesu_{service}", template=f"kesu_{service}_dump")
    databases.drop_database(rig.postgres.url, f"kesu_{service}_dump")
