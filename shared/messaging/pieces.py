"""What does a stored message hold? For tools that look at many: what cannot be read is shown, not fatal.

Whoever may publish may publish anything. A reader that one message ends is of no use until that message is
gone, which in the log takes a month.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from shared.errors import Rejected
from shared.events.base import opened


class Head(NamedTuple):
    """What an event says of itself on its envelope."""

    id: UUID
    type: str
    producer: str
    subject: UUID
    sequence: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One event of a message, or what is no event."""

    body: bytes
    """Its bytes as compact JSON; where it cannot be read: those of the message, as they came."""
    head: Head | None
    """None: it cannot be read."""
    reason: str = ""
    """Why it cannot be read, for people."""

    def line(self, **more: object) -> bytes:
        """One line of JSON: the event, or `unreadable` with the reason and the bytes in base64."""
        if self.head is not None:
            return self.body
        told = {"unreadable": self.reason, **more, "base64": base64.b64encode(self.body).decode()}
        return orjson.dumps(told)


def pieces(body: bytes) -> Iterator[Piece]:
    """Everything that the body of a message holds, in its order; never raises for what it holds.

    An empty bundle holds nothing.
    """
    try:
        held = opened(body)
    except Rejected as error:
        yield Piece(body, None, error.detail)
        return
    for one in held:
        yield _piece(body, one)


def _piece(body: bytes, held: object) -> Piece:
    try:
        event = orjson.loads(held) if isinstance(held, bytes) else held
        text = orjson.dumps(event)  # fails for what nests deeper than can be written, if not than can be read
        if not isinstance(event, dict):
            return Piece(body, None, "is no JSON object")
        return Piece(text, _head(event))
    except orjson.JSONDecodeError as error:
        return Piece(body, None, f"is no JSON: {error}")
    except orjson.JSONEncodeError as error:
        return Piece(body, None, f"cannot be written again: {error}")
    except KeyError as error:
        return Piece(body, None, f"lacks {error.args[0]}")
    except (ValueError, TypeError, AttributeError) as error:
        return Piece(body, None, f"is no event: {error}")


def _head(event: Mapping[str, Any]) -> Head:
    kind, source, sequence = event["type"], event["source"], event["sequence"]
    if not isinstance(kind, str) or not isinstance(source, str) or not isinstance(sequence, int):
        msg = "type, source or sequence is of another kind"
        raise TypeError(msg)
    if not isinstance(event["data"], dict):
        msg = "data is no object"
        raise TypeError(msg)
    return Head(UUID(event["id"]), kind, source.rsplit("/", 1)[-1], UUID(event["subject"]), sequence)
