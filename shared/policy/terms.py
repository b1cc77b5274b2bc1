"""By which rules was a promise made? A site's time zone, calendar, profile and laws, kept by their content.

A promise keeps the terms under which it was made until somebody has it computed anew, whatever the files
say meanwhile (docs/decisions/0071).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from shared.policy.layers import version_of
from shared.policy.profile import Profile
from shared.policy.statutes import Law
from shared.worktime import Calendar


@dataclass(frozen=True, slots=True)
class Terms:
    """All that due dates of a site depend on."""

    timezone: str
    calendar: Calendar
    profile: Profile
    laws: tuple[Law, ...] = ()
    public_days: str = ""
    """Release of the holidays library by which the calendar counted then; empty: it needs none."""
    version: str = field(default="", compare=False)
    """Hash of the content, given by `terms_of`: the same for the same rules from whatever files."""

    @property
    def is_countable(self) -> bool:
        """Whether its days are still known as they were: public days come from a library that is updated."""
        return self.public_days == self.calendar.public_days_edition


_ADAPTER: TypeAdapter[Terms] = TypeAdapter(Terms)
_CONTENT: Mapping[str, bool | set[str]] = {"calendar": {"memory"}, "version": True}
"""What is no part of the content: tables kept for speed, and the hash of the rest."""


def terms_of(timezone: str, calendar: Calendar, profile: Profile, laws: tuple[Law, ...]) -> Terms:
    """The terms with their version, made once for each set of the same values."""
    known: dict[tuple[object, ...], Terms] = calendar.memory.setdefault("terms", {})
    # By identity, because mappings have no hash; the terms keep the values alive, so no others get their ids.
    key = (timezone, id(profile), *(id(law) for law in laws))
    found = known.get(key)
    if found is None:
        plain = Terms(timezone, calendar, profile, laws, calendar.public_days_edition)
        found = known[key] = replace(plain, version=_version_of(plain))
    return found


def written(terms: Terms) -> bytes:
    """The terms as JSON."""
    return _ADAPTER.dump_json(terms, exclude=_CONTENT)


def read(version: str, content: str | bytes) -> Terms:
    """The terms of that version from what `written` gave."""
    return replace(_ADAPTER.validate_json(content), version=version)


def _version_of(terms: Terms) -> str:
    """The same for the same content in every process; as long as the versions of profiles."""
    return version_of(_ordered(_ADAPTER.dump_python(terms, exclude=_CONTENT)))


def _ordered(value: Any) -> Any:
    """Plain values in an order of their own: a set has another in every process."""
    if isinstance(value, Mapping):
        return sorted(
            ([str(key), _ordered(inner)] for key, inner in value.items()), key=lambda pair: str(pair[0])
        )
    if isinstance(value, (set, frozenset)):
        return sorted((_ordered(inner) for inner in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [_ordered(inner) for inner in value]
    return value
