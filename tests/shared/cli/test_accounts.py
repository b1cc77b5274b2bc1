"""Can a service do its work with its own role and user, and nothing of the others'? On real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import asyncpg
import pytest
from aiormq.exceptions import ChannelAccessRefused

from shared.cli.accounts import give_broker, passwords_in
from shared.database.migrate import prepare
from shared.database.roles import give_access
from shared.database.transaction import Database
from shared.errors import Rejected
from shared.ids import new_id
from shared.messaging import parking, provision
from shared.messaging.provision import connect
from shared.messaging.rights import rights
from shared.messaging.topology import BUNDLES_EXCHANGE, REQUEUE_EXCHANGE, work_queue
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, send, sender, service
from tests.support.waiting import eventually

PASSWORD = "it's a 'password'"


def as_user(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    netloc = f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))


@dataclass
class Account:
    """Routing's user on the test's own virtual host."""

    url: str
    admin_url: str


@pytest.fixture
async def account(amqp_url, rabbitmq_server) -> AsyncIterator[Account]:
    await provision.apply(amqp_url)
    vhost = urlsplit(amqp_url).path.lstrip("/")
    user = f"routing_{vhost}"
    await asyncio.to_thread(give_broker, rabbitmq_server.management, vhost, "routing", "secret", user=user)
    yield Account(as_user(amqp_url, user, "secret"), amqp_url)
    await asyncio.to_thread(rabbitmq_server.management.call, "DELETE", f"/api/users/{user}")


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    yield database
    await database.close()


async def test_a_service_hears_tells_parks_and_climbs_with_its_own_user(database, account):
    async with service(database, account.url), sender(account.admin_url) as post:
        await send(post, toy.registered(new_id()))
        await post.send(b"{", type_name="complaint.registered.v1", message_id="x")
        await send(post, toy.acknowledged(new_id()))
        await eventually(lambda: is_so(database, "SELECT sum(count) FROM counters", 1))
        await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox", 0))

        async def parked() -> bool:
            return await parking.count(account.admin_url, "routing") == 1

        await eventually(parked)


@pytest.mark.parametrize(
    ("exchange", "key"),
    [
        (BUNDLES_EXCHANGE, "complaint.registered.v1"),
        (REQUEUE_EXCHANGE, work_queue("escalation")),
        ("", work_queue("escalation")),
    ],
    ids=["another's event", "another's queue", "any queue by its name"],
)
async def test_it_tells_nothing_in_the_name_of_another(account, exchange, key):
    async with await connect(account.url, name="test") as connection:
        channel = await connection.channel(publisher_confirms=True)
        out = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
        with pytest.raises((ChannelAccessRefused, asyncio.CancelledError)):
            await out.publish(aio_pika.Message(b"{}"), routing_key=key, timeout=5)


@pytest.mark.parametrize("queue", [work_queue("surveys"), "kesu.surveys.parked.v2", "kesu.log"])
async def test_it_reads_nothing_of_another(account, queue):
    async with await connect(account.url, name="test") as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1)
        found = await channel.get_queue(queue, ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await found.consume(nobody)


def test_nobody_declares_anything_and_only_the_auditor_and_the_register_read_the_log():
    every = {name: rights(name) for name in ("intake", "routing", "escalation", "surveys")}

    assert {one["configure"] for one in every.values()} == {"^$"}
    assert [name for name, one in every.items() if "log" in one["read"]] == ["intake", "escalation"]
    assert [name for name, one in every.items() if "default" in one["write"]] == ["escalation"]


@pytest.fixture
def surveys_url(database_from) -> str:
    return database_from("surveys", lambda url: asyncio.run(prepare(url, "surveys")))


@dataclass
class Role:
    """A role of surveys on the test's own database."""

    admin: asyncpg.Connection
    name: str

    async def as_it(self, order: str) -> None:
        await self.admin.execute(f'SET ROLE "{self.name}"')
        try:
            await self.admin.execute(order)
        finally:
            await self.admin.execute("RESET ROLE")


@pytest.fixture
async def role(surveys_url) -> AsyncIterator[Role]:
    name = f"role_{urlsplit(surveys_url).path.strip('/')}"
    admin = await asyncpg.connect(surveys_url)
    for _ in range(2):
        await give_access(surveys_url, "surveys", PASSWORD, role=name)
    yield Role(admin, name)
    await admin.execute(f'DROP OWNED BY "{name}"')
    await admin.execute(f'DROP ROLE "{name}"')
    await admin.close()


async def test_a_role_reads_and_writes_its_tables_also_those_of_later_migrations(role):
    await role.admin.execute("CREATE TABLE of_a_later_release (x bigserial, y int)")
    for order in (
        "SELECT * FROM invitations",
        "SELECT * FROM alembic_version",
        "SELECT pg_try_advisory_lock(1), pg_advisory_unlock_all()",
        "INSERT INTO of_a_later_release (y) VALUES (1)",
        "UPDATE of_a_later_release SET y = 2",
        "DELETE FROM of_a_later_release",
        "DELETE FROM inbox",
        "DELETE FROM outbox",
    ):
        await role.as_it(order)


@pytest.mark.parametrize(
    "order",
    [
        "DROP TABLE invitations",
        "ALTER TABLE invitations ADD COLUMN x int",
        "CREATE TABLE x (y int)",
        "CREATE ROLE x",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY invitations TO PROGRAM 'true'",
    ],
)
async def test_a_role_may_do_nothing_else(role, order):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await role.as_it(order)


async def test_no_other_role_may_enter_the_database(role):
    held = await role.admin.fetch(
        "SELECT a.grantee::regrole::text AS who, a.privilege_type AS what FROM pg_database d, "
        "aclexplode(d.datacl) a WHERE d.datname = current_database() AND a.grantee <> d.datdba"
    )
    assert [(row["who"].strip('"'), row["what"]) for row in held] == [(role.name, "CONNECT")]


@pytest.mark.parametrize(
    "text", ["", "intake:a", "intake:,routing:b,escalation:c,surveys:d", "x:a,routing:b"]
)
def test_a_missing_password_is_named(text):
    with pytest.raises(Rejected, match="bad-accounts") as told:
        passwords_in(text)
    assert told.value.field == "KESU_ACCOUNTS"


def test_a_password_may_hold_a_colon():
    found = passwords_in("intake:a:b,routing:b,escalation:c,surveys:d")
    assert found["intake"] == "a:b"


async def nobody(message: aio_pika.abc.AbstractIncomingMessage) -> None:
    raise AssertionError(message)
