"""What may one message cost whoever reads it? Judged on the bytes, before anything is made of them.

Whoever holds the broker user's rights can publish anything, and a reader that one message fills up is
handed the same message again after its restart. What we send ourselves stays below all of this: the
relay fills its bundles (shared/outbox/bundles.py) and `write_event` refuses by the same figures.
"""

from __future__ import annotations

import re

from shared.errors import Rejected

MOST_EVENTS = 100
"""In one bundle."""
MOST_EVENT_BYTES = 512_000
"""Of one event, and of a bundle of several."""
MOST_MESSAGE_BYTES = 2 * MOST_EVENT_BYTES
"""Of what is opened at all."""
MOST_VALUES = 50_000
"""Numbers, texts, lists and objects in one message. Each takes up to 64 bytes when it is read."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def refuse_costly(body: bytes) -> None:
    """Raises Rejected('message-too-large') or Rejected('message-too-costly')."""
    if len(body) > MOST_MESSAGE_BYTES:
        raise Rejected(
            "message-too-large", f"{len(body)} bytes, {MOST_MESSAGE_BYTES} are the most", field="body"
        )
    # Commas inside of texts are looked for only where there are suspiciously many.
    if body.count(b",") > MOST_VALUES and _STRING.sub(b"", body).count(b",") > MOST_VALUES:
        raise Rejected("message-too-costly", f"more than {MOST_VALUES} values in one message", field="body")
