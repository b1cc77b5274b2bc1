"""What would policy decide about a complaint, and why? A dry run of every rule that bears on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.errors import Rejected
from shared.policy.choosing import Choice, Matter, PassedOver, choose, informed_by
from shared.policy.model import Facts, Profile, RouteRule, Rulebook, limit_of, limit_row_of
from shared.policy.reasons import reasons_of
from shared.worktime import Explanation, explain, part_at
from shared.worktime.explanation import written

REGISTERED = "complaint.registered"
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ExplainedClock:
    """One promise to this complaint: what was promised, when it is due, and why then."""

    name: str
    meets_on: tuple[str, ...]
    why: Explanation
    warn_at: tuple[datetime, ...]

    def as_mapping(self, language: str) -> dict[str, object]:
        """The same for machines."""
        return {
            "clock": self.name,
            "meets_on": list(self.meets_on),
            "warn_at": [written(point) for point in self.warn_at],
            **self.why.as_mapping(),
            "lines": list(self.why.lines(language)),
        }


@dataclass(frozen=True, slots=True)
class ExplainedLevel:
    """One step of the ladder and the people whom it would reach at that moment."""

    level: int
    to: tuple[str, ...]
    people: tuple[str, ...]
    """Ids; an absent person is represented by the stand-in, `-` stands for nobody."""
    acknowledge_within: str | None


@dataclass(frozen=True, slots=True)
class ExplainedPolicy:
    """Everything that policy says about one complaint."""

    profile: str
    policy_version: str
    organisation_version: str
    rule: str
    row: int
    """Place of the rule in the routing matrix, counted from 1."""
    lead: str
    assist: tuple[str, ...]
    inform: tuple[str, ...]
    """Ids of the people who are told in parallel."""
    in_person: tuple[str, ...]
    """Ids of the people who handle it themselves, where the row says so."""
    outside: str
    opens: tuple[str, ...]
    severity: str
    priority: int
    severity_rule: str | None
    clocks: tuple[ExplainedClock, ...]
    agreed: Mapping[str, tuple[str, ...]]
    """Promises whose date is set case by case, with the roles that set it."""
    ladder: tuple[ExplainedLevel, ...]
    surveyed: bool
    alternatives: tuple[str, ...] = ()
    """Rows that match as well, below the one that decides."""
    assignee: str | None = None
    """Who would have it now; None: the department as a whole, or nobody (`reason`)."""
    reason: str | None = None
    """Code of why the triage desk would get it."""
    passed_over: tuple[PassedOver, ...] = ()
    because: tuple[str, ...] = ()
    """What the deciding row asks, and what the complaint answers; empty: it takes the rest."""

    def as_mapping(self, language: str = "en") -> dict[str, object]:
        """The same for machines: JSON-able, moments as ISO 8601 in UTC, reasons in the language."""
        facts = {key: value for key, value in asdict(self).items() if key != "clocks"}
        return {**facts, "clocks": [clock.as_mapping(language) for clock in self.clocks]}


def explain_policy(
    rules: Rulebook,
    facts: Facts,
    received_at: datetime,
    *,
    language: str = "",
    recused: tuple[str, ...] = (),
    complaint_id: UUID = _NOBODY,
) -> ExplainedPolicy:
    """The rules that fire for these facts, by the organisation of that moment; clocks are those that
    registration starts, the person is the one whom a complaint of this id would go to.

    The severity of the facts is ignored: triage decides it first, as it does for a real complaint.
    Raises Rejected('unknown-site') and what the working calendar raises.
    """
    rules = rules.at(received_at)
    profile = rules.profile_of(facts.site)
    triage = profile.triage_rule(facts)
    severity, priority = profile.triage(facts)
    facts = replace(facts, severity=severity)
    rule, alternatives = profile.route_and_others(facts, len(profile.routing))
    matter = Matter(complaint_id, facts, recused, language)
    choice, reason = _chosen(matter, rule, rules, received_at)
    survey = profile.survey
    return ExplainedPolicy(
        profile=profile.profile,
        policy_version=profile.version,
        organisation_version=rules.organisation.version,
        rule=rule.name,
        row=next(at for at, row in enumerate(profile.routing, 1) if row.name == rule.name),
        lead=rule.lead,
        assist=rule.assist,
        inform=informed_by(rule, choice.person, matter, rules, received_at),
        in_person=_people(rules, rule.in_person, facts.site, rule.lead, received_at),
        outside=rule.outside,
        opens=rule.opens,
        severity=severity,
        priority=priority,
        severity_rule=triage.name if triage else None,
        clocks=_clocks(rules, facts, received_at),
        agreed=_agreed(profile, facts),
        ladder=_ladder(rules, facts, rule.lead, received_at),
        surveyed=survey is not None and (not survey.kinds or facts.kind in survey.kinds),
        alternatives=alternatives,
        assignee=choice.person,
        reason=reason,
        passed_over=choice.passed_over,
        because=reasons_of(rule.when, facts),
    )


def _chosen(matter: Matter, rule: RouteRule, rules: Rulebook, moment: datetime) -> tuple[Choice, str | None]:
    try:
        return choose(matter, rule, rules, moment), None
    except Rejected as error:
        return Choice(None), error.code


def _clocks(rules: Rulebook, facts: Facts, received_at: datetime) -> tuple[ExplainedClock, ...]:
    calendar = rules.calendar_of(facts.site)
    clocks: list[ExplainedClock] = []
    for rule in rules.profile_of(facts.site).clocks_started_by(REGISTERED):
        target = limit_of(rule, facts)
        if target is None:
            continue
        points = (part_at(calendar, received_at, target, part) for part in rule.warn_at_percent)
        why = explain(calendar, received_at, target)
        clocks.append(ExplainedClock(rule.name, rule.meets_on, why, tuple(points)))
    return tuple(clocks)


def _agreed(profile: Profile, facts: Facts) -> Mapping[str, tuple[str, ...]]:
    rows = ((clock.name, limit_row_of(clock, facts)) for clock in profile.clocks)
    return {name: row.agreed_by for name, row in rows if row and row.agreed_by}


def _ladder(rules: Rulebook, facts: Facts, department: str, moment: datetime) -> tuple[ExplainedLevel, ...]:
    levels: list[ExplainedLevel] = []
    for level in rules.profile_of(facts.site).escalation:
        people = _people(rules, level.to, facts.site, department, moment)
        within = str(level.acknowledge_within) if level.acknowledge_within else None
        levels.append(ExplainedLevel(level.level, level.to, people, within))
    return tuple(levels)


def _people(
    rules: Rulebook, roles: tuple[str, ...], site: str, department: str, moment: datetime
) -> tuple[str, ...]:
    """Ids of whoever holds these roles and is there at that moment, each once."""
    holders = (
        _present(rules, person, moment)
        for role in roles
        for person in rules.holders(role, site=site, department=department)
    )
    return tuple(dict.fromkeys(holders))


def _present(rules: Rulebook, person: str, moment: datetime) -> str:
    return rules.present(person, moment) or "-"
