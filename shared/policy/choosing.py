"""Who of a department gets a case? Somebody who is there, may, can and has room; the least busy of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from shared.errors import Rejected
from shared.policy.model import Facts, RouteRule, Rulebook

_MOST_KEPT = 3
"""How many of the others are kept with the case; whoever asks gets the same again from `explain`."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Somebody who did not get the case, and the code of why."""

    person: str
    why: str


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


def choose(matter: Matter, rule: RouteRule, rules: Rulebook, now: datetime) -> Choice:
    """Whom a row of the matrix gives the case to: those it names in person, or somebody of the lead.

    In the place of an absent or recused one those decide whom the profile names as stand-ins (RCS-03).
    Raises as `choose_person` and `choose_holder`.
    """
    if not rule.in_person:
        return choose_person(matter, rule.lead, rules, now, rule.skills)
    roles = (*rule.in_person, *rules.profile_of(matter.facts.site).stand_ins)
    return choose_holder(matter, holders_of(roles, rule.lead, matter, rules), rules, now)


def informed_by(
    rule: RouteRule, assignee: str | None, matter: Matter, rules: Rulebook, now: datetime
) -> tuple[str, ...]:
    """Who hears of it at the same time: the roles of the row, and who handles it together with the first.

    An absent one is represented by the stand-in; a person complained about hears nothing (RCS-01).
    """
    if not rule.inform and not rule.in_person:
        return ()
    found: list[str] = []
    for holder in holders_of((*rule.inform, *rule.in_person), rule.lead, matter, rules):
        person = rules.represented(holder, now, matter.recused)
        if person is not None:
            found.append(person)
        elif rules.represented(holder, now, ()) is None and holder not in matter.recused:
            found.append(holder)  # nobody is there for them: they hear of it when they are back
    told = dict.fromkeys(found)
    if rule.in_person and assignee is not None:
        told.setdefault(assignee)
    return tuple(told)


def holders_of(roles: tuple[str, ...], department: str, matter: Matter, rules: Rulebook) -> tuple[str, ...]:
    """Ids of the people who hold these roles for this matter, each once, in the order of the roles."""
    site = matter.facts.site
    return tuple(
        dict.fromkeys(
            person for role in roles for person in rules.holders(role, site=site, department=department)
        )
    )


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
        raise _unknown(department)
    if not known.members:
        return Choice(None)
    roster = rules.roll(now).members(department, matter.facts.site)
    start = matter.complaint_id.int % len(roster) if roster else 0
    counted, given = rules.workload.counted.get, rules.workload.given.get
    spoken, recused = matter.language.partition("-")[0], matter.recused
    able: list[_Able] = []
    others: list[PassedOver] = []
    for order, (member, seat) in enumerate(roster[start:] + roster[:start]):
        if seat is None:
            others.append(_passed(member, AWAY))
            continue
        person, name, capacity, measure, languages = seat
        load = counted(name, 0) + given(name, 0)
        if recused and rules.represented(member, now, recused) is None:
            others.append(_passed(member, RECUSED))
        elif skills and not person.can(skills):
            others.append(_passed(member, UNSKILLED))
        elif capacity is not None and load >= capacity:
            others.append(_passed(member, FULL))
        else:
            able.append((spoken not in languages if spoken else False, load / measure, order, name))
    if not able:
        raise _nobody(department, others)
    best = min(able)
    return Choice(best[3], _passed_over(able, best, others))


_Able = tuple[bool, float, int, str]
"""Whether the customer's language is foreign to the person, the share of the capacity in hand, turn, id."""
_passed = lru_cache(maxsize=10_000)(PassedOver)
"""The same few values again and again: one for each person and reason."""


def _passed_over(able: list[_Able], best: _Able, others: list[PassedOver]) -> tuple[PassedOver, ...]:
    """Why not the others: those who could have taken it come first, and each person once."""
    found: list[PassedOver] = []
    told = [best[3]]
    for foreign, share, _, name in able:
        if len(found) == _MOST_KEPT:
            return tuple(found)
        if name not in told:
            told.append(name)
            why = FOREIGN if foreign != best[0] else BUSIER if share > best[1] else ITS_TURN
            found.append(_passed(name, why))
    return (*found, *others[: _MOST_KEPT - len(found)])


def choose_holder(matter: Matter, holders: tuple[str, ...], rules: Rulebook, now: datetime) -> Choice:
    """The first of these people who is there and may act: work that is theirs in person (RTE-10, SAF-01).

    Whoever stands in for an absent one has the same duty; capacity and language are not asked.
    Raises Rejected('nobody-present').
    """
    others: list[PassedOver] = []
    for holder in holders:
        candidate = rules.represented(holder, now, matter.recused)
        if candidate is not None:
            return Choice(candidate, tuple(others))
        others.append(_passed(holder, RECUSED if holder in matter.recused else AWAY))
    raise _nobody("those who handle it in person", others)


AWAY, RECUSED, UNSKILLED, FULL = "away", "recused", "unskilled", "full"
FOREIGN, BUSIER, ITS_TURN = "language", "busier", "not-its-turn"
_NOBODY = {
    FULL: ("nobody-free", "everybody of {} who could take it has as much as they can"),
    UNSKILLED: ("nobody-skilled", "nobody of {} who is there has the skills that it takes"),
}


def _unknown(department: str) -> Rejected:
    return Rejected(
        "unknown-department",
        f"no department {department} in the organisation",
        field="department",
        remedy="Name one of organisation.yaml.",
    )


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
