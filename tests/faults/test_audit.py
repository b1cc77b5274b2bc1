"""Does the fault rig's auditor find what it must, and nothing where all is well? Without any server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.ids import new_id
from tests.faults.ledger import audit
from tests.faults.proving import PLANTS, Plant, prove, sound_world
from tests.faults.snapshot import Aside, Injected, Row

NOTHING = Injected()


def test_a_sound_world_has_no_findings():
    accepted, snapshot = sound_world()
    assert audit(accepted, snapshot, NOTHING) == ()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name.replace(" ", "-"))
def test_every_planted_violation_is_found_as_what_it_is(plant: Plant):
    accepted, snapshot = sound_world()
    findings = audit(accepted, plant.spoil(snapshot, accepted[2]), NOTHING)
    assert plant.kind in {finding.kind for finding in findings}


def test_a_copy_of_an_event_in_the_stream_is_no_violation():
    accepted, snapshot = sound_world()
    twice = replace(snapshot, stream=snapshot.stream * 2)
    assert audit(accepted, twice, NOTHING) == ()


def test_a_complaint_that_was_registered_without_an_answer_must_travel_all_the_same():
    accepted, snapshot = sound_world()
    assert audit(accepted[:-1], snapshot, NOTHING) == ()
    last = accepted[-1].complaint_id
    rows = tuple(row for row in snapshot.rows["surveys"] if row.complaint_id != last)
    findings = audit(accepted[:-1], replace(snapshot, rows={**snapshot.rows, "surveys": rows}), NOTHING)
    assert [(finding.kind, finding.complaint) for finding in findings if finding.kind == "lost"] == [
        ("lost", last)
    ]


def test_poison_that_the_rig_injected_is_expected_in_the_parking_queue():
    accepted, snapshot = sound_world()
    spoiled = replace(snapshot, parked=(Aside("routing", "rig-1", "event-malformed"),))
    assert audit(accepted, spoiled, Injected(frozenset({"rig-1"}))) == ()
    assert [finding.kind for finding in audit(accepted, spoiled, NOTHING)] == ["foreign"]


def test_a_row_that_only_poison_left_behind_is_expected():
    accepted, snapshot = sound_world()
    stranger = new_id()
    rows = (*snapshot.rows["routing"], Row(stranger, 0, {"intake": 1}, has_state=False))
    spoiled = replace(snapshot, rows={**snapshot.rows, "routing": rows})
    assert audit(accepted, spoiled, Injected(subjects=frozenset({stranger}))) == ()
    assert [finding.kind for finding in audit(accepted, spoiled, NOTHING)] == ["foreign"]


def test_whatever_still_moves_at_the_deadline_is_stuck():
    accepted, snapshot = sound_world()
    findings = audit(accepted, replace(snapshot, moving=("3 messages in kesu.retry.5s",)), NOTHING)
    assert [(finding.kind, finding.what) for finding in findings] == [
        ("stuck", "3 messages in kesu.retry.5s")
    ]


def test_an_unsound_snapshot_proves_nothing():
    accepted, snapshot = sound_world()
    with pytest.raises(ValueError, match="not sound"):
        prove(accepted, PLANTS[0].spoil(snapshot, accepted[0]), NOTHING)
