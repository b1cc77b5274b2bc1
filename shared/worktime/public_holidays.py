"""Which days of a year does a country or region keep as public holidays or make-up working days?

The only module of the engine that leans on the `holidays` library (about 250 countries, and for
China the State Council's yearly exchange of weekends for bridge days, as far as it is announced:
later years know only the statutory days, so a calendar in use needs the library's next release).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays
from holidays.version import __version__ as version

from shared.errors import Rejected

ENGLISH, CHINESE = "en_US", "zh_CN"
EDITION = version
"""What is known of public days: another release of the library may know other days of the same year."""


@dataclass(frozen=True, slots=True)
class PublicDays:
    """One year of a country or region: holidays by name, and weekend days that are worked."""

    off: Mapping[date, str]
    off_zh: Mapping[date, str]
    worked: frozenset[date]


@lru_cache(maxsize=1024)
def public_days(country: str, subdivision: str, year: int) -> PublicDays:
    """The public days of that calendar year. Names do not depend on the machine's locale.

    Raises Rejected('unknown-country') for a country or subdivision the library does not know.
    """
    english = _load(country, subdivision, year, ENGLISH)
    chinese = _load(country, subdivision, year, CHINESE)
    worked = getattr(english, "weekend_workdays", None) or set()
    return PublicDays(
        off=dict(english.items()),
        off_zh=dict(chinese.items()),
        worked=frozenset(day for day in worked if day.year == year),
    )


def _load(country: str, subdivision: str, year: int, language: str) -> holidays.HolidayBase:
    try:
        kind = holidays.country_holidays(country, subdiv=subdivision or None).__class__
    except NotImplementedError as unknown:
        raise Rejected(
            "unknown-country",
            f"No public holidays are known for {country!r} {subdivision!r}.",
            field="holidays",
            remedy="Use an ISO 3166 country code and its subdivision code, or list the dates.",
        ) from unknown
    spoken = language if language in kind.supported_languages else _fallback(kind)
    return kind(subdiv=subdivision or None, years=year, language=spoken)


def _fallback(kind: type[holidays.HolidayBase]) -> str | None:
    return ENGLISH if ENGLISH in kind.supported_languages else kind.default_language
