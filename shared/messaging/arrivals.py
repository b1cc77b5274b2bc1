"""What came in a message? A single event or one of a bundle, as the ladder and parking need to know it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson
from aio_pika.abc import AbstractIncomingMessage

from shared.deciding import Event
from shared.errors import Rejected
from shared.events.base import EventData, opened

Read = Callable[[object], Event[EventData]]
_LONGEST_ID_BYTES = 255
"""AMQP's own limit on a message id."""


class Arrival:
    """One event as it came. It keeps its place and not its content, which most never need again."""

    __slots__ = ("message", "place", "tag")

    def __init__(self, message: AbstractIncomingMessage, place: int | None) -> None:
        assert message.delivery_tag is not None
        self.message = message
        self.place = place
        """Its place in the bundle; None: the message is the event."""
        self.tag = message.delivery_tag

    @property
    def body(self) -> bytes:
        """Its own bytes; those of the whole message if it nests deeper than can be written."""
        if self.place is None:
            return self.message.body
        try:
            return orjson.dumps(self._held(self.place))
        except orjson.JSONEncodeError:
            return self.message.body

    @property
    def headers(self) -> dict[str, object]:
        """Those of the message that it came in."""
        return dict(self.message.headers or {})

    @property
    def message_id(self) -> str | None:
        """What the message is called; an event out of a bundle goes by its own id, if it has one."""
        held = None if self.place is None else self._held(self.place)
        identifier = held.get("id") if isinstance(held, dict) else None
        if isinstance(identifier, str) and len(identifier.encode()) <= _LONGEST_ID_BYTES:
            return identifier
        return self.message.message_id

    def _held(self, place: int) -> object:
        return opened(self.message.body)[place]


def taken_apart(
    message: AbstractIncomingMessage, read: Read
) -> Sequence[tuple[Arrival, Event[EventData] | Exception]]:
    """Each event of the message as `read` reads it, or why it could not be read.

    Raises Rejected for a message beyond the limits of shared/events/cost.py and for a bundle of which
    nothing can be read: such a one is put aside whole, once.
    """
    held = opened(message.body)
    found: list[tuple[Arrival, Event[EventData] | Exception]] = []
    for place, one in enumerate(held):
        arrival = Arrival(message, None if isinstance(one, bytes) else place)
        try:
            found.append((arrival, read(one)))
        except Exception as error:  # noqa: BLE001 - the ladder tells a broken message from a bug
            found.append((arrival, error))
    refusals = [one for _, one in found if isinstance(one, Rejected)]
    if len(refusals) == len(found) > 1:
        raise _of_all(refusals)
    return found


def _of_all(refusals: Sequence[Rejected]) -> Rejected:
    first = refusals[0]
    alike = len({one.code for one in refusals}) == 1
    return Rejected(
        first.code if alike else "bundle-unreadable",
        f"all {len(refusals)} in the bundle; the first: {first.detail}",
        field=first.field,
        remedy=first.remedy,
    )
