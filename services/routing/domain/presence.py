"""Is a person at work by their own word? What was said last, over what the organisation file says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from shared.ids import derived_id
from shared.participation import LINK_LIFETIME
from shared.policy.attendance import Switch
from shared.policy.model import Person, Rulebook

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_DAY = "~"


@dataclass(frozen=True, slots=True)
class Presence:
    """One person's switch; `complaint_id` is the id of the person, which no complaint can have."""

    complaint_id: UUID
    site: str
    person: str
    present: bool
    at: datetime
    by: str
    until: datetime | None = None
    """Exclusive; None: until something else is said."""

    @property
    def wake_at(self) -> datetime | None:
        """Never: what has ended is simply no longer asked."""
        return None

    @property
    def switch(self) -> Switch:
        """The same as decisions ask for it."""
        return Switch(self.present, self.until)


def presence_id(person: str) -> UUID:
    """The id under which the person's switch is kept and told: the same one on every host."""
    return derived_id(_BEGINNING, "presence", person)


def home_of(person: Person, rules: Rulebook) -> str:
    """The site in whose name it is told: the first of the person's, else of the company."""
    return next(iter((*person.sites, *rules.organisation.sites)))


def file_says_until(person: Person, moment: datetime) -> datetime | None:
    """When the absence of the organisation file that holds now is over; None: no end is written."""
    return max((one.until for one in person.absences if one.since <= moment < one.until), default=None)


def link_name(person: str, now: datetime) -> str:
    """What the link of the person's switch names: whose it is and its last day (UTC)."""
    return f"{person}{_LAST_DAY}{(now + LINK_LIFETIME).date().isoformat()}"


def person_named(name: str, now: datetime) -> str | None:
    """Whose switch a link of that name opens; None: it has expired, or names no day."""
    person, _, day = name.rpartition(_LAST_DAY)
    try:
        last = date.fromisoformat(day)
    except ValueError:
        return None
    return person if now.astimezone(UTC).date() <= last else None
