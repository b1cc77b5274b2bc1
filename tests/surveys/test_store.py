"""Do invitations survive the database, time included?"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from services.surveys.domain.lifecycle import Status
from services.surveys.store.tables import STORE, metadata
from shared.events.base import read_event
from tests.surveys.builders import (
    COMPLAINT,
    NUMBER,
    a_waiting_one,
    an_answered_one,
    an_expired_one,
    an_invited_one,
    closed,
    hear,
    reopened,
)

LONG_AGO = datetime(2021, 3, 1, 9, tzinfo=UTC)


def test_every_state_comes_back_from_its_document_as_it_was():
    reopened_one = hear(an_answered_one(comment_sealed="k1.x"), reopened(LONG_AGO.replace(year=2027))).state
    for state in (a_waiting_one(), an_invited_one(), an_answered_one(), an_expired_one(), reopened_one):
        assert STORE.decode(STORE.encode(state)) == state


async def test_the_migration_makes_the_tables_that_the_code_expects(stand):
    from shared.database.migrate import differences  # Alembic, for nobody else here.

    differing = await differences(stand.process.database, [metadata])

    own = [one for one in differing if "invitations" in str(one)]
    assert own == []


async def test_what_was_told_lies_in_the_outbox_and_the_letter_among_the_notices(stand):
    await stand.invite()

    async with stand.process.database.reading() as connection:
        bodies = (await connection.execute(text("SELECT body FROM outbox ORDER BY seq"))).scalars()
        events = [read_event(bytes(body)) for body in bodies]
        letters = (await connection.execute(text("SELECT key, template FROM notices"))).all()

    assert [(event.type, event.sequence) for event in events] == [("survey.invited.v1", 1)]
    assert events[0].data.form_no == f"{NUMBER}-S1"
    assert [tuple(row) for row in letters] == [(f"survey-invited:{NUMBER}-S1", "survey-invited")]


async def test_time_expires_a_form_that_nobody_answered(stand):
    stand.clock.moment = LONG_AGO
    await stand.invite()

    fired = await stand.process.shell.fire_due()
    again = await stand.process.shell.fire_due()

    assert (fired, again) == (1, 0)
    assert (await stand.queries.invitation(COMPLAINT)).status is Status.EXPIRED


async def test_the_same_event_delivered_twice_asks_once(stand):
    await stand.invite()
    stand.sequences.clear()
    await stand.invite()

    async with stand.process.database.reading() as connection:
        told = (await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one()
    assert told == 1


async def test_the_metrics_show_score_and_recovery(stand):
    await stand.answer(await stand.invite(1), "satisfied")
    await stand.invite(2)

    shown = (await stand.client.get("/metrics")).text

    assert 'kesu_survey_score{site="sh01",survey="after-case"} 80.0' in shown
    assert "kesu_survey_recovery_ratio 0.5" in shown


async def test_closing_an_unknown_complaint_waits_for_its_registration(stand):
    from shared.errors import NotYet

    try:
        await stand.hear(closed())
    except NotYet as error:
        assert error.code == "unknown-complaint"
    else:
        raise AssertionError("a closing without a registration was taken")
