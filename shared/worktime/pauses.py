"""When did a clock stand still, for what reason, and who was waited for?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.errors import Rejected
from shared.worktime.moments import micros


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which a clock does not run; an open end means it still stands still."""

    start: datetime
    end: datetime | None = None
    reason: str = ""
    waiting_for: str = ""
    by: str = ""


Span = tuple[int, int | None]
"""[from, to) in microseconds since 1970; None is open."""


def span_of(pause: Pause) -> Span:
    """The pause in microseconds. Raises Rejected for a naive time or an end before the start."""
    begins = micros(pause.start, "pauses")
    ends = None if pause.end is None else micros(pause.end, "pauses")
    if ends is not None and ends < begins:
        raise Rejected(
            "pause-ends-before-it-starts",
            f"A pause from {pause.start.isoformat()} ends before it starts.",
            field="pauses",
            remedy="Swap the two times.",
        )
    return begins, ends


def merged(pauses: Sequence[Pause], begin: int) -> list[Span]:
    """The pauses from `begin` on: sorted, disjoint, not touching; only the last can be open."""
    spans: list[Span] = []
    for begins, ends in sorted(map(span_of, pauses), key=lambda span: span[0]):
        if ends is not None and ends <= max(begins, begin):
            continue
        first, last = max(begins, begin), spans[-1][1] if spans else -1
        if last is None:
            break
        if spans and first <= last:
            spans[-1] = (spans[-1][0], None if ends is None else max(last, ends))
        else:
            spans.append((first, ends))
    return spans
