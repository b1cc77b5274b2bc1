"""Which texts, days, moments and numbers does a door accept? Bounded, storable, written in one way only."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, StringConstraints

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
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


def _day(value: Any) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    if type(value) is date:
        return value
    msg = "must be a day, written 2026-07-14"
    raise ValueError(msg)


def _moment(value: Any) -> Any:
    # Bare digits, e.g. 20261128, would be taken for seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.match(value)):
        return value
    msg = "must be a moment with its offset, written 2026-07-14T09:30:00+08:00"
    raise ValueError(msg)


def _number(value: Any) -> Any:
    # Python reads digits of every script, 1_000 and 1e3 too; the next program that hears of it may not.
    if not isinstance(value, bool) and (not isinstance(value, str) or _NUMBER.fullmatch(value)):
        return value
    msg = "must be a number in plain digits with a point before the fraction, e.g. 1234.50"
    raise ValueError(msg)


Day = Annotated[date, BeforeValidator(_day)]
"""A day of the calendar, 2026-07-14 and nothing else."""
Instant = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A moment with its offset, as RFC 3339 writes it."""
Number = Annotated[Decimal, BeforeValidator(_number)]
"""A figure: a JSON number, or a text of ASCII digits, sign and point."""


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """A response body."""

    model_config = ConfigDict(frozen=True)
