"""What does a person read after the mail server was away for an hour, and who waits for a slow provider?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.ids import new_id
from shared.notify.dispatcher import Dispatcher
from shared.notify.outcome import FAILED, SENT
from shared.notify.patience import Patience
from tests.shared.notify.desk import (
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
from tests.support.smtp import SmtpServer
from tests.support.waiting import eventually

# Apprise imports it through pgpy on Python below 3.13.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

STANDARD = Patience()
"""As it is shipped; the wall clock is turned on, so that nobody has to wait for it."""
PEOPLE = ("wang.lei", "li.na", "zhao.min")
MINUTE = timedelta(minutes=1)
_NUMBER = re.compile(r"SH01-2026-(\d{6})")


@dataclass
class TurnedClock:
    """The real time, turned on by as much as the test says."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def pass_minutes(self, minutes: int, dispatcher: Dispatcher, database) -> None:
        """Minute by minute, each long enough that whatever is due by then was tried."""
        for _ in range(minutes):
            self.ahead += MINUTE
            dispatcher.wake()

            async def nothing_is_due() -> bool:
                waits = [row for row in await rows(database) if row["delivered_at"] is None]
                return all(row["not_before"] > self.now() for row in waits) and not any(
                    row["last_error"] is None for row in waits
                )

            await eventually(nothing_is_due, 30)


def numbered(to: str, first: int, count: int):
    return [
        an_alarm(f"{to}:{number:06}", to, complaint_no=f"SH01-2026-{number:06}")
        for number in range(first, first + count)
    ]


def read_by(smtp: SmtpServer, to: str) -> list[str]:
    """The complaints that this person was alarmed about, in the order of reading."""
    mails = [mail for mail in smtp.mails if mail.recipients == (f"{to}@sh01.example",)]
    found = []
    for mail in mails:
        listed = [line for line in mail.text.splitlines() if re.match(r"\d+\. ", line)]
        found += [_NUMBER.search(line)[1] for line in (listed or [mail.subject])]
    return found


async def test_after_an_hour_without_mail_everybody_reads_everything_once_and_in_order(database, smtp):
    rules, clock = a_rulebook(*(a_person(one) for one in PEOPLE)), TurnedClock()
    smtp.stop()
    # Twelve become one letter; three and one do not.
    await keep(database, *numbered("wang.lei", 1, 6), *numbered("li.na", 1, 2), *numbered("zhao.min", 1, 1))

    async with dispatching(database, smtp.url, rules=rules, patience=STANDARD, clock=clock) as dispatcher:
        await clock.pass_minutes(30, dispatcher, database)
        await keep(database, *numbered("wang.lei", 7, 6), *numbered("li.na", 3, 1))
        await clock.pass_minutes(30, dispatcher, database)
        assert all(row["attempts"] >= 2 for row in await rows(database))
        smtp.start()
        # What happens after the outage is read after what happened in it.
        await keep(database, *numbered("wang.lei", 13, 1), *numbered("li.na", 4, 1))
        await clock.pass_minutes(1, dispatcher, database)
        await eventually(lambda: all_delivered(database), 20)

    assert read_by(smtp, "wang.lei") == [f"{number:06}" for number in range(1, 14)]
    assert read_by(smtp, "li.na") == [f"{number:06}" for number in range(1, 5)]
    assert read_by(smtp, "zhao.min") == ["000001"]
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == len(smtp.mails)


async def test_the_first_letter_that_gets_through_lets_everybody_elses_follow(database, smtp):
    rules, clock = a_rulebook(*(a_person(one) for one in PEOPLE)), TurnedClock()
    smtp.stop()
    await keep(database, *(numbered(one, 1, 1)[0] for one in PEOPLE))

    async with dispatching(database, smtp.url, rules=rules, patience=STANDARD, clock=clock) as dispatcher:
        await clock.pass_minutes(60, dispatcher, database)
        smtp.start()
        await keep(database, *numbered("wang.lei", 2, 1))
        clock.ahead += timedelta(seconds=6)  # longer than nothing is tried after a failure
        dispatcher.wake()
        await eventually(lambda: all_delivered(database), 20)

    assert [read_by(smtp, one) for one in PEOPLE] == [["000001", "000002"], ["000001"], ["000001"]]


async def test_every_try_of_the_outage_is_recorded(database, smtp):
    clock = TurnedClock()
    smtp.stop()
    await keep(database, an_alarm())

    async with dispatching(database, smtp.url, patience=STANDARD, clock=clock) as dispatcher:
        await clock.pass_minutes(60, dispatcher, database)
        smtp.start()
        await clock.pass_minutes(15, dispatcher, database)
        await eventually(lambda: all_delivered(database), 20)

    (row,) = await rows(database)
    tries = await outcomes(database)
    assert tries == [("mail", FAILED)] * (row["attempts"] - 1) + [("mail", SENT)]
    assert row["attempts"] >= 8


async def test_letters_to_one_customer_come_in_order_too(database, smtp):
    complaint, clock = new_id(), TurnedClock()
    before, after = a_letter(complaint, key="before"), a_letter(complaint, key="after")
    smtp.stop()
    await keep(database, before, complaint_id=complaint)

    async with dispatching(database, smtp.url, patience=STANDARD, clock=clock) as dispatcher:
        await clock.pass_minutes(60, dispatcher, database)
        smtp.start()
        await keep(database, replace(after, language="en"), complaint_id=complaint)
        await clock.pass_minutes(1, dispatcher, database)
        await eventually(lambda: all_delivered(database), 20)

    assert ["We have" in mail.subject for mail in smtp.mails] == [False, True]


async def test_nothing_overtakes_what_is_still_under_way_to_the_same_person(database, smtp):
    smtp.answer_after(0.7)
    await keep(database, *numbered("wang.lei", 1, 1))

    async with dispatching(database, smtp.url, patience=STANDARD) as dispatcher:
        await eventually(lambda: smtp.offered)
        smtp.answer_after(0)
        await keep(database, *numbered("wang.lei", 2, 1))
        dispatcher.wake()
        await eventually(lambda: all_delivered(database), 10)

    assert read_by(smtp, "wang.lei") == ["000001", "000002"]


@asynccontextmanager
async def a_webhook(
    *, delay_seconds: float = 0.0, status: int = 200
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A provider on loopback; its Apprise URL, and the requests that it answered."""
    taken: list[bytes] = []
    links: set[asyncio.Task[None]] = set()
    closing = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        links.add(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
        body = await reader.readexactly(length)
        with suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), delay_seconds or 0.001)
        if status == 200 and not closing.is_set():
            taken.append(body)
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"json://127.0.0.1:{port}/hook", taken
        closing.set()
        await asyncio.gather(*links)


async def test_a_slow_webhook_delays_nobody_else_and_another_way_is_found(database, smtp):
    async with a_webhook(delay_seconds=30) as (slow, _), a_webhook() as (quick, answered):
        rules = a_rulebook(
            a_person("wang.lei", f"{slow}?rto=2&cto=2", "backup@sh01.example"),
            a_person("li.na", quick),
            a_person("zhao.min"),
        )
        for person in PEOPLE:
            await keep(database, *numbered(person, 1, 4))
        async with dispatching(database, smtp.url, rules=rules, patience=STANDARD):
            await eventually(lambda: _delivered_to(database, "li.na", 4), 10)
            await eventually(lambda: _delivered_to(database, "zhao.min", 4), 2)
            assert not await _delivered_to(database, "wang.lei", 4), "nobody waited for the slow one"
            await eventually(lambda: all_delivered(database), 25)

    assert len(answered) == 4
    assert [mail.recipients for mail in smtp.mails].count(("backup@sh01.example",)) == 4
    assert (await outcomes(database)).count(("json", FAILED)) == 4


async def test_a_webhook_that_answers_with_errors_is_tried_beside_the_fallback(database, smtp):
    async with a_webhook(status=500) as (faulty, _):
        rules = a_rulebook(a_person("wang.lei", faulty, "backup@sh01.example"))
        await keep(database, an_alarm())

        async with dispatching(database, smtp.url, rules=rules, patience=STANDARD):
            await eventually(lambda: all_delivered(database), 10)

    assert await outcomes(database) == [("json", FAILED), ("mail", SENT)]


async def _delivered_to(database, person: str, count: int) -> bool:
    found = [row for row in await rows(database) if row["to_person"] == person and row["delivered_at"]]
    return len(found) == count
