"""When many notices come together, does each person get one letter that lists them, and is each recorded?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.notify.digest import Bounds
from shared.notify.outcome import FAILED, SENT
from shared.notify.patience import Patience
from tests.shared.notify.desk import (
    QUICK,
    a_person,
    a_rulebook,
    all_delivered,
    an_alarm,
    dispatching,
    keep,
    outcomes,
    rows,
)
from tests.support.waiting import eventually

TOGETHER: Patience = replace(
    QUICK, digest=Bounds(least=5, settle=timedelta(milliseconds=300), longest=timedelta(seconds=5))
)
MANAGERS = a_rulebook(a_person("wang.lei"), a_person("li.na", language="en"))


def alarms(count: int, to: str = "wang.lei", first: int = 1):
    return [
        an_alarm(f"{to}:{number}", to, complaint_no=f"SH01-2026-{number:06}", link=f"ack:alarm-{number}~{to}")
        for number in range(first, first + count)
    ]


async def test_hundreds_together_are_one_letter_to_each_person(database, smtp):
    await keep(database, *alarms(300), *alarms(300, "li.na"))

    async with dispatching(database, smtp.url, rules=MANAGERS, patience=TOGETHER):
        await eventually(lambda: all_delivered(database), 30)

    assert sorted(mail.recipients for mail in smtp.mails) == [
        ("li.na@sh01.example",),
        ("wang.lei@sh01.example",),
    ]
    for mail in smtp.mails:
        assert all(f"SH01-2026-{number:06}" in mail.text for number in (1, 150, 300))
        assert mail.text.count("https://escalation.example/a/alarm-") == 300


async def test_what_still_comes_while_it_gathers_goes_into_the_same_letter(database, smtp):
    await keep(database, *alarms(6))

    async with dispatching(database, smtp.url, rules=MANAGERS, patience=TOGETHER) as dispatcher:
        await keep(database, *alarms(6, first=7))
        dispatcher.wake()
        await eventually(lambda: all_delivered(database), 30)

    (mail,) = smtp.mails
    assert "SH01-2026-000012" in mail.text


async def test_a_few_come_each_by_itself(database, smtp):
    await keep(database, *alarms(4))

    async with dispatching(database, smtp.url, rules=MANAGERS, patience=TOGETHER):
        await eventually(lambda: all_delivered(database), 30)

    assert len(smtp.mails) == 4


async def test_each_notice_is_recorded_as_delivered_by_that_letter(database, smtp):
    await keep(database, *alarms(5))

    async with dispatching(database, smtp.url, rules=MANAGERS, patience=TOGETHER):
        await eventually(lambda: all_delivered(database), 30)

    assert len({row["delivered_at"] for row in await rows(database)}) == 1
    assert await outcomes(database) == [("mail", SENT)] * 5


async def test_a_letter_that_fails_is_tried_again_as_one(database, smtp):
    smtp.refuse()
    await keep(database, *alarms(5))

    async with dispatching(database, smtp.url, rules=MANAGERS, patience=TOGETHER):
        await eventually(lambda: _tried(database), 30)
        smtp.accept()
        await eventually(lambda: all_delivered(database), 30)

    assert len(smtp.mails) == 1
    assert ("mail", FAILED) in await outcomes(database)


async def _tried(database) -> bool:
    return all(row["attempts"] for row in await rows(database))


@pytest.mark.parametrize(("least", "letters"), [(2, 1), (3, 2)])
async def test_how_many_are_many_is_a_setting(database, smtp, least, letters):
    patience = replace(TOGETHER, digest=replace(TOGETHER.digest, least=least))
    await keep(database, *alarms(2))

    async with dispatching(database, smtp.url, rules=MANAGERS, patience=patience):
        await eventually(lambda: all_delivered(database), 30)

    assert len(smtp.mails) == letters


async def test_quiet_hours_are_waited_for(database, smtp):
    tomorrow = datetime.now(UTC) + timedelta(hours=8)
    await keep(database, replace(an_alarm("night"), not_before=tomorrow), an_alarm("day"))

    async with dispatching(database, smtp.url, rules=MANAGERS, patience=TOGETHER):
        await eventually(lambda: _one_delivered(database), 30)

    assert {row["key"]: row["delivered_at"] is not None for row in await rows(database)} == {
        "day": True,
        "night": False,
    }


async def _one_delivered(database) -> bool:
    return any(row["delivered_at"] for row in await rows(database))
