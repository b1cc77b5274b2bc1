"""Who works where, and who stands in for whom? The company as plain values."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from shared.worktime import Calendar

if TYPE_CHECKING:
    from shared.policy.profile import Profile

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
    means all of them, no `capacity` that nobody has set a limit.
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
    languages: tuple[str, ...] = ()
    """Spoken with customers besides `language`."""
    skills: tuple[str, ...] = ()
    """What a row of the routing matrix can ask for."""
    capacity: int | None = None
    """The most open cases at a time."""
    present: bool = True
    """No: not at work until further notice; an absence has an end."""

    def works_at(self, site: str) -> bool:
        """Whether the person's roles hold at this site."""
        return not self.sites or site in self.sites

    def is_there(self, moment: datetime) -> bool:
        """Whether the person is at work in these days (RCS-03)."""
        for absence in self.absences:
            if absence.since <= moment < absence.until:
                return False
        return self.present

    def speaks(self, language: str) -> bool:
        """Whether the person can talk to such a customer; `zh-CN` is `zh`."""
        spoken = language.partition("-")[0]
        return spoken == self.language or spoken in self.languages

    def can(self, skills: tuple[str, ...]) -> bool:
        """Whether the person has all of these skills."""
        return all(skill in self.skills for skill in skills)


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
    closed_from: date | None = None
    """From this local day on it takes no new complaints; what it has is served to its end."""

    def is_closed_on(self, day: date) -> bool:
        """Whether the site takes no complaints any more that are received on that local day."""
        return self.closed_from is not None and day >= self.closed_from


@dataclass(frozen=True, slots=True)
class Successors:
    """Who takes over from whoever has left, by id (docs/decisions/0060)."""

    __pydantic_config__ = STRICT

    people: Mapping[str, str] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)


class Seat(NamedTuple):
    """What the choice of a person asks of each member, looked up once."""

    person: Person
    id: str
    capacity: int | None
    measure: int
    """By what the load is divided: the capacity, or what is ours where nobody has set one."""
    languages: frozenset[str]


_UNLIMITED = 20
"""By what the load of somebody without a capacity is measured, so that they are not always the least busy."""


def seat_of(person: Person) -> Seat:
    """The person as the choice sees them."""
    return Seat(
        person,
        person.id,
        person.capacity,
        person.capacity or _UNLIMITED,
        frozenset((person.language, *person.languages)),
    )


@dataclass(frozen=True, slots=True)
class Organisation:
    """Sites, departments, people and calendars; `version` is the hash of its content."""

    __pydantic_config__ = STRICT

    name: str
    sites: Mapping[str, Site]
    departments: Mapping[str, Department]
    people: Mapping[str, Person]
    calendars: Mapping[str, Calendar]
    successors: Successors = field(default_factory=Successors)
    version: str = ""
    seats: dict[tuple[str, str], tuple[Seat, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Rosters that were asked for, kept for speed; no part of what an organisation is."""
    holders: dict[tuple[str, str], tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The same for roles."""

    def roster(self, department: str, site: str) -> tuple[Seat, ...]:
        """The people of the department at this site, its managers included, by their ids."""
        known = self.seats.get((department, site))
        if known is None:
            unit = self.departments.get(department)
            members = [self.people[m] for m in unit.members if m in self.people] if unit else []
            here = sorted((p for p in members if self._serves(p, site)), key=lambda p: p.id)
            known = self.seats[department, site] = tuple(seat_of(person) for person in here)
        return known

    def seat(self, person: str) -> Seat:
        """The seat of a person, wherever they work. Raises KeyError."""
        known = self.seats.get(("", person))
        if known is None:
            known = self.seats["", person] = (seat_of(self.people[person]),)
        return known[0]

    def holders_of(self, role: str, site: str) -> tuple[str, ...]:
        """Ids of the people who hold the role at this site, sorted."""
        known = self.holders.get((role, site))
        if known is None:
            people = self.people.values()
            known = tuple(sorted(p.id for p in people if role in p.roles and self._serves(p, site)))
            self.holders[role, site] = known
        return known

    def _serves(self, person: Person, site: str) -> bool:
        """A site that has left nobody names any more: everybody of the role or department serves its rest."""
        return person.works_at(site) or site not in self.sites

    def heir_of(self, person: str) -> str | None:
        """Who took over from a person that has left, over several hands; None: nobody who is here."""
        return _heir(person, self.successors.people, self.people)

    def heir_of_department(self, department: str) -> str | None:
        """The same for a department."""
        return _heir(department, self.successors.departments, self.departments)


@dataclass(frozen=True, slots=True)
class Stage:
    """An organisation and the moment from which on it is in force (`from:`)."""

    since: datetime
    organisation: Organisation
    gone: Mapping[str, LastKnown] = field(default_factory=dict)
    """Sites that were there before and that this organisation does not name."""


@dataclass(frozen=True, slots=True)
class LastKnown:
    """A site as it was when it was last in force; its open work is served by this to its end."""

    site: Site
    calendar: Calendar
    profile: Profile


def _heir(one: str, successors: Mapping[str, str], there: Container[str]) -> str | None:
    for _ in range(len(successors)):
        if one in there or one not in successors:
            break
        one = successors[one]
    return one if one in there else None
