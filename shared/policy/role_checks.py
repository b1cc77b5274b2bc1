"""Is there somebody at each site for everything that a profile asks of people and departments?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shared.policy.document import Document
from shared.policy.model import Rulebook
from shared.policy.problems import Keys, Problem, did_you_mean
from shared.policy.profile import Profile
from shared.policy.records import CUSTOMER
from shared.policy.vocabulary import HANDLER, SELF_ROLES

Named = tuple[Keys, str, str | None]
"""Where it stands, the role, and the department if the row names one."""


def check_roles(rules: Rulebook, document: Document, profile: Profile, site: str) -> Iterator[Problem]:
    """Roles that nobody holds at the site: their alarms and signatures would reach nobody."""
    for keys, role, department in roles_named(profile):
        yield from _held(rules, document, keys, profile, site, role, department)
    for keys, role in deciders_named(profile):
        if role != HANDLER:
            yield from _held(rules, document, keys, profile, site, role, None)


def check_units(rules: Rulebook, document: Document, profile: Profile) -> Iterator[Problem]:
    """Departments that do not exist, and keepers that are neither a department nor a role."""
    departments = rules.organisation.departments
    for keys, department in departments_named(profile):
        if department not in departments:
            remedy = did_you_mean(department, departments)
            yield document.problem(keys, f"no department {department} is known", remedy)
    people = rules.organisation.people
    known = {*departments, *people, *SELF_ROLES, HANDLER, *(r for p in people.values() for r in p.roles)}
    for keys, unit in units_named(profile):
        if unit and unit not in known:
            remedy = did_you_mean(unit, known)
            yield document.problem(keys, f"no department or role {unit} is known", remedy)


def _held(
    rules: Rulebook,
    document: Document,
    keys: Keys,
    profile: Profile,
    site: str,
    role: str,
    department: str | None,
) -> Iterator[Problem]:
    if role == "department.manager":
        yield from _managers(rules, document, keys, profile, site, department)
    elif not rules.holders(role, site=site, department=department):
        roles = {role for person in rules.organisation.people.values() for role in person.roles}
        remedy = did_you_mean(role, {*roles, *SELF_ROLES, *rules.organisation.people})
        yield document.problem(keys, f"nobody at site {site} holds the role {role}", remedy)


def _managers(
    rules: Rulebook, document: Document, keys: Keys, profile: Profile, site: str, lead: str | None
) -> Iterator[Problem]:
    for department in dict.fromkeys([lead] if lead else [row.lead for row in profile.routing]):
        if department not in rules.organisation.departments:
            continue
        if not rules.holders("department.manager", site=site, department=department):
            detail = f"department {department} has no manager at site {site}"
            yield document.problem(keys, detail, f"Give departments.{department} a `manager`.")


def roles_named(profile: Profile) -> Iterator[Named]:
    """Who is told or called: the ladder, the matrix, fan-out."""
    for index, level in enumerate(profile.escalation):
        yield from _each(("escalation", index, "to"), level.to)
    for index, row in enumerate(profile.routing):
        yield from _each(("routing", index, "inform"), row.inform, row.lead)
        yield from _each(("routing", index, "in_person"), row.in_person, row.lead)
    for index, added in enumerate(profile.fan_out):
        yield from _each(("fan_out", index, "inform"), added.inform)


def deciders_named(profile: Profile) -> Iterator[tuple[Keys, str]]:
    """Who decides, signs, pays or closes; `handler` may stand here."""
    lists: list[tuple[Keys, Sequence[str]]] = [
        (("intake", "decline_by"), profile.intake.decline_by),
        (("extension", "approver"), profile.extension.approver),
        (("extension", "inform"), profile.extension.inform),
        (("disputes", "to"), profile.disputes.to),
        (("site_survey", "decided_by"), profile.site_survey.decided_by),
        (("corrective", "decided_by"), profile.corrective.decided_by),
        (("warranty", "exception_by"), profile.warranty.exception_by),
        (("stand_ins",), profile.stand_ins),
        (("last_resort",), profile.last_resort),
        (("reported_to",), profile.reported_to),
    ]
    lists += [(("modes", at, "decided_by"), row.decided_by) for at, row in enumerate(profile.modes)]
    lists += [(("liability", name, "exception_by"), r.exception_by) for name, r in profile.liability.items()]
    for at, row in enumerate(profile.approval):
        for part in ("close", "pay", "report_to"):
            lists.append((("approval", at, part), getattr(row, part)))
        lists += [(("approval", at, "sign", i, "by"), signature.by) for i, signature in enumerate(row.sign)]
    for at, remedy in enumerate(profile.remedy_rules):
        lists.append((("remedy_rules", at, "approve_by"), remedy.approve_by))
        lists.append((("remedy_rules", at, "exception_by"), remedy.exception_by))
    for at, clock in enumerate(profile.clocks):
        lists += [
            (("clocks", at, "limits", i, "agreed_by"), row.agreed_by) for i, row in enumerate(clock.limits)
        ]
    for at, plan in enumerate(profile.surveys):
        lists += [(("surveys", at, "steps", i, "consent"), step.consent) for i, step in enumerate(plan.steps)]
    lists += [
        (("records", code, "signed_by"), [one for one in record.signed_by if one != CUSTOMER])
        for code, record in profile.records.items()
    ]
    for keys, names in lists:
        yield from (((*keys, at), name) for at, name in enumerate(names))


def departments_named(profile: Profile) -> Iterator[tuple[Keys, str]]:
    """Who leads, assists, analyses, verifies and writes."""
    lists: list[tuple[Keys, Sequence[str]]] = [
        (("joint_analysis",), profile.joint_analysis),
        (("corrective", "verified_by"), profile.corrective.verified_by),
    ]
    lists += [(("fan_out", at, "assist"), row.assist) for at, row in enumerate(profile.fan_out)]
    for at, row in enumerate(profile.routing):
        yield ("routing", at, "lead"), row.lead
        lists.append((("routing", at, "assist"), row.assist))
    if profile.speaker:
        yield ("speaker",), profile.speaker
    for keys, names in lists:
        yield from (((*keys, at), name) for at, name in enumerate(names))


def units_named(profile: Profile) -> Iterator[tuple[Keys, str]]:
    """Keepers and owners, which may be departments or roles."""
    yield ("custody", "original"), profile.custody.original
    yield from (((("custody", "copies", at)), name) for at, name in enumerate(profile.custody.copies))
    yield ("customer_file", "kept_by"), profile.customer_file.kept_by
    yield from ((("grades", at, "owner"), grade.owner) for at, grade in enumerate(profile.grades))
    yield from ((("records", code, "by"), record.by) for code, record in profile.records.items())
    for at, plan in enumerate(profile.surveys):
        for part in ("designer", "field_unit", "analyst"):
            yield ("surveys", at, part), getattr(plan, part)


def _each(keys: Keys, names: Iterable[str], department: str | None = None) -> Iterator[Named]:
    yield from (((*keys, at), name, department) for at, name in enumerate(names))
