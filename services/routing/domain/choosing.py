"""Who of a department gets a case? Somebody who is there, may, can and has room; the least busy of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.domain.case import PassedOver
from shared.errors import Rejected
from shared.policy.model import Facts, Person, Rulebook

_UNLIMITED = 20
"""By what the load of somebody without a capacity is measured, so that they are not always the least busy."""
_MOST_KEPT = 5
"""How many of the others are kept with the case; whoever asks gets the same again from `explain`."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be placed: the facts, the customer's language, and the persons who must not touch it."""

    complaint_id: UUID
    facts: Facts
    recused: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom the case goes to, None for the department as a whole, and why not to the others."""

    person: str | None
    passed_over: tuple[PassedOver, ...] = ()


def choose_person(
    matter: Matter, department: str, rules: Rulebook, now: datetime, skills: tuple[str, ...] = ()
) -> Choice:
    """A member of the department; nobody in particular if it has no named members.

    Whoever is absent is replaced by the stand-in (RCS-03); a person complained about never has it
    (RCS-01), nor does who lacks a skill that the row asks for, nor who has as many open cases as the
    capacity allows. Of the rest those who speak the customer's language are preferred, then whoever has
    the smallest share of the capacity in hand; equals take turns by the complaint's id.
    Raises Rejected('unknown-department'), Rejected('nobody-present'), Rejected('nobody-skilled'),
    Rejected('nobody-free').
    """
    known = rules.organisation.departments.get(department)
    if known is None:
        raise Rejected(
            "unknown-department",
            f"no department {department} in the organisation",
            field="department",
            remedy="Name one of organisation.yaml.",
        )
    if not known.members:
        return Choice(None)
    roster = rules.organisation.roster(department, matter.facts.site)
    start = matter.complaint_id.int % len(roster) if roster else 0
    best: Person | None = None
    best_rank = (True, 0.0)
    others: list[PassedOver] = []
    for member in roster[start:] + roster[:start]:
        candidate, why = _may_take(member, matter, rules, now, skills)
        if candidate is None:
            others.append(PassedOver(member.id, why))
            continue
        rank = (_foreign(candidate, matter), _share(candidate, rules))
        if best is None or rank < best_rank:
            if best is not None and best is not candidate:
                others.append(_worse(best, best_rank, rank))
            best, best_rank = candidate, rank
        elif candidate is not best:
            others.append(_worse(candidate, rank, best_rank))
    if best is None:
        raise _nobody(department, others)
    return Choice(best.id, tuple(others[:_MOST_KEPT]))


def choose_holder(matter: Matter, holders: tuple[str, ...], rules: Rulebook, now: datetime) -> Choice:
    """The first of these people who is there and may act: work that is theirs in person (RTE-10, SAF-01).

    Whoever stands in for an absent one has the same duty; capacity and language are not asked.
    Raises Rejected('nobody-present').
    """
    others: list[PassedOver] = []
    for holder in holders:
        candidate = rules.present(holder, now)
        if candidate is not None and candidate not in matter.recused and holder not in matter.recused:
            return Choice(candidate, tuple(others))
        others.append(PassedOver(holder, RECUSED if holder in matter.recused else AWAY))
    raise _nobody("those who handle it in person", others)


AWAY, RECUSED, UNSKILLED, FULL = "away", "recused", "unskilled", "full"
FOREIGN, BUSIER, ITS_TURN = "language", "busier", "not-its-turn"
_NOBODY = {
    FULL: ("nobody-free", "everybody of {} who could take it has as much as they can"),
    UNSKILLED: ("nobody-skilled", "nobody of {} who is there has the skills that it takes"),
}


def _may_take(
    member: Person, matter: Matter, rules: Rulebook, now: datetime, skills: tuple[str, ...]
) -> tuple[Person | None, str]:
    """The member or the stand-in, or why neither."""
    if member.is_there(now):
        candidate: Person | None = member
    else:
        stand_in = rules.present(member.id, now)
        candidate = rules.organisation.people.get(stand_in) if stand_in is not None else None
    if candidate is None:
        return None, AWAY
    if candidate.id in matter.recused:
        return None, RECUSED
    if skills and not candidate.can(skills):
        return None, UNSKILLED
    if candidate.capacity is not None and rules.workload.of(candidate.id) >= candidate.capacity:
        return None, FULL
    return candidate, ""


def _foreign(person: Person, matter: Matter) -> bool:
    return bool(matter.language) and not person.speaks(matter.language)


def _share(person: Person, rules: Rulebook) -> float:
    return rules.workload.of(person.id) / (person.capacity or _UNLIMITED)


def _worse(person: Person, rank: tuple[bool, float], best: tuple[bool, float]) -> PassedOver:
    if rank[0] != best[0]:
        return PassedOver(person.id, FOREIGN)
    return PassedOver(person.id, BUSIER if rank[1] > best[1] else ITS_TURN)


def _nobody(department: str, others: list[PassedOver]) -> Rejected:
    """The reason that is nearest to a way out: somebody who is full today has room tomorrow."""
    reasons = {one.why for one in others}
    code, detail = next(
        (_NOBODY[why] for why in (FULL, UNSKILLED) if why in reasons),
        ("nobody-present", "nobody of {} is there who may handle this complaint"),
    )
    return Rejected(
        code,
        detail.format(department),
        field="department",
        remedy="Name stand-ins in organisation.yaml, or hand the case over.",
    )
