"""What does a broker's management API say, and what can be changed through it?"""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from shared.errors import Unavailable

_OK = range(200, 300)


class Management:
    """The management API of one broker; `url` is `http://user:password@host:port`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._secure = parts.scheme == "https"
        self._port = parts.port or 15672
        self._user = unquote(parts.username or "guest")
        secret = f"{self._user}:{unquote(parts.password or 'guest')}"
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(secret.encode()).decode(),
            "Content-Type": "application/json",
        }

    def answers(self) -> bool:
        """Whether the API is there and knows us."""
        try:
            self.call("GET", "/api/whoami")
        except Unavailable:
            return False
        return True

    def add_vhost(self, name: str) -> None:
        """Make the virtual host and give our user every right on it; takes some 20 ms."""
        self.call("PUT", f"/api/vhosts/{quote(name, safe='')}")
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        place = f"/api/permissions/{quote(name, safe='')}/{quote(self._user, safe='')}"
        self.call("PUT", place, everything)

    def delete_vhost(self, name: str) -> None:
        """Drop the virtual host with all its queues and connections."""
        self.call("DELETE", f"/api/vhosts/{quote(name, safe='')}")

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # Any: JSON
        """The JSON that the API answers, or None. Raises Unavailable for any other answer."""
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        link = kind(self._host, self._port, timeout=30)
        try:
            payload = None if method == "GET" else json.dumps(body or {})
            link.request(method, path, payload, self._headers)
            answer = link.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException) as failure:
            raise Unavailable(
                f"RabbitMQ's management API at {self._host}:{self._port} does not answer.",
                code="no-management",
                remedy="Enable it with `rabbitmq-plugins enable rabbitmq_management`.",
            ) from failure
        finally:
            link.close()
        if answer.status not in _OK:
            raise Unavailable(
                f"RabbitMQ's management API answered {answer.status} to {method} {path}: "
                f"{raw.decode(errors='replace')[:200]}",
                code="broker-refused",
            )
        return json.loads(raw) if raw else None
