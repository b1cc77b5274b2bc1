"""Whom can a contact make the service call? A customer's text nobody but the mail server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.ids import new_id
from shared.notify.channels import Post, customer_channel, staff_channel
from shared.notify.kinds import KINDS, OTHER
from shared.notify.lanes import Lanes
from shared.notify.mail import MailServer
from tests.shared.notify.desk import a_letter, dispatching, keep, outcomes, rows
from tests.support.waiting import eventually

SERVER = MailServer.from_url("smtp://mail.example", sender="kesu@demo.example")
INJECTED = [
    "form://u:p@127.0.0.1:{port}/internal/delete.x?method=DELETE",
    "json://u:p@127.0.0.1:{port}/internal.x",
    "xml://u@127.0.0.1:{port}/a.x?+X-Forged=1",
    "JSON://u@127.0.0.1:{port}/a.x",
    "mailto://u:p@127.0.0.1:{port}/?to=somebody@else.example",
    " json://u@127.0.0.1:{port}/a.x",
]


@asynccontextmanager
async def a_door() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port inside the network, and what came to it."""
    came: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], came


@pytest.mark.parametrize("email", INJECTED)
async def test_a_url_as_a_customers_address_calls_nobody(database, smtp, email):
    complaint_id = new_id()
    async with a_door() as (port, came):
        letter = a_letter(complaint_id, email.format(port=port))
        await keep(database, letter, complaint_id=complaint_id)

        async with dispatching(database, smtp.url):

            async def given_up() -> bool:
                return (await rows(database))[0]["gave_up_at"] is not None

            await eventually(given_up)

        assert not came
    assert not smtp.mails
    assert await outcomes(database) == [("none", "failed")]


@pytest.mark.parametrize("email", INJECTED)
def test_there_is_no_way_to_a_customer_by_url(email):
    assert customer_channel(email.format(port=1), SERVER) is None


@pytest.mark.parametrize("scheme", ["verysecret-token", "x" * 500, "li@customer.example", "ﬁle"])
def test_a_scheme_of_somebodys_own_becomes_no_name_in_a_metric(scheme):
    chat = staff_channel(f"{scheme}://a/b", SERVER)

    assert isinstance(chat, Post)
    assert chat.kind == OTHER


@pytest.mark.parametrize(("scheme", "kind"), [("slack", "slack"), ("jsons", "json"), ("SNS", "sns")])
def test_the_usual_channels_keep_their_names(scheme, kind):
    chat = staff_channel(f"{scheme}://a/b", SERVER)

    assert isinstance(chat, Post)
    assert chat.kind == kind
    assert chat.kind in KINDS


def notify_threads() -> int:
    return sum(thread.name.startswith("notify") for thread in threading.enumerate())


async def test_lanes_end_with_their_threads_when_nobody_uses_them():
    lanes, before = Lanes(idle_seconds=0.0), notify_threads()

    for number in range(50):
        await lanes.call(f"json://host-{number}", lambda: None, timeout_seconds=5)
        lanes.end_idle()

    await eventually(lambda: len(lanes) == 0 or lanes.end_idle())
    await eventually(lambda: notify_threads() == before)


async def test_there_are_never_more_lanes_than_their_bound():
    lanes, let_go = Lanes(most=2), threading.Event()
    calls = [
        asyncio.create_task(lanes.call(target, lambda: let_go.wait(10), timeout_seconds=10))
        for target in ("a", "b")
    ]
    await eventually(lambda: len(lanes) == 2)

    assert lanes.is_full("c")
    assert not lanes.is_full("a")
    let_go.set()
    await asyncio.gather(*calls)
    await eventually(lambda: not lanes.is_full("c"))
    await lanes.call("c", lambda: None, timeout_seconds=5)
    assert len(lanes) <= 2
    lanes.close()
