"""What does one word of a YAML file mean? What it says, and never something else (ADR 0059).

YAML 1.1 reads `NO` as false, `9:30` as 570, `010` as 8, `1.10` as 1.1 and `2026-10-01` as a date. Here a
plain word is a number, true, false or nothing only if it can be written back as it stood; anything else
stays the text that was written, and the field that takes it reads it by its own type.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FRACTION = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_CORE = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null"))
_TEXT = "tag:yaml.org,2002:str"


def read_scalar(text: str, tag: str) -> Scalar:
    """The value of a scalar with this tag: `!` of a quoted one, empty for a plain one.

    Raises ValueError for a tag that turns a text into something else than the plain values of YAML.
    """
    if tag and tag != "!" and tag not in _CORE:
        raise ValueError(f"has the tag {tag}")
    if tag in {"!", _TEXT}:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text) and repr(number := float(text)) == text:
        return number
    return text
