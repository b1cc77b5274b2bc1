"""Does a test that needs no server really use no network?"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_NETWORK = (socket.AF_INET, socket.AF_INET6)


class NetworkBanned(AssertionError):
    """A test without servers reached for the network."""


@contextmanager
def network_banned(*, loopback_allowed: bool = False) -> Iterator[None]:
    """While it lasts, no IP socket connects or sends; Unix sockets and the loop's own pipe do."""
    plain = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}

    def guarded(name: str) -> Any:
        def call(self: socket.socket, *words: Any) -> Any:
            _check(self, words[-1], loopback_allowed=loopback_allowed)
            return plain[name](self, *words)

        return call

    for name in plain:
        setattr(socket.socket, name, guarded(name))
    try:
        yield
    finally:
        for name in plain:
            delattr(socket.socket, name)


def _check(link: socket.socket, address: Any, *, loopback_allowed: bool) -> None:
    if link.family not in _NETWORK or (loopback_allowed and _is_loopback(address)):
        return
    raise NetworkBanned(
        f"this test connects to {address!r} but uses no server fixture (rabbitmq, postgres, smtp);"
        " use one, or mark it @pytest.mark.loopback"
    )


def _is_loopback(address: Any) -> bool:
    host = address[0] if isinstance(address, tuple) else ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
