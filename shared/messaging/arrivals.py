"""What came in a message? A single event or one of a bundle, as the ladder and parking need to know it."""

from __future__ import annotations

import orjson
from aio_pika.abc import AbstractIncomingMessage

from shared.events.base import opened


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
        """Its own bytes."""
        return self.message.body if self.place is None else orjson.dumps(self._held(self.place))

    @property
    def headers(self) -> dict[str, object]:
        """Those of the message that it came in."""
        return dict(self.message.headers or {})

    @property
    def message_id(self) -> str | None:
        """What the message is called; an event out of a bundle goes by its own id, if it has one."""
        held = None if self.place is None else self._held(self.place)
        identifier = held.get("id") if isinstance(held, dict) else None
        return identifier if isinstance(identifier, str) else self.message.message_id

    def _held(self, place: int) -> object:
        return opened(self.message.body)[place]
