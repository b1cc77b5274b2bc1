"""Who may act on or see a record, and who can be reached about it? The one gate for people (ADR 0061).

A record is what any service keeps of one complaint. Every command, read, list, link and notice asks here;
which role a step needs is said where the step is. Source: RCS-01, RCS-02, RCS-03, PRV-01.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.deciding import EVERYWHERE, Actor
from shared.errors import Forbidden, Rejected
from shared.policy.model import Person, Rulebook

CUSTOMER = "customer"
"""The role of whoever holds a customer's link; no token has it."""
LINK_LIFETIME = timedelta(days=30)
"""How long a link that acts for one of our people may be used; then a token is needed."""
_LEADING = frozenset({"manager", "director", "admin"})


@dataclass(frozen=True, slots=True)
class Involvement:
    """Who has to do with a record: its site, the departments that have it, and who takes no part."""

    site: str
    departments: tuple[str, ...]
    """The one that has it and those that assist; empty: none has it."""
    recused: Collection[str] = frozenset()
    """The persons complained about, and whom the desk recused."""
    waits_for_department: bool = False
    """Open and not placed yet: until then it is the business of the whole site."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records a list may hold; None: all sites, all departments."""

    sites: Collection[str] | None = None
    departments: Collection[str] | None = None


def require_site(actor: Actor, site: str) -> None:
    """Nothing, if the actor's scope covers the site. Raises Forbidden('out-of-scope')."""
    if not actor.may_see_site(site):
        raise _out_of_scope("site", site)


def require_part(
    involved: Involvement,
    actor: Actor,
    *,
    departments: tuple[str, ...] | None = None,
    field: str | None = None,
) -> None:
    """Nothing, if the actor may see the record or act on it.

    `departments`: whose people may instead of those that have it. An empty tuple asks for none, because a
    role of policy decides, e.g. that of finance. `field`: what of the request named the record, where that
    is to be said; else the site or the department is.
    Raises Forbidden('out-of-scope' or 'recused').
    """
    if not actor.may_see_site(involved.site):
        raise _out_of_scope("site", involved.site, field)
    if is_recused(involved, actor):
        raise Forbidden(
            "recused",
            "a person complained about takes no part in the case",
            field="actor",
            remedy="Somebody else of the department has to act.",
        )
    wanted = involved.departments if departments is None else departments
    if departments == () or any(actor.may_see_department(one) for one in wanted):
        return
    if not wanted and (_sees_all(actor) or (involved.waits_for_department and actor.departments)):
        return
    raise _out_of_scope("department", wanted[0] if wanted else "any", field)


def may_take_part(involved: Involvement, actor: Actor, *, departments: tuple[str, ...] | None = None) -> bool:
    """Whether `require_part` lets the actor in."""
    try:
        require_part(involved, actor, departments=departments)
    except Forbidden:
        return False
    return True


def is_recused(involved: Involvement, actor: Actor) -> bool:
    """Whether the actor takes no part; whoever complains may be called like one of ours."""
    return actor.person in involved.recused and CUSTOMER not in actor.roles


def scope_of(actor: Actor, site: str | None = None) -> Scope:
    """What the actor's lists may hold, narrowed to one site if asked. Raises Forbidden('out-of-scope')."""
    departments = None if _sees_all(actor) else actor.departments
    if site is not None:
        require_site(actor, site)
        return Scope(frozenset({site}), departments)
    return Scope(None if actor.sites >= EVERYWHERE else actor.sites, departments)


def require_department(actor: Actor, department: str | None) -> None:
    """Nothing, if the actor's scope covers the department; None: all of them. Raises Forbidden."""
    if not (_sees_all(actor) if department is None else actor.may_see_department(department)):
        raise _out_of_scope("department", department or "any")


def reachable(roles: Iterable[str], involved: Involvement, rules: Rulebook, now: datetime) -> tuple[str, ...]:
    """Who is told what concerns these roles: holders who are there, else their stand-ins, each once.

    Nobody complained about is told, nor whoever such a person would send in their place.
    """
    own = next(iter(involved.departments), None)
    holders = (one for role in roles for one in rules.holders(role, site=involved.site, department=own))
    found = (stand_in_of(holder, involved, rules, now) for holder in holders)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def stand_in_of(person: str, involved: Involvement, rules: Rulebook, now: datetime) -> str | None:
    """The person if they are there, else who stands in for them; None: nobody who may take part."""
    return rules.represented(person, now, involved.recused)


def may_act_for(person: str, roles: Iterable[str], involved: Involvement, rules: Rulebook) -> bool:
    """Whether the person holds one of the roles for this record today, or stands in for somebody who does.

    Gone, demoted, recused or moved to another site: no. Whether the holder is away today is not asked: an
    alarm that reached the stand-in stays theirs to answer.
    """
    known = rules.person(person)
    if known is None or not known.works_at(involved.site) or person in involved.recused:
        return False
    own = next(iter(involved.departments), None)
    return any(
        person in _until_recused(rules.line_of(holder), involved)
        for role in roles
        for holder in rules.holders(role, site=involved.site, department=own)
    )


def represents(person: str, others: Iterable[str], rules: Rulebook) -> bool:
    """Whether the person is one of the others, or stands in for one of them."""
    return any(person in rules.line_of(other) for other in others)


def require_eligible(person: Person, involved: Involvement, *, field: str = "assignee") -> None:
    """Nothing, if the record could be given to the person.

    Raises Rejected('assignee-recused' or 'assignee-elsewhere'), with the field's name for `assignee`.
    """
    if person.id in involved.recused:
        raise Rejected(
            f"{field}-recused",
            "a person complained about never has the case",
            field=field,
            remedy="Name somebody else.",
        )
    if not person.works_at(involved.site):
        raise Rejected(
            f"{field}-elsewhere",
            f"{person.id} does not work at {involved.site} and would be refused there",
            field=field,
            remedy=f"Name somebody of {involved.site}, or add the site to the person's `sites`.",
        )


def leads(actor: Actor, person: Person) -> bool:
    """Whether the actor is set over the person: by role, for a site and a department of theirs."""
    if actor.roles.isdisjoint(_LEADING):
        return False
    sees_site = any(actor.may_see_site(site) for site in person.sites) if person.sites else bool(actor.sites)
    return sees_site and any(actor.may_see_department(one) for one in person.departments or ("*",))


def _sees_all(actor: Actor) -> bool:
    return actor.departments >= EVERYWHERE


def _until_recused(line: Iterator[str], involved: Involvement) -> Iterator[str]:
    for one in line:
        if one in involved.recused:
            return
        yield one


def _out_of_scope(what: str, name: str, field: str | None = None) -> Forbidden:
    return Forbidden(
        "out-of-scope",
        f"your token does not cover {what} {name}",
        field=field or what,
        remedy=f"Ask an administrator for a token with this {what}.",
    )
