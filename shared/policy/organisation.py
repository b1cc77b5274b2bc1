"""Who works where, and who stands in for whom? The company as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.worktime import Calendar

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away; until is exclusive, both are aware."""

    __pydantic_config__ = STRICT

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the organisation.

    A contact is a mail address or an Apprise URL and stays in the organisation file. No `sites`
    means all of them.
    """

    __pydantic_config__ = STRICT

    id: str
    name: str
    roles: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    language: str = "zh"
    contacts: tuple[str, ...] = ()
    stand_in: str | None = None
    absences: tuple[Absence, ...] = ()

    def works_at(self, site: str) -> bool:
        """Whether the person's roles hold at this site."""
        return not self.sites or site in self.sites


@dataclass(frozen=True, slots=True)
class Department:
    """A unit that complaints are given to; several sites may share it."""

    __pydantic_config__ = STRICT

    id: str
    name: Mapping[str, str]
    manager: str | None = None
    members: tuple[str, ...] = ()
    managers: Mapping[str, str] = field(default_factory=dict)
    """Managers by site, where a site has its own; elsewhere `manager` leads."""

    def manager_at(self, site: str) -> str | None:
        """Id of whoever leads this department at the site."""
        return self.managers.get(site, self.manager)


@dataclass(frozen=True, slots=True)
class Site:
    """A place with its own time zone, calendar, language and profile."""

    __pydantic_config__ = STRICT

    id: str
    name: Mapping[str, str]
    timezone: str
    calendar: str
    profile: str
    language: str = "zh"
    manager: str | None = None
    triage_desk: str | None = None
    """The department that takes what no rule can place."""
    laws: tuple[str, ...] = ()
    """Law packs whose clocks run beside the profile's, e.g. uk-disp."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Sites, departments, people and calendars; `version` is the hash of its content."""

    __pydantic_config__ = STRICT

    name: str
    sites: Mapping[str, Site]
    departments: Mapping[str, Department]
    people: Mapping[str, Person]
    calendars: Mapping[str, Calendar]
    version: str = ""
