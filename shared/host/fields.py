"""Which texts, days, moments and numbers does a door accept? Bounded, storable, written in one way only."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    StringConstraints,
    Tag,
)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
FIRST_YEAR, LAST_YEAR = 1800, 2099
"""Years of days and moments from outside: every zone can show them, and every limit of a policy that counts
from them lies within what the calendars reach (`shared/worktime`)."""
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


def day_in_reach(value: date) -> date:
    """The day. Raises ValueError outside the years of `FIRST_YEAR` to `LAST_YEAR`."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        msg = f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}; leave out what is not known"
        raise ValueError(msg)
    return value


def moment_in_reach(value: datetime) -> datetime:
    """The moment. Raises ValueError outside those years, as it is written or in UTC."""
    day_in_reach(value)
    # Only now: a moment of year 1 or 9999 may have no other zone's time at all.
    day_in_reach(value.astimezone(UTC))
    return value


def _number(value: Any) -> Any:
    # Python reads digits of every script, 1_000 and 1e3 too; the next program that hears of it may not.
    if not isinstance(value, bool) and (not isinstance(value, str) or _NUMBER.fullmatch(value)):
        return value
    msg = "must be a number in plain digits with a point before the fraction, e.g. 1234.50"
    raise ValueError(msg)


def _kind(value: Any) -> str:
    is_day = type(value) is date or (isinstance(value, str) and _DAY.fullmatch(value) is not None)
    return "day" if is_day else "moment"


Day = Annotated[date, BeforeValidator(_day), AfterValidator(day_in_reach)]
"""A day of the calendar, 2026-07-14 and nothing else."""
Instant = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(moment_in_reach)]
"""A moment with its offset, as RFC 3339 writes it."""
Number = Annotated[Decimal, BeforeValidator(_number)]
"""A figure: a JSON number, or a text of ASCII digits, sign and point."""
DayOrInstant = Annotated[Annotated[Day, Tag("day")] | Annotated[Instant, Tag("moment")], Discriminator(_kind)]
"""A day only where nothing but a day is written: midnight with an offset is a moment like any other."""


class Body(BaseModel):
    """A request body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """A response body."""

    model_config = ConfigDict(frozen=True)
