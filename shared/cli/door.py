"""How does a command talk to a service? JSON over HTTP, patient while the service restarts."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

from shared.errors import Rejected, Unavailable

_PASSING = frozenset({429, 502, 503, 504})
_HAS_TOO_MUCH_TO_DO = "bulk-backlog"
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said."""

    status: int
    body: Mapping[str, Any]
    after_seconds: float = 0.0
    """What `Retry-After` asks for; 0: nothing."""

    def refusal(self) -> Rejected:
        """The problem details as an error of our own."""
        errors = self.body.get("errors") or [{}]
        return Rejected(
            str(self.body.get("code", f"http-{self.status}")),
            str(errors[0].get("detail") or self.body.get("detail", "no reason given")),
            field=errors[0].get("field") or self.body.get("field"),
            remedy=self.body.get("remedy"),
        )


class Door:
    """One service, closed by `with`; each thread keeps a connection of its own."""

    def __init__(self, url: str, token: str, *, timeout_seconds: float = 60) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Rejected("bad-url", f"{url} is not an http address", field="url")
        self._url = url
        self._parts = parts
        self._timeout_seconds = timeout_seconds
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        self._own = threading.local()
        self._all: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Self:
        """The door, to be closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every thread's connection."""
        for connection in self._all:
            connection.close()

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to this body. A service that is away is tried again for a quarter of a minute, and one
        that has too much to do (`bulk-backlog`) for as long as it says so.

        Only for requests that may be repeated. Raises Unavailable when patience is at its end.
        """
        return self._patiently("POST", path, body, headers or {})

    def get(self, path: str) -> Answer:
        """What the service shows there, with the same patience. Raises Unavailable."""
        return self._patiently("GET", path, b"", {})

    def _patiently(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        reason = ""
        for pause_seconds in (*PAUSES_SECONDS, None):
            try:
                answer = self._once(method, path, body, headers)
                while answer.body.get("code") == _HAS_TOO_MUCH_TO_DO:
                    time.sleep(answer.after_seconds or 1.0)
                    answer = self._once(method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                # A closed connection opens itself anew with the next request.
                self._connection().close()
                reason = str(error) or type(error).__name__
            else:
                if answer.status not in _PASSING:
                    return answer
                reason = str(answer.body.get("detail", answer.status))
            if pause_seconds is not None:
                time.sleep(pause_seconds)
        raise Unavailable(
            f"{self._url} does not answer: {reason}",
            field="url",
            remedy="Start it with `kesu up`, then run the command again: nothing is added twice.",
        )

    def _once(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = self._connection()
        connection.request(method, self._parts.path + path, body, {**self._headers, **headers})
        response = connection.getresponse()
        raw = response.read()
        try:
            parsed = orjson.loads(raw) if raw else {}
        except orjson.JSONDecodeError:
            parsed = {"detail": raw[:200].decode("utf-8", "replace")}
        after = response.getheader("Retry-After", "")
        return Answer(
            response.status,
            parsed if isinstance(parsed, dict) else {},
            float(after) if after.isdecimal() else 0.0,
        )

    def _connection(self) -> http.client.HTTPConnection:
        kept: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is None:
            secure = self._parts.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            kept = kind(str(self._parts.hostname), self._parts.port, timeout=self._timeout_seconds)
            self._own.connection = kept
            self._all.append(kept)
        return kept
