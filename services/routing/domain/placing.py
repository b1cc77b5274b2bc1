"""Where does a complaint belong? The matrix decides, and the triage desk takes the rest."""

from __future__ import annotations

from datetime import datetime
from typing import cast, get_args

from services.routing.domain.case import Case, Placement
from shared.errors import Rejected
from shared.events.routing import Severity
from shared.lifecycle import Status
from shared.policy.choosing import Choice, Matter, choose, choose_person, informed_by
from shared.policy.model import Facts, Profile, RouteRule, Rulebook, matches

__all__ = [
    "NOBODY_MAY_SIGN",
    "TRIAGE_DESK",
    "Matter",
    "choose_assignee",
    "is_stranded",
    "matter_of",
    "other_rows",
    "place",
    "waits_at_triage",
    "why_stranded",
]

TRIAGE_DESK = "triage-desk"
NOBODY_MAY_SIGN = "nobody-may-sign"
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
    alternatives: tuple[str, ...] = ()
    facts = matter.facts
    try:
        severity, priority = assess(profile, facts)
        facts = facts.with_severity(severity)
        rule, alternatives = profile.route_and_others(facts, _MOST_ALTERNATIVES)
        department, reason, name = rule.lead, None, rule.name
        choice = choose(matter, rule, rules, now)
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
        informed=informed_by(rule, choice.person, matter, rules, now) if rule else (),
        reason=reason,
        organisation_version=rules.organisation.version,
        alternatives=alternatives,
        passed_over=choice.passed_over,
        outside=(rule.outside or None) if rule else None,
    )


def matter_of(case: Case) -> Matter:
    """What there is to place in a case that is known."""
    return Matter(case.complaint_id, case.facts, case.recused, case.language)


def waits_at_triage(case: Case) -> bool:
    """Whether it lies there only because nobody could take it, and no person has taken it up since."""
    return case.status is Status.ASSIGNED and is_stranded(case.placement)


def why_stranded(case: Case) -> str | None:
    """The code of why nobody can go on with the case; None: somebody can.

    Either the triage desk has it because nobody could take it, or nobody may sign what is proposed.
    """
    if case.history:
        return None  # It was handled, or not, in its own time.
    if waits_at_triage(case):
        return case.placement.reason
    return NOBODY_MAY_SIGN if case.unsignable_since is not None and case.status is Status.PROPOSED else None


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


def choose_assignee(matter: Matter, department: str, rules: Rulebook, now: datetime) -> str | None:
    """Who of a department could answer for something in this matter. Raises as `choose_person`."""
    return choose_person(matter, department, rules, now).person


def other_rows(profile: Profile, facts: Facts, placement: Placement) -> tuple[RouteRule, ...]:
    """The rows of the matrix that match as well but did not decide, in the order of the matrix."""
    known = facts.with_severity(placement.severity)
    return tuple(row for row in profile.routing if row.name != placement.rule and matches(row.when, known))


def _desk_of(rules: Rulebook, site: str) -> str:
    return rules.site(site).triage_desk or TRIAGE_DESK


def _anybody_at(desk: str, matter: Matter, rules: Rulebook, now: datetime) -> Choice:
    try:
        return choose_person(matter, desk, rules, now)
    except Rejected:
        return Choice(None)  # the desk as a whole has it; whoever opens its list next sees it
