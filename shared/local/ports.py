"""Which ports of this machine are free, and what does a person do about one that is not?"""

from __future__ import annotations

import random
import socket

from shared.errors import Unavailable

# Below the ranges from which Linux (32768) and macOS (49152) take ports for outgoing connections,
# so that a port found free is not lent to a client before the server binds it.
_FIRST, _LAST = 20_000, 32_000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> tuple[int, ...]:
    """That many different free ports. Raises Unavailable when the machine has none left."""
    # The system's own numbers: a seeded generator would lend two processes the same ports.
    candidates = random.SystemRandom().sample(range(_FIRST, _LAST), 500)
    found = tuple(port for port in candidates if is_free(port))[:count]
    if len(found) < count:
        raise Unavailable(
            f"no {count} free ports between {_FIRST} and {_LAST}.",
            code="no-free-port",
            remedy="Stop programs that listen on many ports and try again.",
        )
    return found


def require_free(port: int, *, purpose: str, variable: str | None) -> None:
    """Raise Unavailable('port-taken') in a plain sentence unless a server could listen there."""
    if is_free(port):
        return
    elsewhere = f" or set {variable} to another port" if variable else ""
    raise Unavailable(
        f"port {port}, which {purpose} needs, is taken by another program.",
        code="port-taken",
        field=variable,
        remedy=f"Stop that program{elsewhere}.",
    )
