"""Which messages can no service digest, and for which reason must each of them be parked?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from shared.clock import SystemClock
from shared.events.base import SCHEMA_BASE
from shared.ids import derived_id, new_id


@dataclass(frozen=True, slots=True)
class Poison:
    """One message for one service's queue, and the code that it must be parked with."""

    service: str
    body: bytes
    code: str
    subject: UUID


def poisons(service: str) -> Iterator[Poison]:
    """One of each kind that this service can be given."""
    yield Poison(service, b'{"specversion": "1.0", "id": ', "event-malformed", new_id())
    yield Poison(service, b"\xff\xfe\x00 no text at all", "event-malformed", new_id())
    yield _event(service, "event-malformed", data={"kind": 7})
    yield _event(service, "event-unknown", type="complaint.evaporated.v1")
    ancient = derived_id(datetime.now(UTC) - timedelta(days=400), str(new_id()))
    yield _event(service, "event-too-old", id=str(ancient))
    if service == "escalation":  # routing leaves no complaint stranded, whatever its site
        yield _event(service, "unknown-site", site="atlantis", source="/sites/atlantis/intake")
    if service != "intake":
        # PostgreSQL refuses NUL in a document, and with it the whole batch.
        yield _event(service, "bug", data={**_DATA, "complaint_no": "SH01-2026-\u0000"})


def events_of(given: Iterable[Poison]) -> Iterator[tuple[str, Poison]]:
    """Those that are JSON and therefore may stand in a bundle, by the id of the event."""
    for one in given:
        with suppress(orjson.JSONDecodeError):
            yield orjson.loads(one.body)["id"], one


def hostile_bundles() -> Iterator[tuple[bytes, str]]:
    """Messages that cost far more to read than to send, and the code that each must be parked with."""
    copies = [_event("routing", "").body for _ in range(700)]
    yield b"[" + b",".join([b"0"] * 200_000) + b"]", "message-too-costly"
    yield b"[" + b",".join([b"[]"] * 200_000) + b"]", "message-too-costly"
    yield b"[" + b",".join([b"0"] * 40_000) + b"]", "bundle-too-large"
    yield b"[" + b",".join(copies) + b"]", "bundle-too-large"
    yield b'["' + b"x" * 2_000_000 + b'"]', "message-too-large"
    yield b"[" + b",".join([b"{}"] * 100) + b"]", "event-malformed"
    yield b"[" * 5_000 + b"]" * 5_000, "event-malformed"
    yield b"[" + b"9" * 500_000 + b"]", "event-malformed"


_DATA: dict[str, Any] = {
    "complaint_no": "SH01-2026-999999",
    "kind": "complaint",
    "category": "product",
    "type": "quality",
    "channel": "web",
    "received_at": "2026-11-02T08:00:00Z",
    "registered_at": "2026-11-02T08:00:00Z",
    "customer_ref": "nobody",
    "language": "en",
}


def _event(service: str, code: str, **changes: Any) -> Poison:
    subject = new_id()
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/sites/sh01/intake",
        "type": "complaint.registered.v1",
        "subject": str(subject),
        "time": SystemClock().now().isoformat(),
        "datacontenttype": "application/json",
        "dataschema": SCHEMA_BASE + "complaint.registered.v1",
        "site": "sh01",
        "sequence": 1,
        "correlationid": str(new_id()),
        "data": _DATA,
    }
    return Poison(service, orjson.dumps(envelope | changes), code, subject)
