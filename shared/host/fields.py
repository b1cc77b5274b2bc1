"""Which texts does a door accept? Bounded ones without control characters that PostgreSQL cannot keep."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MORE_THAN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _storable(value: str) -> str:
    if _UNSTORABLE.search(value):
        msg = "must not hold NUL or lone surrogates"
        raise ValueError(msg)
    return value


def _one_line(value: str) -> str:
    if _MORE_THAN_A_LINE.search(value):
        msg = "must be one line, without line breaks, tabs and other control characters"
        raise ValueError(msg)
    return value


SingleLine = AfterValidator(_one_line)
"""What stands in one line of mails and papers brings no lines of its own, and no text of somebody else's."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_storable), SingleLine]
"""One line: a name, a code, a reference."""
OptionalLine = Annotated[str, StringConstraints(max_length=200), AfterValidator(_storable), SingleLine]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_storable)]
"""What somebody writes."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", max_length=64)]
"""A name out of policy or organisation."""


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """A response body."""

    model_config = ConfigDict(frozen=True)
