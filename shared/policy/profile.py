"""What has a company promised, and who decides? One policy profile as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from shared.errors import Rejected
from shared.policy.alarming import Alarming
from shared.policy.asking import Grade, SurveyPlan, SurveyRule
from shared.policy.disputes import Disputes
from shared.policy.gates import Extension, Intake, ModeRule, Promises, SiteSurvey, may_defer
from shared.policy.liability import Corrective, LiabilityRule, Warranty
from shared.policy.papers import Custody, CustomerFile, CustomerGrade
from shared.policy.promising import Pausing
from shared.policy.records import RecordKind
from shared.policy.remedies import RemedyRule
from shared.policy.rules import ClockRule, Facts, FanOutRule, RouteRule, SeverityRule
from shared.policy.settling import ApprovalRule, Settlement, settles
from shared.policy.table import Table
from shared.worktime import Target

__all__ = ["Grade", "Level", "Profile", "SurveyRule"]

STRICT = {"extra": "forbid"}


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
class _Tables:
    """The profile's decision tables, indexed."""

    routing: Table[RouteRule]
    severity: Table[SeverityRule]
    fan_out: Table[FanOutRule]
    modes: Table[ModeRule]
    fanned_out: dict[tuple[str, tuple[str, ...]], RouteRule] = field(default_factory=dict)
    """Rows with everybody whom fan-out adds, kept for speed: there are few pairs of them."""


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
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Categories that the rules know, each with its types; a complaint may still carry others."""
    product_lines: tuple[str, ...] = ()
    """Product lines that the rules know; a complaint may still carry others."""
    hit_policy: Mapping[str, str] = field(default_factory=dict)
    """`first` or `unique` for `routing` and `severity`; first, where nothing is said."""
    fan_out: tuple[FanOutRule, ...] = ()
    repropose_escalate_at: int = 0
    """The round of proposals that is told up the ladder (C-12); 0: none."""
    disputes: Disputes = field(default_factory=Disputes)
    intake: Intake = field(default_factory=Intake)
    promises: Promises = field(default_factory=Promises)
    extension: Extension = field(default_factory=Extension)
    modes: tuple[ModeRule, ...] = ()
    site_survey: SiteSurvey = field(default_factory=SiteSurvey)
    approval: tuple[ApprovalRule, ...] = ()
    liability: Mapping[str, LiabilityRule] = field(default_factory=dict)
    warranty: Warranty = field(default_factory=Warranty)
    corrective: Corrective = field(default_factory=Corrective)
    remedies: tuple[str, ...] = ()
    """What is offered, best first; empty: whatever helps (DSP-03, DSP-21)."""
    remedy_rules: tuple[RemedyRule, ...] = ()
    """Which of them for what was found, at whose cost, by whose exception (C-15, C-16); hit policy: first."""
    joint_analysis: tuple[str, ...] = ()
    """Departments that meet when the responsible party is unclear (INV-02)."""
    speaker: str = ""
    """The one department that writes to the customer (RTE-39); empty: the lead."""
    stand_ins: tuple[str, ...] = ()
    """Roles that decide in the place of an absent or recused one, in this order (RCS-03)."""
    last_resort: tuple[str, ...] = ()
    """Roles or persons who decide when nobody else may, so that four eyes stop nothing for ever."""
    reported_to: tuple[str, ...] = ()
    """Roles that are told how every case ended (RTE-07, INF-14)."""
    confidential: bool = False
    """Only those concerned may see a case (RCS-02)."""
    surveys: tuple[SurveyPlan, ...] = ()
    records: Mapping[str, RecordKind] = field(default_factory=dict)
    custody: Custody = field(default_factory=Custody)
    grades: tuple[CustomerGrade, ...] = ()
    customer_file: CustomerFile = field(default_factory=CustomerFile)
    pausing: Pausing = field(default_factory=Pausing)
    alarming: Alarming = field(default_factory=Alarming)
    _tables: _Tables = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Indexes the tables once, so that a decision costs the same whatever their length."""
        tables = _Tables(Table(self.routing), Table(self.severity), Table(self.fan_out), Table(self.modes))
        object.__setattr__(self, "_tables", tables)

    def route(self, facts: Facts) -> RouteRule:
        """The row of the matrix that decides, with everybody whom fan-out adds to it.

        Raises Rejected('no-route'). Source: RTE-01 and following, SEV-03.
        """
        return self.route_and_others(facts, 0)[0]

    def route_and_others(self, facts: Facts, most: int) -> tuple[RouteRule, tuple[str, ...]]:
        """As `route`, with the names of up to `most` rows below it that match as well."""
        rule, others = self._tables.routing.first_and_others(facts, most)
        if rule is not None:
            names = tuple(row.name for row in others) if others else ()
            return (self._fanned_out(rule, facts) if self.fan_out else rule), names
        raise Rejected(
            "no-route",
            f"profile {self.profile} has no row for {facts.kind}/{facts.category}/{facts.type}",
            field="routing",
            remedy="Add a last row without `when`.",
        )

    def _fanned_out(self, rule: RouteRule, facts: Facts) -> RouteRule:
        added = self._tables.fan_out.every(facts)
        if not added:
            return rule
        key = (rule.name, tuple(row.name for row in added))
        known = self._tables.fanned_out.get(key)
        if known is None:
            known = self._tables.fanned_out[key] = _with_all(rule, added)
        return known

    def triage_rule(self, facts: Facts) -> SeverityRule | None:
        """The first row of triage that matches; None: ordinary."""
        return self._tables.severity.first(facts)

    def triage(self, facts: Facts) -> tuple[str, int]:
        """Severity and priority (1 is most urgent); ordinary and 3 where no row matches."""
        rule = self.triage_rule(facts)
        return (rule.severity, rule.priority) if rule else ("ordinary", 3)

    def clocks_started_by(self, event: str) -> tuple[ClockRule, ...]:
        """The promises that begin with this event, e.g. `complaint.registered`."""
        return tuple(rule for rule in self.clocks if rule.starts_on == event)

    def modes_open_to(self, facts: Facts) -> tuple[ModeRule, ...]:
        """Ways of handling that somebody may choose instead of the ordinary one (SEV-07, C-25)."""
        found = self._tables.modes.every(facts)
        return tuple(row for row in found if row.mode != "deferred" or may_defer(facts))

    def approval_of(self, settlement: Settlement) -> ApprovalRule | None:
        """The row that says who signs, pays and closes; None: the profile has no such rules."""
        return next((row for row in self.approval if settles(row.when, settlement)), None)

    def liability_of(self, found: str) -> LiabilityRule:
        """What the result of an investigation means toward the customer (C-14)."""
        return self.liability.get(found, LiabilityRule())


def _with_all(rule: RouteRule, added: tuple[FanOutRule, ...]) -> RouteRule:
    assist = dict.fromkeys((*rule.assist, *(one for row in added for one in row.assist)))
    inform = dict.fromkeys((*rule.inform, *(one for row in added for one in row.inform)))
    assist.pop(rule.lead, None)
    return replace(rule, assist=tuple(assist), inform=tuple(inform))
