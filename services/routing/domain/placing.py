"""Where does a complaint belong? The matrix decides, and the triage desk takes the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import cast, get_args

from services.routing.domain.case import Case, Placement
from services.routing.domain.choosing import Choice, Matter, choose_holder, choose_person
from shared.errors import Rejected
from shared.events.routing import Severity
from shared.policy.model import Facts, Profile, RouteRule, Rulebook, matches

__all__ = ["TRIAGE_DESK", "Matter", "choose_assignee", "is_stranded", "matter_of", "other_rows", "place"]

TRIAGE_DESK = "triage-desk"
_SEVERITIES = frozenset(get_args(Severity))
_MOST_ALTERNATIVES = 5


def place(matter: Matter, rules: Rulebook, now: datetime, by: str = "policy") -> Placement:
    """The placement that policy gives; never refuses.

    Whatever stands in the way (no row, unknown department, nobody there who can and may act) sends it
    to the site's triage desk with the code of the reason, so that no complaint is stranded.
    Source: RTE-01 and following, RCS-01, RCS-03; issue 3 "Nothing stranded".
    """
    try:
        profile = rules.profile_of(matter.facts.site)
    except Rejected as error:
        return Placement(TRIAGE_DESK, TRIAGE_DESK, "unknown", now, by, reason=error.code)
    severity, priority, rule = "ordinary", 3, None
    facts = matter.facts
    try:
        severity, priority = assess(profile, facts)
        facts = _assessed(facts, severity)
        rule = profile.route(facts)
        department, reason, name = rule.lead, None, rule.name
        choice = _choose(matter, rule, profile, rules, now)
    except Rejected as error:
        department, reason, name = _desk_of(rules, facts.site), error.code, TRIAGE_DESK
        choice = _anybody_at(department, matter, rules, now)
    return Placement(
        department=department,
        rule=name,
        policy_version=profile.version,
        at=now,
        by=by,
        severity=cast("Severity", severity),
        priority=priority,
        assistants=rule.assist if rule else (),
        assignee=choice.person,
        informed=_informed(rule, choice.person, matter, rules, now) if rule else (),
        reason=reason,
        organisation_version=rules.organisation.version,
        alternatives=profile.also_matching(facts, rule, _MOST_ALTERNATIVES) if rule else (),
        passed_over=choice.passed_over,
    )


def matter_of(case: Case) -> Matter:
    """What there is to place in a case that is known."""
    return Matter(case.complaint_id, case.facts, case.recused, case.language)


def is_stranded(placement: Placement) -> bool:
    """Whether the triage desk has it only because no rule or person could take it."""
    return placement.rule == TRIAGE_DESK and placement.reason is not None


def assess(profile: Profile, facts: Facts) -> tuple[str, int]:
    """Severity and priority (SEV-01). Raises Rejected('unknown-severity')."""
    severity, priority = profile.triage(facts)
    if severity not in _SEVERITIES:
        raise Rejected(
            "unknown-severity",
            f"profile {profile.profile} calls a complaint {severity}",
            field="severity",
            remedy=f"Known severities: {', '.join(sorted(_SEVERITIES))}.",
        )
    return severity, priority


def choose_assignee(matter: Matter, department: str, rules: Rulebook, now: datetime) -> Choice:
    """Who of a department gets what is handed over to it, and the others. Raises as `choose_person`."""
    return choose_person(matter, department, rules, now)


def other_rows(profile: Profile, facts: Facts, placement: Placement) -> tuple[RouteRule, ...]:
    """The rows of the matrix that match as well but did not decide, in the order of the matrix."""
    known = _assessed(facts, placement.severity)
    return tuple(row for row in profile.routing if row.name != placement.rule and matches(row.when, known))


def _choose(matter: Matter, rule: RouteRule, profile: Profile, rules: Rulebook, now: datetime) -> Choice:
    if rule.in_person:
        roles = (*rule.in_person, *profile.stand_ins)
        return choose_holder(matter, _holders(roles, rule.lead, matter, rules), rules, now)
    return choose_person(matter, rule.lead, rules, now, rule.skills)


def _holders(roles: tuple[str, ...], department: str, matter: Matter, rules: Rulebook) -> tuple[str, ...]:
    site = matter.facts.site
    return tuple(
        dict.fromkeys(
            person for role in roles for person in rules.holders(role, site=site, department=department)
        )
    )


def _assessed(facts: Facts, severity: str) -> Facts:
    # Copying costs a sixth of the whole decision, and most complaints are ordinary.
    return facts if severity == facts.severity else replace(facts, severity=severity)


def _desk_of(rules: Rulebook, site: str) -> str:
    return rules.site(site).triage_desk or TRIAGE_DESK


def _anybody_at(desk: str, matter: Matter, rules: Rulebook, now: datetime) -> Choice:
    try:
        return choose_person(matter, desk, rules, now)
    except Rejected:
        return Choice(None)  # the desk as a whole has it; whoever opens its list next sees it


def _informed(
    rule: RouteRule, assignee: str | None, matter: Matter, rules: Rulebook, now: datetime
) -> tuple[str, ...]:
    """Who hears of it at the same time: the roles of the row, and who handles it together with the first.

    An absent one is represented by the stand-in; a person complained about hears nothing (RCS-01).
    """
    if not rule.inform and not rule.in_person:
        return ()
    found: list[str] = []
    for holder in _holders((*rule.inform, *rule.in_person), rule.lead, matter, rules):
        person = rules.present(holder, now) or holder
        if person not in matter.recused and holder not in matter.recused:
            found.append(person)
    told = dict.fromkeys(found)
    if rule.in_person and assignee is not None:
        told.setdefault(assignee)
    return tuple(told)
