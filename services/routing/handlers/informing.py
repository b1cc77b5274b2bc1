"""Who is told in the moment in which somebody gets a case? Everybody whom the rules inform (SEV-03)."""

from __future__ import annotations

from services.routing.domain.case import Case
from shared.deciding import Notice
from shared.policy.model import Rulebook

TEMPLATE = "complaint-informed"


def inform_people(case: Case, rules: Rulebook, known: tuple[str, ...] = ()) -> tuple[Notice, ...]:
    """One notice for each person informed, in that person's language; `known` heard of it before.

    What was imported as history is nobody's news.
    """
    if case.history or not case.placement.informed:
        return ()
    return tuple(_notice(case, person, rules) for person in case.placement.informed if person not in known)


def _notice(case: Case, person: str, rules: Rulebook) -> Notice:
    reader = rules.person(person)
    language = reader.language if reader is not None else case.language
    department = rules.organisation.departments.get(case.department)
    name = department.name.get(language, case.department) if department is not None else case.department
    return Notice(
        key=f"informed:{case.complaint_id}:{case.round}:{person}",
        to=person,
        template=TEMPLATE,
        language=language,
        values={
            "complaint_no": case.complaint_no,
            "severity": case.placement.severity,
            "site": case.site,
            "department": name,
            "rule": case.placement.rule,
        },
    )
