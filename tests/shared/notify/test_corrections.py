"""Do letters follow a corrected contact, and is it known which ones had gone to the wrong one?"""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from shared.clock import SystemClock
from shared.deciding import Notice
from shared.errors import Unavailable
from shared.ids import new_id
from shared.lettering import ReportLetter, contact_corrected
from shared.notify import errands
from shared.notify.contacts import Contacts
from shared.notify.dispatcher import Dispatcher
from shared.notify.errands import Correspondence
from tests.shared.notify.desk import (
    LINKS,
    PUBLIC,
    QUICK,
    SEALER,
    a_letter,
    a_rulebook,
    keep,
    outcomes,
    rows,
)
from tests.support.waiting import eventually

WRONG, RIGHT = "max@wrong.example", "yara@right.example"


class Post:
    """A service that writes to one customer: its state, its dispatcher, and what it was told to report."""

    def __init__(self, database, smtp) -> None:
        self.database, self.smtp = database, smtp
        self.complaint: UUID = new_id()
        self.reported: list[ReportLetter] = []
        self.lost: list[str] = []
        self.fails = 0

    async def knows(self, email: str) -> None:
        sealed = SEALER.seal({"name": "Yara", "email": email}, about=self.complaint)
        async with self.database.transaction() as connection:
            await connection.execute(
                text(
                    "INSERT INTO states VALUES (:id, jsonb_build_object('sealed', CAST(:sealed AS text))) "
                    "ON CONFLICT (complaint_id) DO UPDATE SET state = EXCLUDED.state"
                ),
                {"id": self.complaint, "sealed": sealed},
            )

    async def corrects(self, email: str) -> None:
        """What a service keeps in one transaction: the new contact, and the errand."""
        await self.knows(email)
        (errand,) = contact_corrected(self.complaint, ("email",), SystemClock().now())
        await keep(self.database, errand, complaint_id=self.complaint)
        self.dispatcher.wake()

    async def writes(self, key: str = "letter") -> None:
        await keep(self.database, a_letter(self.complaint, WRONG, key), complaint_id=self.complaint)
        self.dispatcher.wake()

    async def give(self, command: object) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable("not now")
        assert isinstance(command, ReportLetter)
        self.reported.append(command)

    async def waits(self) -> list[dict]:
        return [row for row in await rows(self.database) if not row["delivered_at"]]

    @property
    def reached(self) -> list[str]:
        return [address for mail in self.smtp.mails for address in mail.recipients]


@pytest_asyncio.fixture
async def post(database, smtp):
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE states (complaint_id uuid PRIMARY KEY, state jsonb)"))
    made = Post(database, smtp)
    await made.knows(WRONG)
    contacts, clock, book = Contacts(database, "states"), SystemClock(), a_rulebook()
    made.dispatcher = Dispatcher(
        database,
        rules=lambda: book,
        sealer=SEALER,
        links=LINKS,
        smtp_url=smtp.url,
        mail_from="kesu@demo.example",
        public_urls=PUBLIC,
        clock=clock,
        patience=QUICK,
        on_sent=lambda *_: None,
        correspondence=Correspondence(
            contacts,
            {"contact-corrected": errands.contact_corrected(contacts, SEALER, clock, made.give)},
            lambda waiting, _at, reason: made.lost.append(f"{waiting.template}: {reason}"),
        ),
    )
    running = asyncio.create_task(made.dispatcher.run())
    yield made
    made.dispatcher.stop()
    await asyncio.wait_for(running, 20)


async def test_a_letter_that_waits_goes_to_the_corrected_contact_only(post, smtp):
    smtp.refuse()
    await post.writes()
    await eventually(lambda: smtp.refused)

    await post.corrects(RIGHT)
    smtp.accept()
    await eventually(lambda: smtp.mails)

    assert post.reached == [RIGHT]
    assert not post.reported


async def test_a_letter_that_was_given_up_is_tried_at_the_corrected_contact(post, smtp):
    smtp.refuse("550 5.1.1 no such mailbox")
    await post.writes()
    await eventually(lambda: post.lost)
    assert post.lost == ["complaint-acknowledged: mail: SMTP 550"]

    smtp.accept()
    await post.corrects(RIGHT)
    await eventually(lambda: smtp.mails)

    assert post.reached == [RIGHT]


async def test_a_letter_that_went_to_the_wrong_person_is_recorded_and_reported_once(post, database):
    await post.writes()
    await eventually(lambda: post.reached == [WRONG])

    await post.corrects(RIGHT)
    await eventually(lambda: post.reported)
    await post.writes("second")
    await eventually(lambda: post.reached == [WRONG, RIGHT])
    await post.corrects(RIGHT)

    async def nothing_waits() -> bool:
        return not await post.waits()

    await eventually(nothing_waits)
    (letter, *_) = await rows(database)
    assert post.reported == [
        ReportLetter(post.complaint, "complaint-acknowledged", "wrong-contact", post.reported[0].at)
    ]
    assert [outcome for _, outcome in await outcomes(database)] == ["sent", "misdirected", "sent"]
    assert letter["template"] in {"complaint-acknowledged", "contact-corrected"}


async def test_nobodys_address_stands_in_the_record(post, database):
    await post.writes()
    await eventually(lambda: post.reached)

    async def recorded() -> bool:
        return bool(await outcomes(database))

    await eventually(recorded)
    async with database.reading() as connection:
        (detail,) = (await connection.execute(text("SELECT detail FROM notice_attempts"))).scalars()
    assert detail == SEALER.pseudonym(WRONG)


async def test_a_letter_under_way_while_the_contact_is_corrected_is_reported_too(post, smtp):
    smtp.answer_after(1.0)
    await post.writes()
    await eventually(lambda: smtp.offered)

    await post.corrects(RIGHT)
    await eventually(lambda: post.reported, 20)

    assert post.reached == [WRONG]


async def test_a_report_that_fails_is_made_later(post):
    await post.writes()
    await eventually(lambda: post.reached)
    post.fails = 1

    await post.corrects(RIGHT)
    await eventually(lambda: post.reported, 20)

    assert len(post.reported) == 1


@pytest.mark.parametrize("changed", [(), ("name", "phone"), ("narrative",)])
def test_only_a_changed_address_leaves_an_errand(changed):
    assert contact_corrected(new_id(), changed, SystemClock().now()) == ()


def test_the_errand_is_for_no_person():
    (errand,) = contact_corrected(new_id(), ("name", "email"), SystemClock().now())

    assert isinstance(errand, Notice)
    assert errand.to == "@suite"
