"""Who may act in a role toward this case? Holders, their stand-ins, and nobody complained about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.routing.domain.case import Case
from shared.changing import changed
from shared.deciding import Actor
from shared.policy.model import Facts, Rulebook

HANDLER = "handler"
"""Whoever has the case, wherever a rule of policy names a role."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A person who may act, in which role, and in whose place."""

    person: str
    role: str
    in_place_of: str | None = None


@dataclass(frozen=True, slots=True)
class Hall:
    """The case, the organisation and the moment: what standing depends on.

    `spent` have acted on this already, or would judge their own work: others act in their place.
    """

    case: Case
    rules: Rulebook
    now: datetime
    spent: frozenset[str] = frozenset()

    def is_barred(self, person: str) -> bool:
        """Whether the person may not act here at all, or not again."""
        return person in self.case.recused or person in self.spent


def assessed(case: Case) -> Facts:
    """The facts with the severity that triage found, as the rows of policy ask for it."""
    return changed(case.facts, severity=case.placement.severity)


def who_may(roles: tuple[str, ...], hall: Hall) -> tuple[Standing, ...]:
    """Everybody who may act in one of these roles, each once, those who are there first.

    Holders act themselves. For one who is absent or spent the personal stand-in acts. A person
    complained about neither acts nor is represented: whoever such a person named would act for
    them. If nobody is left, the profile's `stand_ins` act, and if there are none either, the
    ladder from its top, and then those whom the profile names as its `last_resort`. Empty if nobody
    at all may. Source: RCS-01, RCS-03, APR-02; docs/decisions/0040, 0052.
    """
    for candidates in (_own(roles, hall), _deputed(roles, hall), _above(roles, hall), _last(roles, hall)):
        found: dict[str, Standing] = {}
        for one in candidates:
            found.setdefault(one.person, one)
        if found:
            there = sorted(found.values(), key=lambda one: _is_away(one.person, hall))
            return tuple(there)
    return ()


def standing_of(actor: Actor, roles: tuple[str, ...], hall: Hall) -> Standing | None:
    """In which of these roles this actor may act; None: in none of them."""
    return next((one for one in who_may(roles, hall) if one.person == actor.person), None)


def is_handler(case: Case, actor: Actor) -> bool:
    """Whether the actor has the case: assignee, whoever took it up, or anybody of an unmanned desk."""
    if "admin" in actor.roles or case.placement.assignee is None:
        return True
    return actor.person in {case.placement.assignee, case.accepted_by}


def holders(role: str, case: Case, rules: Rulebook) -> tuple[str, ...]:
    """The persons who hold the role for this case; recused ones among them."""
    if role == HANDLER:
        return tuple(dict.fromkeys(one for one in (case.placement.assignee, case.accepted_by) if one))
    return rules.holders(role, site=case.site, department=case.department)


def _own(roles: tuple[str, ...], hall: Hall) -> list[Standing]:
    found: list[Standing] = []
    for role in roles:
        for holder in holders(role, hall.case, hall.rules):
            if not hall.is_barred(holder):
                found.append(Standing(holder, role))
            if holder not in hall.case.recused and (_is_away(holder, hall) or holder in hall.spent):
                deputy = _stand_in(holder, hall)
                found += [Standing(deputy, role, holder)] if deputy else []
    return found


def _deputed(roles: tuple[str, ...], hall: Hall) -> list[Standing]:
    named = hall.rules.profile_of(hall.case.site).stand_ins
    return _instead(roles, named, hall)


def _above(roles: tuple[str, ...], hall: Hall) -> list[Standing]:
    ladder = hall.rules.profile_of(hall.case.site).escalation
    for level in reversed(ladder):
        found = _instead(roles, level.to, hall)
        if found:
            return found
    return []


def _last(roles: tuple[str, ...], hall: Hall) -> list[Standing]:
    named = hall.rules.profile_of(hall.case.site).last_resort
    return _instead(roles, named, hall)


def _instead(roles: tuple[str, ...], others: tuple[str, ...], hall: Hall) -> list[Standing]:
    replaced = next((one for role in roles for one in holders(role, hall.case, hall.rules)), None)
    return [
        Standing(person, roles[0], replaced)
        for other in others
        for person in holders(other, hall.case, hall.rules)
        if not hall.is_barred(person)
    ]


def _stand_in(person: str, hall: Hall) -> str | None:
    seen = {person}
    known = hall.rules.person(person)
    while known is not None and known.stand_in is not None and known.stand_in not in seen:
        deputy = known.stand_in
        if deputy in hall.case.recused:
            return None
        if deputy not in hall.spent and not _is_away(deputy, hall):
            return deputy
        seen.add(deputy)
        known = hall.rules.person(deputy)
    return None


def _is_away(person: str, hall: Hall) -> bool:
    return hall.rules.present(person, hall.now) != person
