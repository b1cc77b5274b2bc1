"""Does an AMQP 0-9-1 broker answer there, and does it let us in?"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_PROTOCOL = b"AMQP\x00\x00\x09\x01"
_METHOD, _FRAME_END = 1, b"\xce"
_START_OK, _TUNE, _TUNE_OK, _OPEN, _OPEN_OK = (10, 11), (10, 30), (10, 31), (10, 40), (10, 41)


@dataclass(frozen=True, slots=True)
class Door:
    """What of an AMQP URL is needed to knock."""

    host: str
    port: int
    user: str
    password: str
    vhost: str


def door(url: str) -> Door:
    """The parts of `amqp://user:password@host:port/vhost`, with AMQP's defaults."""
    parts = urlsplit(url)
    secure = parts.scheme == "amqps"
    return Door(
        host=parts.hostname or "localhost",
        port=parts.port or (5671 if secure else 5672),
        user=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        vhost=unquote(parts.path[1:]) or "/",
    )


def lets_us_in(url: str, *, seconds: float = 5) -> bool:
    """Whether the broker opens the virtual host of the URL for its user; plain TCP only.

    A node that boots accepts TCP before it serves; only the whole greeting proves that it does.
    """
    where = door(url)
    try:
        with socket.create_connection((where.host, where.port), timeout=seconds) as link:
            link.sendall(_PROTOCOL)
            _read(link)
            response = f"\x00{where.user}\x00{where.password}".encode()
            start_ok = struct.pack(">I", 0) + _short("PLAIN") + _long(response) + _short("en_US")
            _send(link, _START_OK, start_ok)
            if _read(link) != _TUNE:
                return False
            _send(link, _TUNE_OK, struct.pack(">HIH", 1, 8192, 0))
            _send(link, _OPEN, _short(where.vhost) + _short("") + b"\x00")
            return _read(link) == _OPEN_OK
    except (OSError, struct.error):
        return False


def _send(link: socket.socket, method: tuple[int, int], arguments: bytes) -> None:
    payload = struct.pack(">HH", *method) + arguments
    link.sendall(struct.pack(">BHI", _METHOD, 0, len(payload)) + payload + _FRAME_END)


def _read(link: socket.socket) -> tuple[int, int]:
    _kind, _channel, size = struct.unpack(">BHI", _exactly(link, 7))
    payload = _exactly(link, size + 1)
    first, second = struct.unpack(">HH", payload[:4])
    return (first, second)


def _exactly(link: socket.socket, size: int) -> bytes:
    chunks = bytearray()
    while len(chunks) < size:
        chunk = link.recv(size - len(chunks))
        if not chunk:
            raise ConnectionError("the broker hung up")
        chunks += chunk
    return bytes(chunks)


def _short(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">B", len(raw)) + raw


def _long(raw: bytes) -> bytes:
    return struct.pack(">I", len(raw)) + raw
