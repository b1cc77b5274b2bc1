"""What becomes of a message that could not be handled? It climbs the ladder, or is parked with its reason.

`NotYet` and bugs are tried again after 5 s, 1 min and 10 min; what cannot succeed is parked at once. The
count is our own header `x-kesu-attempt`, because x-death is not kept by every version of the broker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.errors import KesuError, NotYet, Rejected
from shared.messaging.topology import RETRY_STEPS

ATTEMPT = "x-kesu-attempt"
MOST_ATTEMPTS = 8
_BUG_ATTEMPTS = 4
_LONGEST = 500
_MOST_HEADERS = 40


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after the step's time."""

    step: int
    headers: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Park:
    """Put it aside until a human looks."""

    code: str
    headers: Mapping[str, object]


def next_move(
    error: BaseException, headers: Mapping[str, object], *, queue: str, now: datetime
) -> Retry | Park:
    """Where the message goes after this error, with the headers that say why.

    Steps: 5 s three times, 1 min three times, then 10 min.
    """
    attempt = _count(headers.get(ATTEMPT)) + 1
    code = error.code if isinstance(error, KesuError) else "bug"
    detail = error.detail if isinstance(error, KesuError) else type(error).__name__
    field = error.field if isinstance(error, KesuError) else None
    told = _carried(headers) | {
        ATTEMPT: attempt,
        "x-kesu-code": code[:_LONGEST],
        "x-kesu-detail": detail[:_LONGEST],
        "x-kesu-field": (field or "")[:_LONGEST],
        "x-kesu-queue": queue,
        "x-kesu-first-failure": _short(headers.get("x-kesu-first-failure")) or now.isoformat(),
        "x-kesu-last-failure": now.isoformat(),
    }
    most = MOST_ATTEMPTS if isinstance(error, NotYet) else _BUG_ATTEMPTS
    if isinstance(error, Rejected) or attempt >= most:
        return Park(code, told)
    return Retry(min((attempt - 1) // 3, len(RETRY_STEPS) - 1), told)


def _carried(headers: Mapping[str, object]) -> dict[str, object]:
    """The headers that go on with it. All of them must fit into one frame, or the broker hangs up on us."""
    kept = {name: value for name, value in headers.items() if len(repr(value)) <= _LONGEST}
    return dict(sorted(kept.items())[:_MOST_HEADERS])


def _short(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _count(value: object) -> int:
    return min(max(value, 0), MOST_ATTEMPTS) if isinstance(value, int) else 0
