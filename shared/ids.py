"""How does Kesu name things? UUIDv7 everywhere: unique without asking anyone, ordered by time."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import NewType
from uuid import UUID

ComplaintId = NewType("ComplaintId", UUID)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION = 7 << 76
_VARIANT = 2 << 62
_lock = threading.Lock()
_last: list[int] = [0]


def new_id() -> UUID:
    """A UUIDv7 that is greater than every one this process made before (RFC 9562, method 3)."""
    stamp = time.time_ns()
    millis, fraction = divmod(stamp, 1_000_000)
    candidate = (millis << 12) | (fraction * 4096 // 1_000_000)
    with _lock:
        candidate = max(candidate, _last[0] + 1)
        _last[0] = candidate
    return _assemble(candidate >> 12, candidate & 0xFFF, int.from_bytes(os.urandom(8), "big"))


def derived_id(moment: datetime, *parts: str) -> UUID:
    """The same UUIDv7 for the same moment and parts, so that doing a thing twice names it once.

    The time bits come from `moment` (aware), the rest from SHA-256 of the parts.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    millis = _millis(moment)
    low = int.from_bytes(digest[2:10], "big")
    return _assemble(millis, int.from_bytes(digest[:2], "big") & 0xFFF, low)


def oldest_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of that moment: every id made before it is smaller."""
    return UUID(int=_millis(moment) << 80)


def moment_of(identifier: UUID) -> datetime | None:
    """When a UUIDv7 was made, in UTC; None for any other version and beyond the year 9999."""
    if identifier.version != 7:
        return None
    try:
        return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
    except ValueError:  # its 48 bits of milliseconds reach to the year 10889
        return None


def _millis(moment: datetime) -> int:
    # In whole numbers: as a float, a moment some thousand years ahead is rounded up to the next one.
    return max(0, (moment - _EPOCH) // _MILLISECOND)


def _assemble(millis: int, twelve: int, low: int) -> UUID:
    value = (millis & 0xFFFFFFFFFFFF) << 80 | _VERSION | twelve << 64
    return UUID(int=value | _VARIANT | (low & 0x3FFFFFFFFFFFFFFF))
