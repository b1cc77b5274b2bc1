"""What do policy and organisation say? Plain values; `loader` reads them, `rulebook` finds in them.

Every figure of a profile cites its requirement row in a YAML comment. What a source leaves open is
written `must_be_set` in the file and refused at start, never filled by a silent default (edge case 42).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.errors import Rejected
from shared.worktime import Calendar, Target

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class When:
    """Which complaints a rule is about: each list that is given must contain the complaint's value."""

    __pydantic_config__ = STRICT

    kind: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    """Names of flags of which at least one must be set."""
    severity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """A complaint as rules see it."""

    kind: str
    category: str
    type: str
    channel: str
    site: str
    grade: str = "general"
    flags: frozenset[str] = frozenset()
    severity: str = "ordinary"


def matches(when: When, facts: Facts) -> bool:
    """Whether the rule's condition holds for these facts."""
    return (
        (not when.kind or facts.kind in when.kind)
        and (not when.category or facts.category in when.category)
        and (not when.type or facts.type in when.type)
        and (not when.channel or facts.channel in when.channel)
        and (not when.site or facts.site in when.site)
        and (not when.grade or facts.grade in when.grade)
        and (not when.severity or facts.severity in when.severity)
        and (not when.flags or not facts.flags.isdisjoint(when.flags))
    )


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One row of the routing matrix; hit policy: the first row that matches (RTE-01 and following)."""

    __pydantic_config__ = STRICT

    name: str
    lead: str
    when: When = field(default_factory=When)
    assist: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()
    """Roles or persons that are told in parallel (SEV-03)."""


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """One row of triage (SEV-01); hit policy: first."""

    __pydantic_config__ = STRICT

    name: str
    severity: str
    priority: int
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class LimitRule:
    """The target of a clock for the complaints that match; hit policy: first."""

    __pydantic_config__ = STRICT

    target: Target
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One promise: which event starts it, which keep it, which end it, and how long it may take."""

    __pydantic_config__ = STRICT

    name: str
    starts_on: str
    meets_on: tuple[str, ...]
    limits: tuple[LimitRule, ...]
    cancels_on: tuple[str, ...] = ("complaint.declined", "complaint.withdrawn")
    warn_at_percent: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the ladder (ESC-01 and following); `to` holds roles, looked up bottom-up.

    `acknowledge_within` None: the last level, nobody is above it.
    """

    __pydantic_config__ = STRICT

    level: int
    to: tuple[str, ...]
    acknowledge_within: Target | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """One answer of the scale with its points (SUR-08); stored, never computed (edge case 29)."""

    __pydantic_config__ = STRICT

    code: str
    points: float
    label: Mapping[str, str]
    """Text by language, at least zh and en."""


@dataclass(frozen=True, slots=True)
class SurveyRule:
    """How the customer is asked after the case."""

    __pydantic_config__ = STRICT

    name: str
    scale: tuple[Grade, ...]
    satisfied_from: float
    expires_after: Target
    remind_after: Target | None = None
    kinds: tuple[str, ...] = ()
    """Kinds that are asked; empty: all."""
    question: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """A company's policy; `version` is the hash of its content (architecture.md section 7)."""

    __pydantic_config__ = STRICT

    profile: str
    source: str
    kinds: tuple[str, ...]
    routing: tuple[RouteRule, ...]
    clocks: tuple[ClockRule, ...]
    escalation: tuple[Level, ...]
    survey: SurveyRule | None = None
    severity: tuple[SeverityRule, ...] = ()
    decline_reasons: tuple[str, ...] = ()
    reply_form: str = "written"
    repropose_max: int = 0
    version: str = ""

    def route(self, facts: Facts) -> RouteRule:
        """The first row of the matrix that matches. Raises Rejected('no-route')."""
        for rule in self.routing:
            if matches(rule.when, facts):
                return rule
        raise Rejected(
            "no-route",
            f"profile {self.profile} has no row for {facts.kind}/{facts.category}/{facts.type}",
            field="routing",
            remedy="Add a last row without `when`.",
        )

    def triage(self, facts: Facts) -> tuple[str, int]:
        """Severity and priority (1 is most urgent); ordinary and 3 where no row matches."""
        for rule in self.severity:
            if matches(rule.when, facts):
                return rule.severity, rule.priority
        return "ordinary", 3

    def clocks_started_by(self, event: str) -> tuple[ClockRule, ...]:
        """The promises that begin with this event, e.g. `complaint.registered`."""
        return tuple(rule for rule in self.clocks if rule.starts_on == event)


def limit_of(rule: ClockRule, facts: Facts) -> Target | None:
    """The target that applies; None: this promise is not made for such a complaint."""
    for limit in rule.limits:
        if matches(limit.when, facts):
            return limit.target
    return None


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away; until is exclusive."""

    __pydantic_config__ = STRICT

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the organisation; contacts are Apprise URLs and stay in the organisation file."""

    __pydantic_config__ = STRICT

    id: str
    name: str
    roles: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    language: str = "zh"
    contacts: tuple[str, ...] = ()
    stand_in: str | None = None
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Department:
    """A unit that complaints are given to; several sites may share it."""

    __pydantic_config__ = STRICT

    id: str
    name: Mapping[str, str]
    manager: str | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A place with its own time zone, calendar, language and profile."""

    __pydantic_config__ = STRICT

    id: str
    name: Mapping[str, str]
    timezone: str
    calendar: str
    profile: str
    language: str = "zh"
    manager: str | None = None
    triage_desk: str | None = None
    """The department that takes what no rule can place."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Sites, departments, people and calendars; `version` is the hash of its content."""

    name: str
    sites: Mapping[str, Site]
    departments: Mapping[str, Department]
    people: Mapping[str, Person]
    calendars: Mapping[str, Calendar]
    version: str = ""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that decisions are made by: the organisation and the profiles its sites use."""

    organisation: Organisation
    profiles: Mapping[str, Profile]

    def site(self, site: str) -> Site:
        """The site. Raises Rejected('unknown-site')."""
        try:
            return self.organisation.sites[site]
        except KeyError:
            raise Rejected(
                "unknown-site",
                f"no site {site} in the organisation",
                field="site",
                remedy=f"Known sites: {', '.join(sorted(self.organisation.sites))}.",
            ) from None

    def profile_of(self, site: str) -> Profile:
        """The policy that holds at the site."""
        return self.profiles[self.site(site).profile]

    def calendar_of(self, site: str) -> Calendar:
        """The site's working calendar."""
        return self.organisation.calendars[self.site(site).calendar]

    def person(self, person: str) -> Person | None:
        """The person, if the organisation knows one of that id."""
        return self.organisation.people.get(person)

    def holders(self, role: str, *, site: str, department: str | None) -> tuple[str, ...]:
        """Ids of the people who hold a role for this site and department, sorted.

        `department.manager` and `site.manager` name the manager of the complaint's own
        department or site; a person's id stands for the person; anything else is a role.
        """
        organisation = self.organisation
        if role == "department.manager":
            known = organisation.departments.get(department or "")
            return (known.manager,) if known and known.manager else ()
        if role == "site.manager":
            manager = self.site(site).manager
            return (manager,) if manager else ()
        if role in organisation.people:
            return (role,)
        return tuple(
            sorted(
                person.id
                for person in organisation.people.values()
                if role in person.roles and (not person.sites or site in person.sites)
            )
        )

    def present(self, person: str, moment: datetime) -> str | None:
        """The person, or the stand-in of whoever is absent (RCS-03); None if nobody is there."""
        seen: set[str] = set()
        candidate: str | None = person
        while candidate and candidate not in seen:
            seen.add(candidate)
            known = self.organisation.people.get(candidate)
            if known is None:
                return None
            if not any(a.since <= moment < a.until for a in known.absences):
                return candidate
            candidate = known.stand_in
        return None
