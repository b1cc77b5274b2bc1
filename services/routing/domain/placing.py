"""Where does a complaint belong? The matrix decides, and the triage desk takes the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from services.routing.domain.case import Placement
from shared.errors import Rejected
from shared.events.routing import Severity
from shared.policy.model import Facts, Profile, RouteRule, Rulebook, matches

TRIAGE_DESK = "triage-desk"
_SEVERITIES = frozenset(get_args(Severity))


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be placed: the facts, and the persons who must not touch it."""

    complaint_id: UUID
    facts: Facts
    recused: tuple[str, ...] = ()


def place(matter: Matter, rules: Rulebook, now: datetime, by: str = "policy") -> Placement:
    """The placement that policy gives; never refuses.

    Whatever stands in the way (no row, unknown department, nobody there who may act) sends it to
    the site's triage desk with the code of the reason, so that no complaint is stranded.
    Source: RTE-01 and following, RCS-01, RCS-03; issue 3 "Nothing stranded".
    """
    try:
        profile = rules.profile_of(matter.facts.site)
    except Rejected as error:
        return Placement(TRIAGE_DESK, TRIAGE_DESK, "unknown", now, by, reason=error.code)
    severity, priority, rule = "ordinary", 3, None
    try:
        severity, priority = assess(profile, matter.facts)
        rule = profile.route(_assessed(matter.facts, severity))
        department, reason, name = rule.lead, None, rule.name
        assignee = choose_assignee(matter, department, rules, now)
    except Rejected as error:
        department, reason, name = _desk_of(rules, matter.facts.site), error.code, TRIAGE_DESK
        assignee = _anybody_at(department, matter, rules, now)
    return Placement(
        department=department,
        rule=name,
        policy_version=profile.version,
        at=now,
        by=by,
        severity=cast("Severity", severity),
        priority=priority,
        assistants=rule.assist if rule else (),
        assignee=assignee,
        informed=_informed(rule, department, matter, rules) if rule and rule.inform else (),
        reason=reason,
    )


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
    """A member of the department who is there and may act; None if it has no named members.

    Complaints are spread by their id, so the same one always goes to the same desk. An absent
    member is replaced by the stand-in (RCS-03), but never by a person complained about (RCS-01).
    Raises Rejected('unknown-department'), Rejected('nobody-present').
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
        return None
    members = rules.members(department, site=matter.facts.site)
    start = matter.complaint_id.int % max(1, len(members))
    for member in members[start:] + members[:start]:
        candidate = rules.present(member, now)
        if candidate is not None and candidate not in matter.recused:
            return candidate
    raise Rejected(
        "nobody-present",
        f"nobody of {department} is there who may handle this complaint",
        field="department",
        remedy="Name stand-ins in organisation.yaml, or hand the case over.",
    )


def other_rows(profile: Profile, facts: Facts, placement: Placement) -> tuple[RouteRule, ...]:
    """The rows of the matrix that match as well but did not decide, in the order of the matrix."""
    known = _assessed(facts, placement.severity)
    return tuple(row for row in profile.routing if row.name != placement.rule and matches(row.when, known))


def _assessed(facts: Facts, severity: str) -> Facts:
    # Copying costs a sixth of the whole decision, and most complaints are ordinary.
    return facts if severity == facts.severity else replace(facts, severity=severity)


def _desk_of(rules: Rulebook, site: str) -> str:
    return rules.site(site).triage_desk or TRIAGE_DESK


def _anybody_at(desk: str, matter: Matter, rules: Rulebook, now: datetime) -> str | None:
    try:
        return choose_assignee(matter, desk, rules, now)
    except Rejected:
        return None  # the desk as a whole has it; whoever opens its list next sees it


def _informed(rule: RouteRule, department: str, matter: Matter, rules: Rulebook) -> tuple[str, ...]:
    found = (
        person
        for role in rule.inform
        for person in rules.holders(role, site=matter.facts.site, department=department)
        if person not in matter.recused
    )
    return tuple(dict.fromkeys(found))
