"""Does what the register told give its state again? Whatever was done, up to the fields that no event carries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.complaint import Complaint, Entry, Link
from services.intake.handlers import COMMANDS, REACTIONS
from services.intake.handlers.acknowledge_complaint import AcknowledgeComplaint
from services.intake.handlers.amend_complaint import AmendComplaint, SealedChange
from services.intake.handlers.decline_complaint import DeclineComplaint
from services.intake.handlers.merge_complaint import AbsorbComplaint, MergeComplaint
from services.intake.handlers.note_contract import NoteContract
from services.intake.handlers.recalling import recalls
from services.intake.handlers.reopen_complaint import ReopenComplaint
from services.intake.handlers.withdraw_complaint import WithdrawComplaint
from shared.database.documents import Stored
from shared.deciding import Event
from shared.events.base import EVENTS, read_event, write_event
from shared.ids import moment_of, new_id
from shared.messaging.batch import Fold, Plan, Work
from shared.messaging.replay import OneNumber, Replay, Told
from shared.observability.tracing import new_trace
from tests.intake.builders import COMPLAINT, NOW, NUMBER, RULES, a_registration, an_actor

pytestmark = pytest.mark.domain
DESK = an_actor("li.na", "agent", "manager")
OTHER = UUID("01951111-0000-7000-8000-000000000002")
PLAN = Plan("intake", REACTIONS, COMMANDS, frozenset({"routing"}))
RECALLS = recalls(lambda sealed, complaint: sealed != "without-address")


def link(number: int) -> Link:
    # The register of the other says when it was received; only its own id is told by a merge.
    return Link(OTHER, f"SH01-2026-{number:06d}", moment_of(OTHER))


def sealed(after: str) -> Any:
    return lambda state: AmendComplaint(
        COMPLAINT, DESK, personal=SealedChange(state.sealed, after, after != "without-address", ("phone",))
    )


STEPS = {
    "promise": lambda state: AcknowledgeComplaint(COMPLAINT, DESK, NOW + timedelta(days=9)),
    "order": lambda state: AmendComplaint(COMPLAINT, DESK, order_ref="A-7", language="en"),
    "accuse": lambda state: AmendComplaint(COMPLAINT, DESK, accused_refs=("mao",)),
    "clear": lambda state: AmendComplaint(COMPLAINT, DESK, accused_refs=()),
    "contact": sealed("sealed-anew"),
    "no contact": sealed("without-address"),
    "decline": lambda state: DeclineComplaint(COMPLAINT, DESK, "agreed-beforehand"),
    "withdraw": lambda state: WithdrawComplaint(COMPLAINT, DESK),
    "reopen": lambda state: ReopenComplaint(COMPLAINT, DESK, "remedy-failed"),
    "absorb": lambda state: AbsorbComplaint(COMPLAINT, DESK, link(2), "sh01", "duplicate", ("zhou",)),
    "merge": lambda state: MergeComplaint(COMPLAINT, DESK, link(2), "duplicate"),
}


def lived(*names: str, **registration: Any) -> tuple[Complaint, list[Event]]:
    """The complaint after these steps, and what was told; steps that are refused change nothing."""
    numbers = OneNumber()
    numbers.given = NUMBER
    fold = Fold(PLAN, {}, seen=set(), keys={}, numbers=numbers, rules=RULES, new_id=new_id)
    works = [lambda state: a_registration(**registration), *(STEPS[name] for name in names)]
    for minute, make in enumerate(works):
        row = fold.rows.get(COMPLAINT)
        command = make(row.state if row is not None else None)
        fold.apply(Work(command, new_trace()), NOW + timedelta(minutes=minute))
    told = [read_event(write_event(event)) for event in fold.harvest.told]
    return fold.rows[COMPLAINT].state, told


def replayed(told: list[Event], known: int = 0, state: Complaint | None = None) -> Replay:
    types = {event.sequence: event.type for event in told if event.sequence > known}
    rows = {COMPLAINT: Stored(COMPLAINT, "sh01", state, 1, known, {})} if known else {}
    replay = Replay(
        PLAN, rows, recalls=RECALLS, told=Told({COMPLAINT: types}, 99), seen=set(), rules=RULES, new_id=new_id
    )
    for event in told:
        replay.recall(event)
    return replay


def carried(state: Complaint) -> Complaint:
    """Without what no event carries: who entered the registration, and the order of lines of one moment."""
    first, *rest = state.history
    assert first.what == "complaint.registered"
    rest.sort(key=lambda line: (line.at, line.what))
    return replace(state, history=(Entry(first.at, first.what, "", first.facts), *rest))


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_taking_back_what_was_told_gives_the_state(names):
    wanted, told = lived(*names)

    replay = replayed(told)

    assert carried(replay.rows[COMPLAINT].state) == carried(wanted)
    assert replay.rows[COMPLAINT].told == len(told)
    assert [one.what for one in replay.lost if one.whole] == []
    assert (replay.harvest.letters, replay.harvest.notices) == ([], [])


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=6), st.integers(0, 6))
def test_from_whatever_moment_the_dump_is(names, moment):
    wanted, told = lived(*names)
    before, first = lived(*names[:moment])

    replay = replayed(told, len(first), before)

    assert carried(replay.rows[COMPLAINT].state) == carried(wanted)
    assert replay.rows[COMPLAINT].told == len(told)


def test_the_letters_that_went_with_it_count_as_sent():
    _, told = lived("decline")

    replay = replayed(told)

    assert [notice.template for _, notice in replay.sent] == ["complaint-acknowledged", "complaint-declined"]


def test_an_imported_complaint_comes_back_with_its_dates_and_without_its_origin():
    old = NOW - timedelta(days=400)
    wanted, told = lived(imported=True, received_at=old, closed_at=old + timedelta(days=3))

    (lost,) = (replay := replayed(told)).lost
    assert carried(replay.rows[COMPLAINT].state) == carried(wanted)
    assert (lost.whole, lost.what.endswith("without history.by, origin")) == (False, True)


def test_what_no_event_carries_is_named_and_the_next_step_comes_back_all_the_same():
    STEPS["contract"] = lambda state: NoteContract(COMPLAINT, DESK, NOW, "7.2")
    try:
        wanted, told = lived("contract", "withdraw")
    finally:
        del STEPS["contract"]

    replay = replayed(told)

    found = replay.rows[COMPLAINT].state
    assert (found.status, found.objection, wanted.objection is None) == (wanted.status, None, False)
    whole = [one.what for one in replay.lost if one.whole]
    assert whole == [f"{NUMBER} complaint.amended.v1: not taken back: objection-not-carried"]


def test_every_event_of_the_register_has_its_recall():
    own = {data for data in EVENTS.values() if data.producer == "intake"}

    assert own <= RECALLS.keys()
