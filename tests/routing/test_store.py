"""Does a case come back from PostgreSQL as it went in, and do the lists find it?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from services.routing import metrics
from services.routing.domain.offering import Option
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.pause_case import PauseCase
from services.routing.store import tables
from services.routing.store.queries import Filter
from services.routing.store.tables import STORE
from shared.database import kernel_tables
from shared.errors import Rejected
from shared.events.intake import Flags
from shared.ids import derived_id
from shared.messaging.batch import Skip
from tests.routing.builders import (
    COMPLAINT,
    HANDLER,
    NOW,
    NUMBER,
    a_fulfilled_case,
    a_proposed_case,
    after,
    an_assigned_case,
    an_event,
    breached,
    euros,
    hear,
    registered,
    reopened,
    replied,
    withdrawn,
)
from tests.routing.test_authority import CHECKED, CHIEF, DEPUTY, a_claim, cny
from tests.routing.test_investigating import a_visit, an_unclear_deal

ROUND_TRIPS = {
    "assigned": an_assigned_case(flags=Flags(safety=True), accused_refs=("li",)),
    "paused": after(a_proposed_case(euros()), PauseCase(COMPLAINT, HANDLER, "parts", "supplier")),
    "closed": after(a_fulfilled_case(euros()), CloseCase(COMPLAINT, HANDLER)),
    "reopened": hear(after(a_fulfilled_case(), CloseCase(COMPLAINT, HANDLER)), reopened()).state,
    "signed": a_claim().signs(DEPUTY).signs(CHIEF, *CHECKED).case,
    "visited": an_unclear_deal().do(a_visit()).case,
    "prepared": a_claim().proposed(others=(Option(("gift",), goods=cny()),)).case,
    "breached": hear(an_assigned_case(), breached()).state,
}


@pytest.mark.parametrize("case", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_a_case_survives_its_document(case):
    assert STORE.decode(STORE.encode(case)) == case


async def test_the_migration_makes_what_the_code_expects(workplace):
    from shared.database.migrate import differences  # Alembic, for nobody else here.

    found = await differences(workplace.database, [tables.metadata, kernel_tables.metadata])

    assert [one for one in found if "alembic_version" not in str(one)] == []


async def test_a_registered_complaint_is_stored_with_its_number(workplace):
    work = await workplace.hears(registered(category="refund"))

    assert work.error is None
    assert await workplace.queries.find(COMPLAINT) == work.decision.state
    assert await workplace.queries.find(NUMBER) == work.decision.state
    assert [event.data.department for event in workplace.told] == ["billing"]


async def test_an_event_delivered_twice_tells_once(workplace):
    await workplace.hears(registered())

    again = await workplace.hears(registered())

    assert again.duplicate
    assert len(workplace.told) == 1


async def test_a_reply_is_heard_only_after_what_came_before_it(workplace):
    await workplace.hears(registered())

    early = await workplace.hears(replied(), sequence=3)

    assert early.error.code == "out-of-order"


async def test_a_case_survives_that_an_earlier_event_was_parked(workplace):
    skipped = await workplace.shell.submit(Skip(an_event(withdrawn())))
    heard = await workplace.hears(registered(), sequence=2)

    assert (skipped.error, heard.error) == (None, None)
    assert (await workplace.queries.find(COMPLAINT)).department == "sales"


async def test_a_number_that_came_twice_strands_neither_complaint(workplace):
    other = derived_id(NOW, "other")

    await workplace.hears(registered())
    work = await workplace.hears(registered(), complaint=other)

    assert work.error is None
    assert (await workplace.queries.find(other)).complaint_no == NUMBER


async def a_few_cases(workplace, count: int = 5) -> list:
    ids = sorted(derived_id(NOW, str(n)) for n in range(count))
    for n, one in enumerate(ids):
        data = registered(category="refund" if n % 2 else "quality", complaint_no=f"SH01-{n}")
        assert (await workplace.hears(data, complaint=one)).error is None
    return ids


async def test_lists_are_cut_by_department_and_status(workplace):
    ids = await a_few_cases(workplace)
    await workplace.hears(withdrawn(), sequence=2, complaint=ids[1])

    billing = await workplace.queries.listed(Filter(department="billing"), after=None, limit=9)
    open_ones = await workplace.queries.listed(
        Filter(department="billing", status="assigned"), after=None, limit=9
    )

    assert [case.complaint_id for case in billing] == [ids[1], ids[3]]
    assert [case.complaint_id for case in open_ones] == [ids[3]]


async def test_lists_keep_to_the_readers_scope(workplace):
    ids = await a_few_cases(workplace)

    elsewhere = await workplace.queries.listed(Filter(sites=("by02",)), after=None, limit=9)
    billing = await workplace.queries.listed(Filter(departments=("billing",)), after=None, limit=9)

    assert elsewhere == []
    assert [case.complaint_id for case in billing] == [ids[1], ids[3]]


async def test_pages_follow_each_other_without_gap_or_overlap(workplace):
    ids = await a_few_cases(workplace)

    first = await workplace.queries.listed(Filter(), after=None, limit=3)
    second = await workplace.queries.listed(Filter(), after=first[-1].complaint_id, limit=3)

    assert [case.complaint_id for case in [*first, *second]] == ids


async def test_the_gauge_of_open_cases_forgets_what_ended(workplace):
    ids = await a_few_cases(workplace, 2)
    labels = {"site": "sh01", "department": "billing", "severity": "ordinary"}
    await metrics.refresh(workplace.queries)
    before = REGISTRY.get_sample_value("kesu_complaints_open", labels)

    await workplace.hears(withdrawn(), sequence=2, complaint=ids[1])
    await metrics.refresh(workplace.queries)

    assert (before, REGISTRY.get_sample_value("kesu_complaints_open", labels)) == (1, None)


async def test_a_rejected_command_leaves_no_trace(workplace):
    await workplace.hears(registered())

    with pytest.raises(Rejected):
        await workplace.shell.command(CloseCase(COMPLAINT, replace(HANDLER)))

    async with workplace.database.reading() as connection:
        version = (await connection.execute(text("SELECT version FROM cases"))).scalar_one()
    assert version == 1
