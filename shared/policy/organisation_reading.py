"""What does an organisation file say, with everything filled in that it says only once?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.errors import Rejected
from shared.policy.document import Document
from shared.policy.layers import version_of
from shared.policy.organisation import Absence, Department, Organisation, Person
from shared.policy.problems import Keys, Problem, keys_of
from shared.policy.shaping import shape
from shared.worktime import Calendar


def read_calendars(
    document: Document,
) -> tuple[Mapping[str, Calendar], tuple[str, ...], list[Problem]]:
    """The calendars that can be used, the names of all that are declared, and what is wrong."""
    written = document.value.get("calendars")
    calendars: dict[str, Calendar] = {}
    problems: list[Problem] = []
    if not isinstance(written, dict):
        return {}, (), problems  # the shape of the organisation says so
    for name, value in written.items():
        if not isinstance(value, dict):
            keys: Keys = ("calendars", name)
            problems.append(document.problem(keys, "is no calendar", "Give its `weekly_hours:`."))
            continue
        try:
            calendars[name] = Calendar.from_mapping({"name": name, **value})
        except Rejected as error:
            keys = ("calendars", name, *keys_of(error.field or ""))
            detail = error.detail.rstrip(".")
            problems.append(document.problem(keys, detail, error.remedy or ""))
    return calendars, tuple(written), problems


def read_organisation(
    document: Document, calendars: Mapping[str, Calendar]
) -> tuple[Organisation | None, list[Problem]]:
    """The organisation, or None with what is wrong with its shape."""
    if not document.value:
        return None, []
    value = {key: inner for key, inner in document.value.items() if key != "extends"}
    for part in ("sites", "departments", "people"):
        if isinstance(value.get(part), dict):
            value[part] = {key: _with_id(key, inner) for key, inner in value[part].items()}
    if isinstance(value.get("calendars"), dict):
        value["calendars"] = calendars
    prepared = replace(document, value=value)
    organisation, problems = shape(Organisation, prepared)
    wrong = list(problems)
    wrong += [document.problem(keys, "must be set", "Fill it in.") for keys in document.placeholders()]
    if organisation is None:
        return None, wrong
    return _completed(replace(organisation, version=version_of(document.value))), wrong


def _with_id(key: str, inner: Any) -> Any:
    return {**inner, "id": key} if isinstance(inner, dict) else inner


def _completed(organisation: Organisation) -> Organisation:
    """Departments know the people who name them, people know the departments that name them."""
    departments = organisation.departments
    people = {
        person.id: replace(
            person,
            departments=_departments_of(person, departments),
            absences=tuple(_aware(absence, person, organisation) for absence in person.absences),
        )
        for person in organisation.people.values()
    }
    members = {
        name: replace(department, members=_members_of(department, people))
        for name, department in departments.items()
    }
    return replace(organisation, people=people, departments=members)


def _departments_of(person: Person, departments: Mapping[str, Department]) -> tuple[str, ...]:
    named = (d.id for d in departments.values() if person.id in _named_by(d))
    return tuple(dict.fromkeys((*person.departments, *named)))


def _members_of(department: Department, people: Mapping[str, Person]) -> tuple[str, ...]:
    own = (person.id for person in people.values() if department.id in person.departments)
    return tuple(dict.fromkeys((*_named_by(department), *own)))


def _named_by(department: Department) -> tuple[str, ...]:
    leaders = (department.manager, *department.managers.values())
    return tuple(dict.fromkeys((*(one for one in leaders if one), *department.members)))


def _aware(absence: Absence, person: Person, organisation: Organisation) -> Absence:
    """Times without an offset are the local times of the person's first site."""
    site = organisation.sites.get(person.sites[0]) if person.sites else None
    if site is None:
        return absence
    try:
        zone = ZoneInfo(site.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return absence

    def local(moment: datetime) -> datetime:
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    return Absence(local(absence.since), local(absence.until))
