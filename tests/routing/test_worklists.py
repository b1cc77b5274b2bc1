"""What is on the list of work, and does finding it cost the same however large the register is?"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from services.routing import metrics
from services.routing.handlers.accept_case import AcceptCase
from services.routing.store.queries import Filter
from shared.ids import derived_id
from tests.routing.builders import HANDLER, NOW, NUMBER, registered, reopened, withdrawn

PAST, LIVE = derived_id(NOW, "past"), derived_id(NOW, "live")


async def on_the_list(workplace) -> list:
    return [case.complaint_id for case in await workplace.queries.urgent(Filter(), after=None, limit=9)]


@pytest.fixture
async def both(workplace):
    """An open complaint of an imported past, and one of today."""
    await workplace.hears(registered(history=True), complaint=PAST)
    await workplace.hears(registered(complaint_no=NUMBER.replace("1", "2")), complaint=LIVE)
    return workplace


async def test_an_imported_past_is_on_no_list_of_work_and_on_nobodys_desk(both):
    assert await on_the_list(both) == [LIVE]
    assert sum(group.count for group in await both.queries.open_counts()) == 1
    assert sum((await both.queries.open_by_assignee()).values()) == 1
    assert await both.queries.stranded(after=None, limit=9) == []
    listed = await both.queries.listed(Filter(), after=None, limit=9)
    assert {case.complaint_id for case in listed} == {PAST, LIVE}, "the register of cases still has it"


async def test_whoever_takes_it_up_makes_it_work(both):
    await both.shell.command(AcceptCase(PAST, HANDLER))

    assert set(await on_the_list(both)) == {PAST, LIVE}


async def test_reopened_it_is_work(both):
    await both.hears(withdrawn(), sequence=2, complaint=PAST)
    await both.hears(reopened(), sequence=3, complaint=PAST)

    assert PAST in await on_the_list(both)


async def test_a_past_that_nobody_could_take_is_not_stranded(workplace):
    await workplace.hears(registered(history=True, category="nobody-knows-it"), complaint=PAST)
    await metrics.refresh(workplace.queries)

    assert await workplace.queries.stranded(after=None, limit=9) == []
    assert await workplace.queries.stranded_counts() == []


FILL = """
INSERT INTO cases (complaint_id, site, version, told, heard, state, status, department, severity, priority)
SELECT gen_random_uuid(), 'sh01', 1, 1, '{}', '{"history": false}', 'closed', 'billing', 'ordinary', n % 100
  FROM generate_series(1, 20000) AS n
"""


@pytest.mark.parametrize(
    "query",
    [
        "SELECT state FROM cases WHERE {work} ORDER BY priority, complaint_id LIMIT 50",
        "SELECT site, department, severity, count(*) FROM cases WHERE {work} GROUP BY 1, 2, 3",
        "SELECT assignee, count(*) FROM cases WHERE assignee IS NOT NULL AND {work} GROUP BY 1",
    ],
    ids=["urgency", "open", "load"],
)
async def test_twenty_thousand_ended_cases_are_not_looked_at(both, query):
    from services.routing.store.tables import IS_WORK

    async with both.database.batch() as connection:
        await connection.execute(FILL)
        await connection.execute("ANALYZE cases")
        plan = await connection.fetch(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query.format(work=IS_WORK.text)}"
        )

    told = str(plan[0][0])
    assert "Seq Scan" not in told
    assert "cases_work" in told


async def test_the_list_asks_in_the_words_of_its_index(both):
    """A predicate with parameters would not be recognised: the statement must hold the index's own text."""
    async with both.database.reading() as connection:
        (definition,) = (
            await connection.execute(
                text(
                    "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'cases_work'::regclass"
                )
            )
        ).one()

    assert "history" in definition
    assert "merged" in definition
