"""Who is told in the moment in which somebody gets a case? Everybody whom the rules inform (SEV-03)."""

from __future__ import annotations

from services.routing.domain.case import Case
from shared.deciding import Notice
from shared.policy.model import Rulebook

TEMPLATE = "complaint-informed"
REOPENED = "complaint-informed-reopened"
MOVED = "complaint-informed-moved"


def inform_people(case: Case, rules: Rulebook, known: tuple[str, ...] = ()) -> tuple[Notice, ...]:
    """One notice for each person informed, in that person's language; `known` heard of it before.

    What was imported as history is nobody's news.
    """
    if case.history or not case.placement.informed:
        return ()
    return tuple(_notice(case, person, rules) for person in case.placement.informed if person not in known)


def inform_again(case: Case, rules: Rulebook, template: str) -> tuple[Notice, ...]:
    """One notice for each person whom the new placement informs, also for those who knew of the old one.

    The placement is the cause: whoever has been told of it is not told twice.
    """
    if case.history:
        return ()
    return tuple(_notice(case, person, rules, template) for person in case.placement.informed)


def _cause(case: Case) -> str:
    """The first placement of a case has the key that it always had."""
    return f"{case.round}.{len(case.former)}" if case.former else str(case.round)


def _notice(case: Case, person: str, rules: Rulebook, template: str = TEMPLATE) -> Notice:
    reader = rules.person(person)
    language = reader.language if reader is not None else case.language
    department = rules.organisation.departments.get(case.department)
    name = department.name.get(language, case.department) if department is not None else case.department
    return Notice(
        key=f"informed:{case.complaint_id}:{_cause(case)}:{person}",
        to=person,
        template=template,
        language=language,
        values={
            "complaint_no": case.complaint_no,
            "severity": case.placement.severity,
            "site": case.site,
            "department": name,
            "rule": case.placement.rule,
        },
    )
