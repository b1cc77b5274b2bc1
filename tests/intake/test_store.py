"""Does a complaint come back from PostgreSQL as it went in, and do the lists find it?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings

from services.intake.domain.complaint import Origin, Reply
from services.intake.store import tables
from services.intake.store.tables import STORE
from shared.database import kernel_tables
from shared.events.intake import Flags, Money, Product
from shared.lifecycle import Status
from tests.intake.builders import (
    NOW,
    a_complaint,
    an_answered_complaint,
    assigned,
    clock_started,
    hear,
    hear_all,
    paused,
    survey_answered,
)
from tests.intake.test_projecting import interleavings

ROUND_TRIPS = {
    "bare": a_complaint(),
    "full": a_complaint(
        flags=Flags(safety=True),
        product=Product(name="Kettle", batch="B1"),
        claimed=Money(amount=Decimal("12.50"), currency="EUR"),
        accused_refs=("li",),
        origin=Origin("cfpb", "1"),
        reply=Reply(1, True, NOW, "k1.x"),
    ),
    "answered": an_answered_complaint(),
    "paused": hear_all(a_complaint(), assigned(), paused()),
    "watched": hear_all(a_complaint(Status.CLOSED), clock_started(), survey_answered()),
}


@pytest.mark.parametrize("complaint", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_a_complaint_survives_its_document(complaint):
    again = STORE.decode(STORE.encode(complaint))

    assert again == complaint
    assert [e.out_of_table for e in again.history] == [e.out_of_table for e in complaint.history]


@settings(max_examples=40, deadline=None)
@given(interleavings())
def test_whatever_it_heard_a_complaint_survives_its_document(events):
    complaint = a_complaint()
    for event in events:
        complaint = hear(complaint, event)

    assert STORE.decode(STORE.encode(complaint)) == complaint


async def test_the_migration_makes_what_the_code_expects(workplace):
    from shared.database.migrate import differences  # Alembic, for nobody else here.

    found = await differences(workplace.database, [tables.metadata, kernel_tables.metadata])

    assert [change for change in found if "notice" not in str(change)] == []
