"""Is everything there exactly once? The pure core of the audit: promises and a snapshot in, findings out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.messaging.topology import ORDERED_FROM, SERVICES, heard_by
from tests.faults.outsider import HEARS
from tests.faults.snapshot import Accepted, Injected, Row, Snapshot, Told

Kind = Literal["lost", "doubled", "stuck", "foreign", "gap", "odd"]
KINDS: tuple[Kind, ...] = ("lost", "doubled", "stuck", "foreign", "gap", "odd")
_NUMBER = re.compile(r"(?P<site>[A-Z0-9]+)-(?P<year>\d{4})-(?P<number>\d{6,})")


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation; `odd` is an answer or behaviour that the rig had no reason to expect."""

    kind: Kind
    what: str
    complaint: UUID | None = None


def audit(accepted: Sequence[Accepted], snapshot: Snapshot, injected: Injected) -> tuple[Finding, ...]:
    """Every violation of what the suite promises; empty when all is well."""
    rows = {service: {row.complaint_id: row for row in snapshot.rows[service]} for service in SERVICES}
    stream = _by_complaint(snapshot.stream)
    everybody = (set(rows["intake"]) | {one.complaint_id for one in accepted}) - injected.subjects
    return (
        *_register(accepted, snapshot.rows["intake"]),
        *_numbers(snapshot),
        *(
            one
            for who in sorted(everybody)
            for one in _complaint(who, rows, stream.get(who, ()), moved=who in injected.moved)
        ),
        *_strangers(rows, stream, everybody | injected.subjects),
        *_unheard(snapshot),
        *_unheard_outside(snapshot),
        *_aside(snapshot, injected),
        *(Finding("stuck", f"{n} events wait in the outbox of {s}") for s, n in _full(snapshot.outbox)),
        *(Finding("stuck", what) for what in snapshot.moving),
    )


def _register(accepted: Sequence[Accepted], register: Sequence[Row]) -> Iterator[Finding]:
    by_id = {row.complaint_id: row for row in register}
    for one in accepted:
        row = by_id.get(one.complaint_id)
        if row is None or not row.has_state:
            yield Finding("lost", f"{one.mark} got a 201 and is not in the register", one.complaint_id)
        elif (row.complaint_no, row.mark) != (one.complaint_no, one.mark):
            yield Finding("odd", f"{one.mark} was promised {one.complaint_no}, not {row.complaint_no}")
    for mark, count in Counter(row.mark for row in register if row.mark).items():
        if count > 1:
            yield Finding("doubled", f"{mark} is in the register {count} times")


def _numbers(snapshot: Snapshot) -> Iterator[Finding]:
    given: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in snapshot.rows["intake"]:
        found = _NUMBER.fullmatch(row.complaint_no or "")
        if found is None:
            yield Finding("odd", f"{row.complaint_no} is no complaint number", row.complaint_id)
        else:
            given[(found["site"], int(found["year"]))].append(int(found["number"]))
    for (site, year), numbers in sorted(given.items()):
        if len(set(numbers)) != len(numbers):
            yield Finding("doubled", f"{site}-{year}: a number was given twice")
        missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
        if missing:
            yield Finding("gap", f"{site}-{year}: {len(missing)} numbers are missing, first {missing[0]}")
        if snapshot.numbers.get((site, year)) != max(numbers):
            yield Finding("gap", f"{site}-{year}: the counter does not stand at {max(numbers)}")


def _complaint(
    who: UUID, rows: Mapping[str, Mapping[UUID, Row]], events: Sequence[Told], *, moved: bool
) -> Iterator[Finding]:
    for service in ("routing", "escalation", "surveys"):
        row = rows[service].get(who)
        if row is None or not row.has_state:
            yield Finding("lost", f"{service} does not know it", who)
    case = rows["routing"].get(who)
    if case is not None and case.placements > 1 and not moved:
        yield Finding("doubled", f"it was placed {case.placements} times", who)
    sheet = rows["escalation"].get(who)
    clocks = Counter(sheet.clocks if sheet is not None else ())
    entry = rows["intake"].get(who)
    promised = set(entry.promised if entry is not None else ())
    for name in sorted(promised - set(clocks)):
        yield Finding("lost", f"its clock {name} was not started", who)
    yield from _told_once(who, events, "complaint.registered.v1", {""})
    if moved:
        yield from _told_per_placement(who, events, case.placements if case is not None else 0)
    else:
        yield from _told_once(who, events, "complaint.assigned.v1", {"1"})
    yield from _told_once(who, events, "clock.started.v1", promised | set(clocks))
    for clock, count in clocks.items():
        if count > 1:
            yield Finding("doubled", f"its clock {clock} was started {count} times", who)
    for service in SERVICES:
        row = rows[service].get(who)
        yield from _sequence(who, service, row.told if row is not None else 0, events)
        for producer in sorted(ORDERED_FROM[service]):
            source = rows[producer].get(who)
            told = source.told if source is not None else 0
            heard = row.heard.get(producer, 0) if row is not None else 0
            if heard != told:
                yield Finding("stuck", f"{service} heard {heard} of {told} events of {producer}", who)


def _told_per_placement(who: UUID, events: Sequence[Told], placements: int) -> Iterator[Finding]:
    told = len({event.id for event in events if event.type == "complaint.assigned.v1"})
    if told != placements:
        yield Finding("odd", f"it was placed {placements} times and told {told} times", who)


def _told_once(who: UUID, events: Sequence[Told], kind: str, wanted: set[str]) -> Iterator[Finding]:
    ids: dict[str, set[UUID]] = defaultdict(set)
    for event in events:
        if event.type == kind:
            ids[event.about].add(event.id)
    for about in sorted(wanted | set(ids)):
        count = len(ids[about])
        if count == 0:
            yield Finding("lost", f"{kind} {about} is not in the stream", who)
        elif count > 1:
            yield Finding("doubled", f"{kind} {about} was told {count} times", who)


def _sequence(who: UUID, producer: str, told: int, events: Sequence[Told]) -> Iterator[Finding]:
    ids: dict[int, set[UUID]] = defaultdict(set)
    for event in events:
        if event.producer == producer:
            ids[event.sequence].add(event.id)
    missing = sorted(set(range(1, max([told, *ids]) + 1)) - set(ids))
    if missing:
        yield Finding("gap", f"number {missing[0]} of {told} of {producer} is not in the stream", who)
    for number, found in ids.items():
        if len(found) > 1:
            yield Finding("doubled", f"number {number} of {producer} belongs to {len(found)} events", who)
        if number > told:
            yield Finding("odd", f"number {number} of {producer} was sent but never committed", who)


def _strangers(
    rows: Mapping[str, Mapping[UUID, Row]], stream: Mapping[UUID, Sequence[Told]], known: set[UUID]
) -> Iterator[Finding]:
    for service in SERVICES:
        for who in sorted(rows[service].keys() - known):
            yield Finding("foreign", f"{service} has it and the register does not", who)
    for who in sorted(stream.keys() - known):
        yield Finding("foreign", "the stream tells of it and the register does not know it", who)


def _unheard(snapshot: Snapshot) -> Iterator[Finding]:
    aside = {(one.service, one.message_id) for one in snapshot.parked}
    for service in SERVICES:
        kinds = set(heard_by(service))
        for event in {event.id: event for event in snapshot.stream}.values():
            handled = event.id in snapshot.inbox[service] or (service, str(event.id)) in aside
            if event.type in kinds and not handled:
                yield Finding("lost", f"{service} never handled {event.type}", event.subject)


def _unheard_outside(snapshot: Snapshot) -> Iterator[Finding]:
    for event in {event.id: event for event in snapshot.stream}.values():
        if event.type.startswith(HEARS) and event.id not in snapshot.outside:
            yield Finding("lost", f"an outsider never heard {event.type}", event.subject)


def _aside(snapshot: Snapshot, injected: Injected) -> Iterator[Finding]:
    for one in snapshot.parked:
        if one.message_id not in injected.messages:
            yield Finding("foreign", f"{one.service} parked {one.message_id} for {one.code}")


def _full(outbox: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    return ((service, count) for service, count in outbox.items() if count)


def _by_complaint(stream: Iterable[Told]) -> dict[UUID, list[Told]]:
    sorted_out: dict[UUID, list[Told]] = defaultdict(list)
    for event in stream:
        sorted_out[event.subject].append(event)
    return sorted_out
