"""Would the auditor notice? Plants one violation of each kind in a sound snapshot and looks for it.

`python -m tests.faults --prove` does so without servers; a full run does it on its own last snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from shared.ids import new_id
from tests.faults.ledger import Kind, audit
from tests.faults.snapshot import Accepted, Aside, Injected, Row, Snapshot, Told


@dataclass(frozen=True, slots=True)
class Plant:
    """A violation: how it is made, and as what it must be found."""

    name: str
    kind: Kind
    spoil: Callable[[Snapshot, Accepted], Snapshot]


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether one planted violation was found."""

    name: str
    kind: Kind
    found: bool


def prove(accepted: Sequence[Accepted], snapshot: Snapshot, injected: Injected) -> tuple[Proof, ...]:
    """What became of each plant. Raises ValueError when the snapshot is not sound to begin with."""
    before = audit(accepted, snapshot, injected)
    if before:
        raise ValueError(f"not sound: {before[0]}")
    victim = accepted[len(accepted) // 2]
    found = []
    for plant in PLANTS:
        findings = audit(accepted, plant.spoil(snapshot, victim), injected)
        found.append(Proof(plant.name, plant.kind, any(one.kind == plant.kind for one in findings)))
    return tuple(found)


def sound_world(complaints: int = 5) -> tuple[tuple[Accepted, ...], Snapshot]:
    """Complaints that went through all four services as they should, as plain data."""
    accepted: list[Accepted] = []
    rows: dict[str, list[Row]] = {name: [] for name in ("intake", "routing", "escalation", "surveys")}
    stream: list[Told] = []
    for number in range(1, complaints + 1):
        who, no, mark = new_id(), f"SH01-2026-{number:06d}", f"RIG-{number}"
        accepted.append(Accepted(mark, who, no))
        entry = Row(who, 1, {"routing": 1, "escalation": 2}, complaint_no=no, mark=mark, promised=("answer",))
        rows["intake"].append(entry)
        rows["routing"].append(Row(who, 1, {"intake": 1}, placements=1))
        rows["escalation"].append(Row(who, 2, {"intake": 1, "routing": 1}, clocks=("answer", "first")))
        rows["surveys"].append(Row(who, 0, {"intake": 1}))
        stream += [
            Told(new_id(), "complaint.registered.v1", "intake", who, 1),
            Told(new_id(), "complaint.assigned.v1", "routing", who, 1, "1"),
            Told(new_id(), "clock.started.v1", "escalation", who, 1, "answer"),
            Told(new_id(), "clock.started.v1", "escalation", who, 2, "first"),
        ]
    everything = frozenset(event.id for event in stream)
    snapshot = Snapshot(
        rows={name: tuple(found) for name, found in rows.items()},
        inbox=dict.fromkeys(rows, everything),
        outbox=dict.fromkeys(rows, 0),
        numbers={("SH01", 2026): complaints},
        stream=tuple(stream),
        outside=everything,
    )
    return tuple(accepted), snapshot


def _with_rows(snapshot: Snapshot, service: str, rows: Iterable[Row]) -> Snapshot:
    return replace(snapshot, rows={**snapshot.rows, service: tuple(rows)})


def _without(service: str) -> Callable[[Snapshot, Accepted], Snapshot]:
    def spoil(snapshot: Snapshot, victim: Accepted) -> Snapshot:
        kept = (row for row in snapshot.rows[service] if row.complaint_id != victim.complaint_id)
        return _with_rows(snapshot, service, kept)

    return spoil


def _without_event(kind: str) -> Callable[[Snapshot, Accepted], Snapshot]:
    def spoil(snapshot: Snapshot, victim: Accepted) -> Snapshot:
        gone = (victim.complaint_id, kind)
        return replace(snapshot, stream=tuple(e for e in snapshot.stream if (e.subject, e.type) != gone))

    return spoil


def _registered_twice(snapshot: Snapshot, victim: Accepted) -> Snapshot:
    rows = snapshot.rows["intake"]
    first = next(row for row in rows if row.complaint_id == victim.complaint_id)
    return _with_rows(snapshot, "intake", (*rows, replace(first, complaint_id=new_id())))


def _assigned_twice(snapshot: Snapshot, victim: Accepted) -> Snapshot:
    first = _event(snapshot, victim, "complaint.assigned.v1")
    return replace(snapshot, stream=(*snapshot.stream, replace(first, id=new_id(), sequence=2)))


def _clockless(snapshot: Snapshot, victim: Accepted) -> Snapshot:
    rows = snapshot.rows["escalation"]
    spoiled = (replace(row, clocks=()) if row.complaint_id == victim.complaint_id else row for row in rows)
    return _with_rows(snapshot, "escalation", spoiled)


def _clock_twice(snapshot: Snapshot, victim: Accepted) -> Snapshot:
    rows = snapshot.rows["escalation"]
    spoiled = (
        replace(row, clocks=(*row.clocks, row.clocks[0])) if row.complaint_id == victim.complaint_id else row
        for row in rows
    )
    return _with_rows(snapshot, "escalation", spoiled)


def _behind(snapshot: Snapshot, victim: Accepted) -> Snapshot:
    rows = snapshot.rows["escalation"]
    spoiled = (
        replace(row, heard={**row.heard, "routing": 0}) if row.complaint_id == victim.complaint_id else row
        for row in rows
    )
    return _with_rows(snapshot, "escalation", spoiled)


def _full_outbox(snapshot: Snapshot, _victim: Accepted) -> Snapshot:
    return replace(snapshot, outbox={**snapshot.outbox, "routing": 1})


def _parked(snapshot: Snapshot, _victim: Accepted) -> Snapshot:
    stranger = Aside("surveys", str(new_id()), "bug")
    return replace(snapshot, parked=(*snapshot.parked, stranger))


def _unhandled(snapshot: Snapshot, victim: Accepted) -> Snapshot:
    event = _event(snapshot, victim, "clock.started.v1")
    return replace(snapshot, inbox={**snapshot.inbox, "intake": snapshot.inbox["intake"] - {event.id}})


def _unheard_outside(snapshot: Snapshot, victim: Accepted) -> Snapshot:
    event = _event(snapshot, victim, "complaint.assigned.v1")
    return replace(snapshot, outside=snapshot.outside - {event.id})


def _number_gap(snapshot: Snapshot, victim: Accepted) -> Snapshot:
    rows = snapshot.rows["intake"]
    spoiled = (
        replace(row, complaint_no=f"{(row.complaint_no or '')[:-6]}999999")
        if row.complaint_id == victim.complaint_id
        else row
        for row in rows
    )
    return _with_rows(snapshot, "intake", spoiled)


def _event(snapshot: Snapshot, victim: Accepted, kind: str) -> Told:
    wanted = (victim.complaint_id, kind)
    return next(event for event in snapshot.stream if (event.subject, event.type) == wanted)


PLANTS = (
    Plant("a registered complaint vanishes", "lost", _without("intake")),
    Plant("a case vanishes", "lost", _without("routing")),
    Plant("a clock sheet vanishes", "lost", _without("escalation")),
    Plant("a clock was not started", "lost", _clockless),
    Plant("surveys forgets one", "lost", _without("surveys")),
    Plant("an event is missing in the stream", "lost", _without_event("complaint.assigned.v1")),
    Plant("an event was never handled", "lost", _unhandled),
    Plant("an outsider never heard an event", "lost", _unheard_outside),
    Plant("a complaint is registered twice", "doubled", _registered_twice),
    Plant("a complaint is assigned twice", "doubled", _assigned_twice),
    Plant("a clock is started twice", "doubled", _clock_twice),
    Plant("an event waits in an outbox", "stuck", _full_outbox),
    Plant("escalation waits for routing's event", "stuck", _behind),
    Plant("a message is parked that nobody poisoned", "foreign", _parked),
    Plant("a sequence has a gap", "gap", _without_event("complaint.registered.v1")),
    Plant("the numbers have a gap", "gap", _number_gap),
)
