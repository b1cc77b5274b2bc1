"""Whatever order, repetition and crash: does each event count exactly once, and each number once?"""

from __future__ import annotations

import asyncio
import gc
import random
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database.transaction import Database as RealDatabase
from shared.deciding import Event
from shared.errors import Conflict, NotYet
from shared.ids import new_id
from shared.messaging.batch import KeyReused, Work
from shared.observability.tracing import Trace
from shared.outbox.writing import Idempotency
from tests.shared.messaging import toy
from tests.shared.messaging.stand_in import PLAN, Add, Database, Raced, Register, Skip, event

ORDERED = ("intake", "escalation")
LOOSE = "surveys"
QUICK = settings(max_examples=40, deadline=None)


@st.composite
def worlds(draw):
    """The events of some complaints, and a script of batches over them."""
    events = []
    for _ in range(draw(st.integers(1, 3))):
        complaint = new_id()
        counts = {
            "intake": draw(st.integers(1, 4)),
            "escalation": draw(st.integers(0, 3)),
            LOOSE: draw(st.integers(0, 3)),
        }
        events += [
            event(complaint, producer, n + 1) for producer, count in counts.items() for n in range(count)
        ]
    batch = st.tuples(
        st.lists(st.integers(0, len(events) - 1), min_size=1, max_size=8),
        st.sampled_from(["commit", "commit", "crash", "race"]),
    )
    script = draw(st.lists(batch, max_size=12))
    order = draw(st.permutations(range(len(events))))
    return events, script, order


def missing_before(database: Database, one: Event, handled: set[UUID], events: list[Event]) -> bool:
    """Whether an event is absent that this one must wait for."""

    def absent(other: Event) -> bool:
        return other.id not in database.inbox and other.id not in handled

    before = [e for e in events if e.subject == one.subject and e.id != one.id]
    first = any(absent(e) for e in before if (e.producer, e.sequence) == ("intake", 1))
    earlier = one.producer in ORDERED and any(
        absent(e) for e in before if e.producer == one.producer and e.sequence < one.sequence
    )
    return first or earlier


def deliver(database: Database, batch: list[Event], how: str, events: list[Event]) -> list[Work]:
    fold, works, numbers = database.begin(batch)
    handled: set[UUID] = set()
    for work in works:
        if isinstance(work.error, NotYet):
            assert missing_before(database, work.message, handled, events), (
                "NotYet although nothing is missing"
            )
        else:
            assert work.error is None, repr(work.error)
            handled.add(work.message.id)
    if how == "crash":
        return []
    if how == "race" and len(batch) > 1:
        # Another replica gets half of the same batch and is quicker.
        database.handle(batch[: len(batch) // 2])
        with pytest.raises(Raced):
            if {w.message.id for w in works if not w.duplicate and w.error is None} & database.inbox:
                database.commit(fold, numbers)
            else:
                raise Raced
        return deliver(database, batch, "commit", events)
    database.commit(fold, numbers)
    return works


def check_effects(database: Database, events: list[Event]) -> None:
    for complaint in {e.subject for e in events}:
        journal = database.journal(complaint)
        wanted = [(e.producer, e.sequence) for e in events if e.subject == complaint]
        heard = list(journal.heard) if journal else []
        assert sorted(heard) == sorted(wanted), "each once, none lost"
        for producer in ORDERED:
            own = [sequence for name, sequence in heard if name == producer]
            assert own == sorted(own), f"{producer} in its order"
        told = [e for e in database.told if e.subject == complaint]
        assert [e.sequence for e in told] == list(range(1, len(wanted) + 1)), (
            "told in order and without a gap"
        )
        assert [e.data.by for e in told] == [f"{p}-{s}" for p, s in heard], "every effect is told once"


@QUICK
@given(worlds())
def test_each_event_counts_once_and_in_its_producers_order_whatever_happens(world):
    events, script, order = world
    database = Database()
    for places, how in script:
        deliver(database, [events[place] for place in places], how, events)

    # The broker delivers again whatever was not acknowledged, in any order, until it is.
    waiting = [events[place] for place in order]
    for _ in range(len(events)):
        works = deliver(database, waiting, "commit", events)
        waiting = [work.message for work in works if work.error is not None]
    assert waiting == [], "redelivered often enough, everything is handled"
    check_effects(database, events)
    assert len({letter.event_id for letter in database.outbox}) == len(database.outbox) == len(events)

    before = [*database.outbox]
    assert all(work.duplicate for work in database.handle(events)), "and nothing ever counts again"
    assert database.outbox == before


@QUICK
@given(worlds())
def test_where_the_batches_are_cut_makes_no_difference(world):
    events, _, order = world
    one, many = Database(), Database()
    shuffled = [events[place] for place in order]
    for _ in events:
        one.handle(shuffled)
        for single in shuffled:
            many.handle([single])
    for complaint in {e.subject for e in events}:
        assert one.journal(complaint) == many.journal(complaint)
    assert [(e.subject, e.sequence) for e in one.told if e.subject == events[0].subject] == [
        (e.subject, e.sequence) for e in many.told if e.subject == events[0].subject
    ]


@QUICK
@given(worlds(), st.data())
def test_a_poison_event_is_stepped_over_once_parked_and_nothing_else_is_lost(world, data):
    events, _, order = world
    bad = data.draw(
        st.sampled_from([e for e in events if (e.producer, e.sequence) != ("intake", 1)] or [None])
    )
    if bad is None:
        return
    poison = event(bad.subject, bad.producer, bad.sequence, poison=True)
    given_out = [poison if e is bad else e for e in (events[place] for place in order)]
    database, parked, waiting = Database(), [], given_out
    for _ in range(len(events) + 1):
        works = database.handle(waiting)
        failed = [work.message for work in works if isinstance(work.error, ZeroDivisionError)]
        assert set(map(id, failed)) <= {id(poison)}
        parked += failed
        database.handle([Skip(one) for one in failed]) if failed else None
        waiting = [work.message for work in works if isinstance(work.error, NotYet)]

    assert waiting == [], "those behind it go on"
    assert parked == [poison]
    check_effects(database, [e for e in events if e is not bad])


def test_a_skipped_event_that_was_not_the_next_opens_no_gate():
    complaint, database = new_id(), Database()
    first, third = event(complaint, "intake", 1), event(complaint, "intake", 3)
    database.handle([first])
    database.handle([Skip(third)])
    (work,) = database.handle([third])
    assert isinstance(work.error, NotYet)
    database.handle([event(complaint, "intake", 2), third])
    assert database.journal(complaint).heard == (("intake", 1), ("intake", 2), ("intake", 3))


# Idempotency keys ------------------------------------------------------------------------------------


@st.composite
def requests(draw):
    one = st.tuples(
        st.sampled_from("abc"), st.sampled_from(["body 1", "body 2"]), st.sampled_from([1, 1, -1])
    )
    batches = st.tuples(st.lists(one, min_size=1, max_size=6), st.booleans())
    return draw(st.lists(batches, min_size=1, max_size=8))


@QUICK
@given(requests())
def test_a_key_has_one_effect_and_one_answer_and_another_body_is_refused(batches):
    database, first = Database(), {}
    for batch, crash in batches:
        works = [
            Work(Add(new_id(), amount), Trace("c", None), Idempotency(key, body))
            for key, body, amount in batch
        ]
        database.handle(works, crash=crash)
        pending: dict[str, tuple[str, UUID]] = {}
        for work, (key, body, amount) in zip(works, batch, strict=True):
            known = first.get(key) or pending.get(key)
            if known is None and amount < 0:
                assert isinstance(work.error, Conflict), "refused, and the key stays free"
            elif known is None:
                assert work.error is None and not work.duplicate
                pending[key] = (body, work.complaint_id)
            elif known[0] == body:
                assert work.duplicate and work.decision.state.complaint_id == known[1]
            else:
                assert isinstance(work.error, KeyReused)
        if not crash:
            first |= pending
    assert set(database.rows) == {complaint for _, complaint in first.values()}
    assert all(row.state.added == 1 for row in database.rows.values())


# Numbers ---------------------------------------------------------------------------------------------

registration = st.tuples(
    st.sampled_from(["sh01", "ber1"]), st.sampled_from(["", "", "before", "after", "bug"])
)


@QUICK
@given(st.lists(st.tuples(st.lists(registration, min_size=1, max_size=8), st.booleans()), max_size=8))
def test_numbers_of_a_site_have_no_gap_and_no_double_whoever_is_refused(batches):
    database, given_out = Database(), []
    for batch, crash in batches:
        works = database.handle([Register(new_id(), site, refuse) for site, refuse in batch], crash=crash)
        if not crash:
            given_out += [work.decision.answer for work in works if work.error is None]
    for site in ("SH01", "BER1"):
        own = [int(number[-6:]) for number in given_out if number.startswith(site)]
        assert own == list(range(1, len(own) + 1))
    stored = [row.state.number for row in database.rows.values()]
    assert sorted(stored) == sorted(given_out)


def test_a_counter_that_is_not_locked_gives_no_number():
    """Else a command that forgot `numbered` would begin again at 1 and set the site's counter back."""
    database = Database(counters={"sh01": 41})
    (work,) = database.handle([Register(new_id(), "sh01", numbered=False)])
    assert work.error is not None
    assert database.counters == {"sh01": 41}


def test_what_fails_in_a_batch_leaves_its_neighbours_untouched():
    database = Database()
    good, bad = new_id(), new_id()
    works = database.handle([Add(good), Add(bad, -1), Add(good), Register(bad, "sh01", "bug")])
    assert [work.error is None for work in works] == [True, False, True, False]
    assert database.journal(good).added == 2
    assert bad not in database.rows


def test_the_plan_of_this_test_is_as_strict_as_the_services():
    assert PLAN.ordered_from == frozenset(ORDERED)


# The same against a real PostgreSQL ------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", [1, 2])
async def test_two_replicas_and_broken_connections_lose_and_double_nothing(database_url, seed):
    chance = random.Random(seed)
    database = RealDatabase(database_url, service="toy")
    await toy.make_tables(database)
    complaints = [new_id() for _ in range(12)]
    events = [toy.registered(c) for c in complaints]
    events += [toy.acknowledged(c, sequence=n) for c in complaints for n in range(2, 7)]
    deliveries = [*events, *chance.sample(events, len(events) // 2)]
    chance.shuffle(deliveries)
    shells = [toy.shell(database, most=7), toy.shell(database, most=7)]
    tasks = [asyncio.create_task(shell.run()) for shell in shells]

    async def until_handled(one: Event) -> None:
        for _ in range(200):
            work = await chance.choice(shells).submit(one)
            if work.error is None:
                return
            assert isinstance(work.error, NotYet), repr(work.error)
            await asyncio.sleep(0)
        raise AssertionError("never handled")

    async def break_connections() -> None:
        for _ in range(4):
            async with database.reading() as connection:
                try:
                    await connection.execute(
                        text(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        )
                    )
                except DBAPIError:
                    continue

    await asyncio.gather(*(until_handled(one) for one in deliveries), break_connections())
    for shell in shells:
        shell.stop()
    await asyncio.wait_for(asyncio.gather(*tasks), 20)
    async with database.reading() as connection:
        rows = (
            await connection.execute(text("SELECT complaint_id, state->'seen', count FROM counters"))
        ).all()
        told = (
            await connection.execute(
                text("SELECT convert_from(body, 'UTF8')::jsonb FROM outbox ORDER BY seq")
            )
        ).all()
    await database.close()
    gc.collect()  # connections that were cut are found here, not in the middle of the next test

    assert {(row[0], tuple(row[1]), row[2]) for row in rows} == {
        (c, (1, 2, 3, 4, 5, 6), 6) for c in complaints
    }
    assert Counter(one[0]["subject"] for one in told) == Counter(str(c) for c in complaints)
