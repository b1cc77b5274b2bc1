"""Does a service whose database was restored from an older dump come to know again what it told and heard?"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import orjson
import pytest

from shared.local.processes import stop_all
from shared.messaging.stream import read_pieces
from tests.suite import driving
from tests.suite.conftest import Suite, running_suite
from tests.suite.test_journey import follow, link
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
TABLES = {"intake": "complaints", "routing": "cases", "escalation": "sheets", "surveys": "invitations"}


class Vault:
    """Dumps of the suite's databases, and the way back to them."""

    def __init__(self, suite: Suite, postgres: Any) -> None:
        self.suite = suite
        self.postgres = postgres
        self._dumps: dict[str, str] = {}

    def stop(self) -> None:
        stop_all(tuple(self.suite.services.values()))

    def start(self) -> None:
        for one in self.suite.services.values():
            one.start()
        for one in self.suite.services.values():
            one.wait_ready(seconds=90)

    def dump(self, *services: str) -> None:
        for service in services:
            name = urlsplit(self.suite.databases[service]).path.strip("/")
            self._dumps[service] = f"{name}_dump"
            self.postgres.drop(f"{name}_dump")
            self.postgres.create(f"{name}_dump", template=name)

    def restore(self, *services: str) -> None:
        for service in services:
            name = urlsplit(self.suite.databases[service]).path.strip("/")
            self.postgres.drop(name)
            self.postgres.create(name, template=self._dumps[service])

    def drop(self) -> None:
        for name in self._dumps.values():
            self.postgres.drop(name)

    def command(self, service: str) -> subprocess.CompletedProcess[str]:
        """`kesu restore SERVICE`, with the settings of that service."""
        environment = {**self.suite.environment, "KESU_DATABASE_URL": self.suite.databases[service]}
        return subprocess.run(
            [sys.executable, "-m", f"services.{service}", "restore"],
            env={"PYTHONPATH": ".", "PATH": "/usr/bin:/bin", **environment},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    async def rows(self, service: str, statement: str) -> list[Any]:
        connection = await asyncpg.connect(self.suite.databases[service])
        try:
            return await connection.fetch(statement)
        finally:
            await connection.close()

    async def states(self, service: str) -> dict[str, tuple[int, dict[str, Any]]]:
        """Told and document of each complaint."""
        found = await self.rows(service, f"SELECT complaint_id, told, state FROM {TABLES[service]}")
        return {str(row[0]): (row[1], orjson.loads(row[2])) for row in found if row[2] is not None}

    async def quiet(self) -> None:
        """Nothing waits in an outbox, and nothing new is told for a moment."""
        seen: list[Any] = []

        async def still() -> bool:
            waiting = [(await self.rows(one, "SELECT count(*) FROM outbox"))[0][0] for one in TABLES]
            told = [
                (await self.rows(one, f"SELECT sum(told), max(updated_at) FROM {TABLES[one]}"))[0]
                for one in TABLES
            ]
            notices = [
                (await self.rows(one, "SELECT count(*) FROM notices WHERE delivered_at IS NULL"))[0][0]
                for one in TABLES
            ]
            seen.append((waiting, told))
            return not any(waiting) and notices is not None and len(seen) > 3 and seen[-1] == seen[-4]

        await eventually(still, 30)

    async def log(self) -> list[tuple[str, str, int]]:
        return [
            (str(piece.head.subject), piece.head.producer, piece.head.sequence)
            async for piece in read_pieces(self.suite.amqp_url)
            if piece.head is not None
        ]


@pytest.fixture(scope="module")
def vault(postgres_server, rabbitmq_server, server_pool, tmp_path_factory) -> Iterator[Vault]:
    folder = tmp_path_factory.mktemp("logs")
    with running_suite(postgres_server, rabbitmq_server, server_pool, folder, "demo.yaml") as suite:
        one = Vault(suite, postgres_server)
        yield one
        one.drop()


@pytest.fixture(autouse=True)
async def _all_run(vault):
    yield
    for one in vault.suite.services.values():
        if one.pid is None:
            one.start()
            one.wait_ready(seconds=90)
    await vault.suite.close_clients()


async def a_life(suite: Suite, customer: str, before: dict[str, Any]) -> dict[str, Any]:
    """Everything that a complaint goes through; `before` was registered before the dump."""
    complaint = await driving.register(suite, customer={"name": "Fang Wang", "email": customer})
    await driving.register(suite, kind="enquiry", category="service", type="inactivity")
    for one in (before, complaint):
        identifier = one["id"]
        await driving.answered(suite, identifier)
        await driving.reply(suite, one, accepts=True)
        await driving.step(suite, identifier, "fulfil")
        await driving.step(suite, identifier, "close")
        await driving.until_status(suite, identifier, "closed")
    await eventually(lambda: link(suite, customer, "/s/"), 20)
    assert await follow(suite, "surveys", link(suite, customer, "/s/"), {"grade": "satisfied"}) == 201
    withdrawn = await driving.register(suite)
    path = f"/complaints/{withdrawn['id']}"
    told = await suite.client("intake", "agent").request("POST", f"{path}/withdraw", json={})
    again = await suite.client("intake", "manager").request(
        "POST", f"{path}/reopen", json={"reason_code": "remedy-failed"}
    )
    amended = await suite.client("intake", "agent").request(
        "POST", f"{path}/amend", json={"order_ref": "A-7", "customer": {"phone": "+86 21 0000 9999"}}
    )
    assert [told.status, again.status, amended.status] == [200, 200, 200], (
        told.body,
        again.body,
        amended.body,
    )
    return complaint


def written(suite: Suite) -> list[tuple[Any, str, str]]:
    return [(mail.recipients, str(mail.message["subject"]), mail.text) for mail in suite.smtp.mails]


def moments_left_out(value: Any) -> Any:
    """The document without when what followed from an event was decided: the dump's heir takes the event's own."""
    if isinstance(value, dict):
        # Who entered a registration or a reply, or closed, stands in no event: the report names it.
        by = value.get("what") in {"complaint.registered", "customer.replied", "close-case", "-close-case"}
        left_out = {"passed_over", "cost_bearer", *({"by"} if by else ())}
        return {k: moments_left_out(v) for k, v in value.items() if not _is_moment(v) and k not in left_out}
    if isinstance(value, list):
        return [moments_left_out(one) for one in value]
    return value


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T"


def differences(found: Any, wanted: Any, where: str = "") -> Iterator[str]:
    """Each place where the documents differ."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in sorted(found.keys() | wanted.keys()):
            yield from differences(found.get(name), wanted.get(name), f"{where}.{name}")
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
            yield from differences(one, other, f"{where}[{number}]")
    elif found != wanted:
        yield f"{where}: {found!r}, not {wanted!r}"


@pytest.mark.parametrize("service", ["intake", "routing", "escalation", "surveys"])
async def test_an_older_database_takes_back_what_the_log_holds_and_nothing_is_told_twice(vault, service):
    suite = vault.suite
    before = await driving.register(
        suite, customer={"name": "Early", "email": f"early-{service}@customer.example"}
    )
    await vault.quiet()
    vault.stop()
    vault.dump(service)
    vault.start()
    await suite.close_clients()
    customer = f"{service}@customer.example"
    await a_life(suite, customer, before)
    await vault.quiet()
    vault.stop()
    wanted, told = await vault.states(service), await vault.log()

    vault.restore(service)
    first = vault.command(service)
    found = await vault.states(service)
    again = vault.command(service)
    print(first.stdout, first.stderr)

    assert first.returncode in {0, 1}, first.stderr
    assert {key: row[0] for key, row in found.items()} == {key: row[0] for key, row in wanted.items()}
    differing = [
        line
        for key in wanted
        for line in differences(moments_left_out(found[key][1]), moments_left_out(wanted[key][1]))
    ]
    assert not differing, "\n".join(differing)
    assert "lost:" not in first.stdout
    assert f"{service}: 0 events that it had told" in again.stdout
    assert await vault.states(service) == found

    vault.start()
    await suite.close_clients()
    await vault.quiet()
    later = await vault.log()
    assert later[: len(told)] == told
    assert len(set(later)) == len(later), "a sequence was told twice"
    twice = [letter for letter, times in Counter(written(suite)).items() if times > 1]
    assert twice == [], "a letter went out twice"
    fresh = await driving.register(suite)
    assert fresh["complaint_no"] == f"SH01-2026-{len(await vault.states('intake')):06d}"


async def test_numbers_go_on_where_the_log_ends_even_if_nobody_restores(vault):
    suite = vault.suite
    await vault.quiet()
    vault.stop()
    vault.dump("intake", "routing")
    vault.start()
    await suite.close_clients()
    given = [(await driving.register(suite))["complaint_no"] for _ in range(5)]
    await vault.quiet()
    vault.stop()
    vault.restore("intake")

    vault.start()
    await suite.close_clients()
    fresh = [(await driving.register(suite))["complaint_no"] for _ in range(3)]

    assert min(fresh) > max(given)
    assert "numbers.raised" in suite.log_text()
