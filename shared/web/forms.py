"""What did a browser post?"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from pydantic import ValidationError

_MOST_FIELDS = 20


def posted(content: bytes, names: Iterable[str]) -> dict[str, str]:
    """The fields of these names that were filled in; never raises: what is unreadable was not entered."""
    try:
        pairs = parse_qsl(content.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    wanted = frozenset(names)
    # Browsers send line ends as CR LF and count them as one character.
    fields = {name: value.replace("\r\n", "\n") for name, value in pairs if name in wanted}
    return {name: value for name, value in fields.items() if value.strip()}


def fault_of(error: ValidationError) -> str:
    """The text that says what is wrong with a form: `too_long` for its comment alone, else `choose`."""
    wrong = {one["loc"][0] for one in error.errors()}
    return "too_long" if wrong == {"comment"} else "choose"
