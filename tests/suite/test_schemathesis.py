"""Does any request that the published OpenAPI allows, or forbids, make a service fail? By schemathesis."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.suite import driving
from tests.suite.conftest import Suite

SERVICES = ("intake", "routing", "escalation", "surveys")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
)
EXAMPLES = 12
SEED = 2026
_PROGRAM = "from schemathesis.cli import schemathesis; schemathesis()"


@pytest.fixture(scope="module")
def lived_in(real_suite: Suite) -> Suite:
    """The suite with a complaint in it, so that lists are not empty."""

    async def prepare() -> None:
        complaint = await driving.register(real_suite)
        await driving.until_status(real_suite, complaint["id"], "assigned")
        await real_suite.close_clients()

    asyncio.run(prepare())
    return real_suite


def run(suite: Suite, service: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """schemathesis over the living service, in a folder of its own, the same requests every time."""
    url = suite.services[service].address.url
    arguments = [
        *("run", f"{url}/openapi.json", "--header", f"Authorization: Bearer {suite.token('admin')}"),
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--generation-deterministic"),
        *("--request-timeout", "20", "--no-color", "--no-shrink"),
        *("--suppress-health-check", "all", "--continue-on-failure", "--warnings", "off"),
    ]
    # The machine's own proxy has no business between two processes on loopback.
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("service", SERVICES)
def test_whatever_the_document_allows_or_forbids_is_answered_as_documented(lived_in, service, tmp_path):
    result = run(lived_in, service, tmp_path)

    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2000:]
    assert "No issues found" in result.stdout, result.stdout[-3000:]


def test_no_bug_was_met_on_the_way(lived_in):
    text = lived_in.log_text()
    assert "door.bug" not in text
    assert "part.died" not in text
    assert "work.unwritable" not in text
