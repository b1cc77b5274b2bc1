"""What may whoever answered an alarm decide, and can it be carried out? Asked before anybody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.escalation.domain.involvement import involvement_of
from services.escalation.domain.sheet import ClockSheet
from shared.errors import Conflict, Rejected
from shared.events.escalation import Verdict
from shared.participation import require_eligible
from shared.policy.model import Person, Rulebook
from shared.policy.problems import did_you_mean


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done; `sealed` holds an instruction in words."""

    decision: Verdict
    department: str | None = None
    assignee: str | None = None
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the case; without an assignee routing chooses somebody of the department."""

    department: str | None = None
    assignee: str | None = None


def recipient_of(wish: Wish, by: str, sheet: ClockSheet, rules: Rulebook, now: datetime) -> Recipient:
    """Who the case goes to if the wish is granted; nobody new for an instruction or an extension.

    Raises Conflict('complaint-ended'), Rejected('unknown-person', 'unknown-department', 'actor-elsewhere',
    'assignee-recused', 'assignee-elsewhere', 'assignee-absent', 'nobody-present', 'target-missing' or
    'instruction-missing'): what cannot be done is said at the door, not found out behind it.
    """
    if sheet.ended is not None:
        raise Conflict("complaint-ended", f"it has ended with {sheet.ended}", field="decision")
    if wish.decision == "take_over":
        person = _known(by, rules, "actor")
        require_eligible(person, involvement_of(sheet), field="actor")
        return Recipient(sheet.department, person.id)
    if wish.decision == "reassign":
        return _reassigned(wish, sheet, rules, now)
    if wish.decision == "instruct" and wish.sealed is None:
        raise Rejected(
            "instruction-missing", "an instruction says what is to be done", field="instruction",
            remedy="Write it down; it is kept encrypted.",
        )  # fmt: skip
    return Recipient()


def _reassigned(wish: Wish, sheet: ClockSheet, rules: Rulebook, now: datetime) -> Recipient:
    if wish.assignee is None:
        if wish.department is None:
            raise Rejected(
                "target-missing", "reassigning names a department or a person", field="department",
                remedy="Send department, assignee or both.",
            )  # fmt: skip
        _require_somebody(wish.department, sheet, rules, now)
        return Recipient(wish.department)
    person = _known(wish.assignee, rules, "assignee")
    require_eligible(person, involvement_of(sheet))
    if rules.present(person.id, now) != person.id:
        raise Rejected(
            "assignee-absent", f"{person.id} is away", field="assignee",
            remedy="Name the stand-in, or only the department.",
        )  # fmt: skip
    own = _departments_of(person, rules)
    department = wish.department or (sheet.department if sheet.department in own else None)
    department = department or next(iter(own), None)
    if department is None or (wish.department is not None and _department(wish.department, rules) not in own):
        where = wish.department or "any department"
        raise Rejected("assignee-elsewhere", f"{person.id} does not belong to {where}", field="assignee")
    return Recipient(department, person.id)


def _known(person: str, rules: Rulebook, field: str) -> Person:
    known = rules.person(person)
    if known is None:
        remedy = did_you_mean(person, rules.organisation.people)
        raise Rejected("unknown-person", f"the organisation knows no {person}", field=field, remedy=remedy)
    return known


def _department(department: str, rules: Rulebook) -> str:
    if department not in rules.organisation.departments:
        remedy = did_you_mean(department, rules.organisation.departments)
        detail = f"no department {department} in the organisation"
        raise Rejected("unknown-department", detail, field="department", remedy=remedy)
    return department


def _departments_of(person: Person, rules: Rulebook) -> tuple[str, ...]:
    """Those that count this person as one of theirs, as routing does."""
    known = rules.organisation.departments.values()
    found = (one.id for one in known if person.id in (*one.members, one.manager))
    return tuple(dict.fromkeys((*person.departments, *found)))


def _require_somebody(department: str, sheet: ClockSheet, rules: Rulebook, now: datetime) -> None:
    known = rules.organisation.departments[_department(department, rules)]
    present = {rules.present(one, now) for one in rules.members(department, site=sheet.site)}
    if known.members and not present - {None, *sheet.recused}:
        raise Rejected(
            "nobody-present", f"nobody of {department} is there who may handle this complaint",
            field="department", remedy="Name a person, or another department.",
        )  # fmt: skip
