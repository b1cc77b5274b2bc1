"""Which events travel together? Those of one type that wait at the same time, never past another of theirs.

A message costs broker and services the same whatever it holds, so the suite sends itself bundles
(docs/decisions/0057): the JSON batch format of CloudEvents, always an array, of one type.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from shared.events import cost
from shared.outbox.flight import Waiting

MOST_EVENTS = cost.MOST_EVENTS
MOST_BYTES = cost.MOST_EVENT_BYTES


class Bundle:
    """Events of one type in their order, and how many bytes they hold."""

    __slots__ = ("rows", "size", "type")

    def __init__(self, type_name: str) -> None:
        self.type = type_name
        self.rows: list[Waiting] = []
        self.size = 0

    @property
    def body(self) -> bytes:
        """The bytes of the message."""
        return b"[" + b",".join([row.body for row in self.rows]) + b"]"


def bundled(rows: Iterable[Waiting]) -> Sequence[Bundle]:
    """The rows in bundles, to be sent in this order: no event overtakes an earlier one of its complaint."""
    bundles: list[Bundle] = []
    open_ones: dict[str, int] = {}
    latest: dict[object, int] = {}
    for row in rows:
        subject = _subject(row.body)
        place = open_ones.get(row.type, -1)
        # A bundle that goes out before the complaint's latest event does not take this one.
        if place < latest.get(subject, 0) or _is_full(bundles[place], row):
            place = len(bundles)
            bundles.append(Bundle(row.type))
            open_ones[row.type] = place
        bundle = bundles[place]
        bundle.rows.append(row)
        bundle.size += len(row.body) + 1
        latest[subject] = place
    return bundles


def _subject(body: bytes) -> object:
    """Whom an event is about; the bytes are our own."""
    return orjson.loads(body).get("subject")


def _is_full(bundle: Bundle, row: Waiting) -> bool:
    return len(bundle.rows) >= MOST_EVENTS or bundle.size + len(row.body) >= MOST_BYTES
