"""How often may one address knock at a door that is open to anybody? A token bucket each, so many at most.

Doors with a token are not counted: whoever calls there is known. Behind a proxy the address is the one that
the proxy names, if it is trusted (`KESU_TRUSTED_PROXIES`); else all would come from the proxy.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from shared.clock import monotonic

_MOST_ADDRESSES = 20_000
"""Those seen last; forgetting one gives it a full bucket again."""
_PUBLIC = ("/a/", "/c/", "/d/", "/p/", "/s/")
"""Alarms, cases, sheets, presence and surveys: opened by a secret in the link alone."""
_PREFIX_BITS = 64
_SECONDS = 60.0


def is_public(path: str) -> bool:
    """Whether it is a door that a link opens."""
    return path.startswith(_PUBLIC)


class Rates:
    """Counts requests by address; `per_minute` go on without end, a third of it may come at once."""

    def __init__(self, per_minute: int, *, now: Callable[[], float] = monotonic) -> None:
        self._burst = max(1.0, per_minute / 3)
        self._each_seconds = _SECONDS / per_minute
        self._now = now
        self._full_at: OrderedDict[str, float] = OrderedDict()
        """By address: when its bucket will be full again."""

    def wait_seconds(self, client: tuple[str, int] | None) -> float:
        """0: it may come in, and is counted; else in how many seconds it may."""
        address = _counted_as(client)
        now = self._now()
        full_at = max(self._full_at.pop(address, now), now)
        over = full_at + self._each_seconds - now - self._burst * self._each_seconds
        if over <= 0:
            full_at += self._each_seconds
        self._full_at[address] = full_at
        if len(self._full_at) > _MOST_ADDRESSES:
            self._full_at.popitem(last=False)
        return max(over, 0.0)


def _counted_as(client: tuple[str, int] | None) -> str:
    """The address; of IPv6 the network, for a household has more addresses than we could count."""
    host = client[0] if client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> (128 - _PREFIX_BITS))
    return host
