"""Does the organisation name only what exists, and can its sites live by their profiles?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from zoneinfo import available_timezones

from shared.addresses import is_mailbox
from shared.policy.document import Document
from shared.policy.model import Rulebook
from shared.policy.organisation import Organisation, Person
from shared.policy.problems import Keys, Problem, did_you_mean
from shared.policy.profile import Profile
from shared.policy.role_checks import check_roles, check_units
from shared.policy.rules import When
from shared.policy.table import Row
from shared.policy.vocabulary import LANGUAGES

CUSTOMER = "customer"
"""Stands for the customer in notices and commands."""
_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+$")


def check_organisation(
    organisation: Organisation,
    document: Document,
    profiles: Iterable[str],
    calendars: Iterable[str],
) -> Iterator[Problem]:
    """Names that lead nowhere, circles of stand-ins, absences that end before they begin."""
    yield from _check_sites(organisation, document, set(profiles), set(calendars))
    people = organisation.people
    for name, department in organisation.departments.items():
        where: Keys = ("departments", name)
        yield from _known(document, (*where, "manager"), department.manager, people, "person")
        for index, member in enumerate(department.members):
            yield from _known(document, (*where, "members", index), member, people, "person")
        for site, manager in department.managers.items():
            keys = (*where, "managers", site)
            yield from _known(document, keys, site, organisation.sites, "site")
            yield from _known(document, keys, manager, people, "person")
        yield from _text(document, (*where, "name"), department.name)
    for person in people.values():
        yield from _check_person(organisation, document, person)


@cache
def _zones() -> frozenset[str]:
    """Looked for in hundreds of files, which do not change while we run."""
    return frozenset(available_timezones())


def _check_sites(
    organisation: Organisation, document: Document, profiles: set[str], calendars: set[str]
) -> Iterator[Problem]:
    zones = _zones()
    for name, site in organisation.sites.items():
        where: Keys = ("sites", name)
        if not name.isascii() or not name.isalnum() or not name.islower():
            remedy = "It is one word of the routing key: write lower-case letters and digits only."
            yield document.problem(where, f"{name} is no id of a site", remedy)
        yield from _known(document, (*where, "timezone"), site.timezone, zones, "time zone")
        yield from _known(document, (*where, "calendar"), site.calendar, calendars, "calendar")
        hours = organisation.calendars.get(site.calendar)
        if hours is not None and hours.timezone != site.timezone:
            detail = f"counts in {hours.timezone}, not in {site.timezone}"
            remedy = "Give the site a calendar of its own time zone."
            yield document.problem((*where, "calendar"), detail, remedy)
        yield from _known(document, (*where, "profile"), site.profile, profiles, "profile")
        yield from _known(document, (*where, "language"), site.language, LANGUAGES, "language")
        yield from _known(document, (*where, "manager"), site.manager, organisation.people, "person")
        desk = site.triage_desk
        departments = organisation.departments
        yield from _known(document, (*where, "triage_desk"), desk, departments, "department")
        yield from _text(document, (*where, "name"), site.name)


def _check_person(organisation: Organisation, document: Document, person: Person) -> Iterator[Problem]:
    where: Keys = ("people", person.id)
    if person.id == CUSTOMER or person.id.startswith("@"):
        remedy = "Give the person another id: notices to this one are for customers, or for the suite itself."
        yield document.problem(where, f"{person.id} is no id of a person", remedy)
    for index, site in enumerate(person.sites):
        yield from _known(document, (*where, "sites", index), site, organisation.sites, "site")
    for index, department in enumerate(person.departments):
        keys = (*where, "departments", index)
        yield from _known(document, keys, department, organisation.departments, "department")
    yield from _known(document, (*where, "language"), person.language, LANGUAGES, "language")
    yield from _known(document, (*where, "stand_in"), person.stand_in, organisation.people, "person")
    circle = _circle(organisation, person)
    if circle and person.id == min(circle):
        detail = f"goes round in a circle: {' -> '.join((*circle, person.id))}"
        yield document.problem((*where, "stand_in"), detail, "Name somebody outside of it.")
    for index, language in enumerate(person.languages):
        yield from _known(document, (*where, "languages", index), language, LANGUAGES, "language")
    if person.capacity is not None and person.capacity < 0:
        remedy = "Write 0 for none, or leave it out for no limit."
        yield document.problem((*where, "capacity"), f"{person.capacity} is no number of cases", remedy)
    for index, contact in enumerate(person.contacts):
        if not is_mailbox(contact) and not _CHANNEL.match(contact):
            remedy = "Write name@company.example, or the URL of a channel, for example dingtalk://token."
            yield document.problem((*where, "contacts", index), "is no mail address and no URL", remedy)
    for part in ("skills", "languages", "roles", "departments", "sites"):
        yield from _once(document, (*where, part), getattr(person, part))
    yield from _check_absences(document, where, person)


def _check_absences(document: Document, where: Keys, person: Person) -> Iterator[Problem]:
    for index, absence in enumerate(person.absences):
        keys = (*where, "absences", index)
        if absence.since.tzinfo is None or absence.until.tzinfo is None:
            remedy = "Write the offset too, for example 2026-10-01T08:00:00+08:00, or give a site."
            yield document.problem(keys, "has no time zone", remedy)
        elif absence.since >= absence.until:
            yield document.problem(keys, "ends before it begins", "Mend since or until.")


def _once(document: Document, keys: Keys, words: Sequence[str]) -> Iterator[Problem]:
    for index, word in enumerate(words):
        if word in words[:index]:
            yield document.problem((*keys, index), f"{word} stands twice", "Remove one of them.")


def _circle(organisation: Organisation, person: Person) -> tuple[str, ...]:
    """The stand-ins from this person back to the same one; empty if there is an end to them."""
    way = [person.id]
    while (after := organisation.people.get(way[-1])) and after.stand_in:
        if after.stand_in == person.id:
            return tuple(way)
        if after.stand_in in way:
            break
        way.append(after.stand_in)
    return ()


def check_together(rules: Rulebook, profiles: Mapping[str, Document]) -> Iterator[Problem]:
    """What a profile asks of the sites that use it: departments, roles that somebody holds."""
    for name, site in rules.organisation.sites.items():
        if (profile := rules.profiles.get(site.profile)) is not None:
            document = profiles[site.profile]
            yield from check_units(rules, document, profile)
            yield from _check_conditions(rules, document, profile)
            yield from check_roles(rules, document, profile, name)
            yield from _check_skills(rules, document, profile, name)


def _check_skills(rules: Rulebook, document: Document, profile: Profile, site: str) -> Iterator[Problem]:
    """Rows that ask for skills which nobody of the department has: they would only fill the triage desk."""
    for index, row in enumerate(profile.routing):
        people = [seat.person for seat in rules.organisation.roster(row.lead, site)]
        known = sorted({skill for person in people for skill in person.skills})
        for at, skill in enumerate(row.skills):
            keys: Keys = ("routing", index, "skills", at)
            if people and skill not in known:
                detail = f"nobody of {row.lead} at site {site} has the skill {skill}"
                remedy = did_you_mean(skill, known) if known else "Give somebody `skills:` there."
                yield document.problem(keys, detail, remedy)
        able = [person for person in people if person.can(row.skills)]
        if people and not able and all(skill in known for skill in row.skills):
            detail = f"nobody of {row.lead} at site {site} has all of these skills"
            yield document.problem(("routing", index, "skills"), detail, "Ask for fewer, or part the row.")


def _check_conditions(rules: Rulebook, document: Document, profile: Profile) -> Iterator[Problem]:
    for keys, when in _conditions(profile):
        for index, site in enumerate(when.site):
            ways = (*keys, "when", "site", index)
            yield from _known(document, ways, site, rules.organisation.sites, "site")


def _conditions(profile: Profile) -> Iterator[tuple[Keys, When]]:
    tables: dict[str, Sequence[Row]] = {
        "routing": profile.routing,
        "severity": profile.severity,
        "fan_out": profile.fan_out,
        "modes": profile.modes,
    }
    for name, rows in tables.items():
        yield from (((name, at), row.when) for at, row in enumerate(rows))
    for index, clock in enumerate(profile.clocks):
        yield from ((("clocks", index, "limits", i), row.when) for i, row in enumerate(clock.limits))


def _known(
    document: Document, keys: Keys, name: str | None, known: Iterable[str], what: str
) -> Iterator[Problem]:
    if name is not None and name not in known:
        yield document.problem(keys, f"no {what} {name} is known", did_you_mean(name, known))


def _text(document: Document, keys: Keys, text: Mapping[str, str]) -> Iterator[Problem]:
    if not text:
        yield document.problem(keys, "is empty", "Give a text for at least one language.")
