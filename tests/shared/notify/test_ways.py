"""Where does a reference lead, what is a contact, how long is one patient, and who waits in a lane?"""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.addresses import mailbox_of
from shared.errors import Rejected
from shared.ids import new_id
from shared.notify.channels import Post, staff_channel
from shared.notify.lanes import Lane
from shared.notify.links import PublicLinks
from shared.notify.mail import Mail, MailServer, digest
from shared.notify.message import Message
from shared.notify.patience import Patience
from shared.notify.recipients import recipient_of
from shared.notify.table import Waiting
from tests.shared.notify.desk import LINKS, PUBLIC, SEALER, a_rulebook
from tests.support.waiting import eventually

NOW = datetime(2026, 10, 8, 8, tzinfo=UTC)
ID = UUID("0198c1a2-0000-7000-8000-000000000001")
SERVER = MailServer.from_url("smtp://mail.example", sender="kesu@demo.example")


def a_waiting(sealed: str | None, to: str = "customer", complaint_id: UUID = ID) -> Waiting:
    return Waiting(new_id(), "k", complaint_id, to, "t", "zh", {}, sealed, NOW, 0)


@pytest.mark.parametrize(
    ("purpose", "door"),
    [
        ("case", "https://intake.example/c/"),
        ("ack", "https://escalation.example/a/"),
        ("survey", "https://surveys.example/s/"),
    ],
)
def test_a_reference_becomes_the_address_of_its_door_with_a_secret(purpose, door):
    address = PublicLinks(LINKS, PUBLIC).expand(f"{purpose}:{ID}")

    identifier, secret = address.removeprefix(door).split(".")
    assert identifier == str(ID)
    LINKS.check(purpose, ID, secret)


@pytest.mark.parametrize("text", ["2026-10-08 16:00", "note: hello", "https://x.example/", "ack:", "case"])
def test_what_is_no_reference_stays_as_it_is(text):
    assert PublicLinks(LINKS, PUBLIC).expand(text) == text


def test_a_contact_is_a_mail_address_or_a_url():
    assert isinstance(staff_channel("wang.lei@sh01.example", SERVER), Mail)
    assert staff_channel("wang.lei@sh01.example", None) is None
    assert staff_channel("somebody", SERVER) is None
    chat = staff_channel("slack://A/B/C", None)
    assert isinstance(chat, Post)
    assert chat.kind == "slack"


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtp://mail.example", 25, "smtp"),
        ("smtp://mail.example:2525", 2525, "smtp"),
        ("smtp+starttls://u:p%40ss@mail.example", 587, "smtp+starttls"),
        ("smtps://mail.example", 465, "smtps"),
    ],
)
def test_the_address_of_a_mail_server_is_read(url, port, security):
    server = MailServer.from_url(url, sender="kesu@demo.example")

    assert (server.host, server.port, server.security) == ("mail.example", port, security)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail:port"])
def test_what_is_no_mail_server_is_refused_without_repeating_a_password(url):
    with pytest.raises(Rejected) as refused:
        MailServer.from_url(url, sender="kesu@demo.example")
    assert refused.value.code == "bad-smtp-url"


def test_the_same_key_gives_the_same_message_id(smtp):
    server = MailServer.from_url(smtp.url, sender="kesu@demo.example")
    for _ in range(2):
        assert Mail(server, mailbox_of("a@b.example")).send(Message("s", "b\n"), "a key").kind == "sent"

    first, second = (mail.message for mail in smtp.mails)
    assert first["Message-ID"] == second["Message-ID"] == f"<{digest('a key')}@demo.example>"
    assert first["X-Kesu-Notice"] == digest("a key")
    assert "a key" not in first.as_string()


def test_a_customers_address_is_found_where_intake_sealed_it():
    flat = SEALER.seal({"name": "Li", "email": "li@c.example"}, about=ID)
    nested = SEALER.seal({"customer": {"name": "Li", "email": "li@c.example"}}, about=ID)

    for sealed in (flat, nested):
        found = recipient_of(a_waiting(sealed), a_rulebook(), SEALER)
        assert (found.name, found.contacts) == ("Li", ("li@c.example",))


@pytest.mark.parametrize("email", ["", "none", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"])
def test_what_is_no_single_address_is_no_contact(email):
    sealed = SEALER.seal({"email": email}, about=ID)

    assert recipient_of(a_waiting(sealed), a_rulebook(), SEALER).contacts == ()


def test_a_contact_that_was_sealed_about_another_complaint_does_not_open():
    sealed = SEALER.seal({"email": "li@c.example"}, about=new_id())

    with pytest.raises(Rejected):
        recipient_of(a_waiting(sealed), a_rulebook(), SEALER)


def test_patience_doubles_up_to_its_longest_wait_and_is_spread():
    patience = Patience()

    waits = [(patience.next_try(NOW, "k", tries) - NOW).total_seconds() for tries in range(1, 60)]

    assert 2.5 <= waits[0] <= 7.5
    assert 5 <= waits[1] <= 15
    assert all(300 <= wait <= 900 for wait in waits[15:])
    assert patience.next_try(NOW, "k", 3) != patience.next_try(NOW, "other", 3)


def test_patience_ends_after_a_week():
    patience = Patience()

    assert not patience.is_exhausted(NOW, NOW - timedelta(days=7))
    assert patience.is_exhausted(NOW, NOW - timedelta(days=7, seconds=1))


async def test_a_lane_has_only_its_few_threads_whatever_hangs_in_them():
    lane = Lane(threads=2, most_waiting=1)
    begun, let_go = threading.Semaphore(0), threading.Event()

    def hang() -> None:
        begun.release()
        let_go.wait(10)

    calls = [asyncio.create_task(lane.call(hang, timeout_seconds=0.05)) for _ in range(2)]
    for call in calls:
        with pytest.raises(TimeoutError):
            await call
    third = asyncio.create_task(lane.call(lambda: "done", timeout_seconds=0.2))
    await eventually(lambda: lane.is_full)

    done, _ = await asyncio.wait({third}, timeout=0.4)
    assert not done, "the third waits for a thread, and its own time has not begun"
    let_go.set()
    assert await third == "done"
    await eventually(lambda: not lane.is_full)
    lane.close()
