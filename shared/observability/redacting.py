"""What must never stand in a log, whoever wrote the line? The secrets of links, in a library's words too."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

_PLACEHOLDER = "[secret]"
_SHORTEST = 20
_SECRET = rf"(?:[./]|%2[EeFf])[A-Za-z0-9_-]{{{_SHORTEST},}}"
# The doors of links are one letter long: case, alarm, sheet, presence, survey. What stands between door
# and secret names whose link it is, which is no secret.
_IN_A_PATH = re.compile(rf"((?:/|%2[Ff])[acdps](?:/|%2[Ff])[^\s\"'<>?#]{{1,200}}?){_SECRET}")
_AFTER_AN_ID = re.compile(
    rf"([0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}(?:~[^\s./]{{1,20}})?){_SECRET}"
)


def without_secrets(text: str) -> str:
    """The text with the secret of every link replaced; what it opens is left."""
    for pattern in (_IN_A_PATH, _AFTER_AN_ID):
        text = pattern.sub(rf"\1.{_PLACEHOLDER}", text)
    return text


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog, to stand behind those that write out exceptions."""
    for name, value in line.items():
        if isinstance(value, str) and len(value) > _SHORTEST:
            line[name] = without_secrets(value)
    return line
