"""Does every notice arrive, once, whatever breaks on the way?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.ids import new_id
from shared.notify.patience import Patience
from shared.notify.table import claim
from tests.shared.notify.desk import (
    LINKS,
    QUICK,
    a_letter,
    a_person,
    a_rulebook,
    all_delivered,
    an_alarm,
    dispatching,
    keep,
    outcomes,
    rows,
)
from tests.support.smtp import smtp_server
from tests.support.waiting import eventually

# Apprise imports it through pgpy on Python below 3.13.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


async def test_an_alarm_reaches_its_person_by_mail(database, smtp):
    await keep(database, an_alarm())

    async with dispatching(database, smtp.url):
        await eventually(lambda: all_delivered(database))

    (mail,) = smtp.mails
    assert mail.recipients == ("wang.lei@sh01.example",)
    assert (
        mail.subject
        == "【客诉超时·第 1 级】SH01-2026-000042 的“答复”已于 2026-10-08 16:00 (Asia/Shanghai) 超时"
    )
    identifier = "0198c1a2-0000-7000-8000-000000000001"
    link = f"https://escalation.example/a/{identifier}.{LINKS.secret('ack', identifier)}"
    assert link in mail.text
    assert "王磊" in mail.text
    assert await outcomes(database) == [("mail", "sent")]


async def test_a_letter_reaches_the_customer_whose_address_is_sealed(database, smtp):
    complaint_id = new_id()
    await keep(database, a_letter(complaint_id), complaint_id=complaint_id)

    async with dispatching(database, smtp.url):
        await eventually(lambda: all_delivered(database))

    (mail,) = smtp.mails
    assert mail.recipients == ("li@customer.example",)
    assert "李先生" in mail.text
    (row,) = await rows(database)
    assert row["sealed"] is None  # what has arrived needs no address any more


async def test_a_second_notice_with_the_same_key_is_the_same_notice(database, smtp):
    await keep(database, an_alarm("same"), an_alarm("same"))
    await keep(database, an_alarm("same"))

    async with dispatching(database, smtp.url):
        await eventually(lambda: all_delivered(database))

    assert len(smtp.mails) == 1


async def test_a_mail_server_that_comes_back_gets_every_notice_once(database, smtp):
    smtp.stop()
    await keep(database, *(an_alarm(f"key-{n}") for n in range(30)))

    async with dispatching(database, smtp.url):

        async def every_one_failed() -> bool:
            return all(row["attempts"] for row in await rows(database))

        await eventually(every_one_failed)
        smtp.start()
        await eventually(lambda: all_delivered(database))

    assert len(smtp.mails) == 30
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == 30


async def test_a_server_that_says_later_is_asked_later(database, smtp):
    smtp.refuse(times=2)
    await keep(database, an_alarm())

    async with dispatching(database, smtp.url):
        await eventually(lambda: all_delivered(database))

    assert await outcomes(database) == [("mail", "failed"), ("mail", "failed"), ("mail", "sent")]


async def test_a_slow_target_delays_no_other(database, smtp):
    patience = Patience(attempt_seconds=30, digest=QUICK.digest)
    with smtp_server() as hanging:
        hanging.answer_after(20)
        slow = a_person(
            "slow.one", f"mailto://127.0.0.1:{hanging.port}?from=a@b.example&to=s@s.example&mode=insecure"
        )
        rules = a_rulebook(slow, a_person())
        await keep(database, *(an_alarm(f"a-{n}", "slow.one") for n in range(60)))
        await keep(database, *(an_alarm(f"b-{n}") for n in range(20)))

        async with dispatching(database, smtp.url, rules=rules, patience=patience):
            await eventually(lambda: len(smtp.mails) == 20, seconds=8)
            hanging.stop()

    assert not hanging.mails


async def test_the_second_contact_is_told_when_the_first_fails(database, smtp):
    with smtp_server() as away:
        port = away.port
    first = f"mailto://127.0.0.1:{port}?from=a@b.example&to=s@s.example&mode=insecure"
    rules = a_rulebook(a_person("wang.lei", first, "backup@sh01.example"))
    await keep(database, an_alarm())

    async with dispatching(database, smtp.url, rules=rules):
        await eventually(lambda: all_delivered(database))

    assert await outcomes(database) == [("mailto", "failed"), ("mail", "sent")]
    assert smtp.mails[0].recipients == ("backup@sh01.example",)


async def test_a_customer_whose_address_is_refused_is_not_bothered_again(database, smtp):
    smtp.refuse("550 5.1.1 no such mailbox")
    complaint_id = new_id()
    await keep(database, a_letter(complaint_id), complaint_id=complaint_id)
    told: list[tuple[str, str]] = []

    async with dispatching(database, smtp.url, on_sent=lambda *what: told.append(what)):

        async def given_up() -> bool:
            return (await rows(database))[0]["gave_up_at"] is not None

        await eventually(given_up)

    assert told == [("mail", "refused"), ("mail", "gave_up")]
    (row,) = await rows(database)
    assert row["last_error"] == "mail: SMTP 550"


async def test_a_person_who_is_not_known_yet_is_told_once_he_is(database, smtp):
    await keep(database, an_alarm(to="new.hand"))
    async with dispatching(database, smtp.url):

        async def tried() -> bool:
            return (await rows(database))[0]["attempts"] > 0

        await eventually(tried)
    assert not smtp.mails

    async with dispatching(database, smtp.url, rules=a_rulebook(a_person("new.hand"))):
        await eventually(lambda: all_delivered(database))

    assert len(smtp.mails) == 1


async def test_without_a_mail_server_customers_letters_wait_and_chat_goes_out(database, smtp):
    complaint_id = new_id()
    chat = f"mailto://127.0.0.1:{smtp.port}?from=a@b.example&to=s@s.example&mode=insecure"
    rules = a_rulebook(a_person("wang.lei", chat))
    await keep(database, an_alarm("alarm"))
    await keep(database, a_letter(complaint_id), complaint_id=complaint_id)

    async with dispatching(database, "", rules=rules):
        await eventually(lambda: len(smtp.mails) == 1)

    alarm, letter = await rows(database)
    assert alarm["delivered_at"] is not None
    assert (letter["attempts"], letter["delivered_at"], letter["gave_up_at"]) == (0, None, None)


async def test_a_notice_is_given_up_after_a_week_and_kept(database, smtp):
    smtp.stop()
    await keep(database, an_alarm())
    told: list[tuple[str, str]] = []

    class InEightDays:
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(days=8)

    async with dispatching(database, smtp.url, clock=InEightDays(), on_sent=lambda *what: told.append(what)):
        await eventually(lambda: told == [("none", "gave_up")])

    (row,) = await rows(database)
    assert row["gave_up_at"] is not None


async def test_two_dispatchers_send_nothing_twice(database, smtp):
    await keep(database, *(an_alarm(f"key-{n}") for n in range(60)))

    async with dispatching(database, smtp.url), dispatching(database, smtp.url):
        await eventually(lambda: all_delivered(database))

    assert len(smtp.mails) == 60


async def test_what_a_dead_dispatcher_had_claimed_is_sent_when_the_lease_ends(database, smtp):
    await keep(database, an_alarm())
    async with database.transaction() as connection:
        lease = timedelta(milliseconds=300)
        now = datetime.now(UTC)
        assert await claim(connection, now=now, lease=lease, most=10, customers=True)

    async with dispatching(database, smtp.url, patience=QUICK):
        await eventually(lambda: all_delivered(database))

    assert len(smtp.mails) == 1


async def test_nothing_personal_is_recorded_about_an_attempt(database, smtp):
    smtp.refuse("550 5.1.1 <li@customer.example> is unknown here")
    complaint_id = new_id()
    await keep(database, a_letter(complaint_id), complaint_id=complaint_id)

    async with dispatching(database, smtp.url):

        async def given_up() -> bool:
            return (await rows(database))[0]["gave_up_at"] is not None

        await eventually(given_up)

    (row,) = await rows(database)
    assert "customer.example" not in str({**row, "sealed": None})
