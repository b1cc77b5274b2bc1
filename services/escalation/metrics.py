"""What does escalation count? How clocks end, how prompt its alarms are, and who has not answered yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client import REGISTRY, Gauge, Histogram, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from services.escalation.domain.proving import Learned
from services.escalation.store.outcomes import OUTCOMES, Key
from services.escalation.store.queries import DueCount, SheetQueries
from shared.deciding import Event
from shared.events.base import EventData
from shared.events.escalation import ClockBreached, ClockMet, ClockWarned
from shared.policy.model import Rulebook

HOUR = 3600.0
_DUE = Gauge(
    "kesu_clocks_due",
    "Running clocks of which the due date comes within that time; those overdue included.",
    ("site", "department", "within"),
)
_NEXT_DUE = Gauge(
    "kesu_clock_next_due_timestamp_seconds",
    "When the next running clock of the department is due, in seconds since 1970.",
    ("site", "department"),
)
_RUNNING = Gauge("kesu_clocks_running", "Clocks that run now.", ("site", "clock"))
_REMAINING = Histogram(
    "kesu_clock_remaining_seconds",
    "How much time was left when a promise was kept; 0 when none was.",
    ("site", "clock"),
    buckets=(0, HOUR / 4, HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR, 72 * HOUR, 168 * HOUR, 336 * HOUR),
)
_LAG = Histogram(
    "kesu_clock_fire_lag_seconds",
    "How long after its moment a warning or breach was fired.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, HOUR),
)
_UNANSWERED = Gauge(
    "kesu_escalations_unacknowledged",
    "Alarms that wait for a human's answer, by the level that they have climbed to.",
    ("site", "level"),
)
_UNDELIVERED = Gauge(
    "kesu_alerts_undelivered",
    "Notices that reached nobody for a quarter of an hour, or never will.",
    ("template",),
)
_MISSED = Gauge(
    "kesu_audit_missed_clocks",
    "Differences that the last audit found between the log of events and what fired; must be 0; "
    "NaN: there was no audit.",
)
_MISSED.set(float("nan"))
_DIFFERENCES = Gauge("kesu_audit_differences", "The same by kind.", ("kind",))
_BRIER = Gauge(
    "kesu_forecast_brier",
    "Mean squared error of the probability of a breach on the newest outcomes, and of the base rate.",
    ("clock", "of"),
)
_CALIBRATION = Gauge(
    "kesu_forecast_calibration_error",
    "How far foretold and happened lie apart on average over groups of like answers, 0 to 1.",
    ("clock",),
)
_AUDITED = Gauge(
    "kesu_audit_timestamp_seconds", "When the last audit ended, in seconds since 1970; 0: never."
)


class Endings(Collector):
    """Ended clocks as the database has them: every replica shows the same, and a restart changes nothing.

    Series that policy and organisation let expect are there with 0 from the start: for Prometheus a counter
    that appears with 5 has not increased.
    """

    def __init__(self) -> None:
        self.expected: frozenset[Key] = frozenset()
        self.live: Mapping[Key, int] = {}
        self.past: Mapping[Key, int] = {}
        self.recent: Mapping[Key, tuple[int, int]] = {}

    @override
    def collect(self) -> Iterator[Metric]:
        """Prometheus asks."""
        live = CounterMetricFamily("kesu_clocks", _HOW_THEY_ENDED, labels=_LABELS)
        for key in sorted(self.expected | self.live.keys()):
            live.add_metric(key, self.live.get(key, 0))
        yield live
        past = CounterMetricFamily(
            "kesu_history_clocks", "The same of complaints imported with their past.", labels=_LABELS
        )
        for key, number in sorted(self.past.items()):
            past.add_metric(key, number)
        yield past
        lately = GaugeMetricFamily(
            "kesu_clocks_ended_recently",
            "Clocks that ended in the last hour or day.",
            labels=(*_LABELS, "window"),
        )
        for key, (hour, day) in sorted(self.recent.items()):
            lately.add_metric((*key, "1h"), hour)
            lately.add_metric((*key, "1d"), day)
        yield lately


_LABELS = ("site", "department", "clock", "outcome")
_HOW_THEY_ENDED = "Clocks by how they ended; one that was breached and met later counts as breached only."
_ENDINGS = Endings()
REGISTRY.register(_ENDINGS)


def on_told(event: Event[EventData]) -> None:
    """Observe how prompt alarms are, and how much time was left; of what is imported neither."""
    data = event.data
    if isinstance(data, (ClockWarned, ClockBreached)) and not data.history:
        _LAG.observe(data.lag_seconds)
    elif isinstance(data, ClockMet) and not data.history:
        _REMAINING.labels(event.site, data.clock).observe(max(0.0, (data.due_at - data.at).total_seconds()))


def on_rules(rules: Rulebook) -> None:
    """Learn which series there are: each site's departments, the clocks of its profile and laws."""
    known = (rules.organisation.version, *sorted(profile.version for profile in rules.profiles.values()))
    if known == _expected_of[0]:
        return
    _expected_of[0] = known
    organisation = rules.organisation
    _ENDINGS.expected = frozenset(
        Key(site, department, clock, outcome)
        for site in organisation.sites
        for department, unit in organisation.departments.items()
        if unit.manager_at(site) or organisation.roster(department, site)
        for clock in _clocks_of(rules, site)
        for outcome in OUTCOMES
    )


def _clocks_of(rules: Rulebook, site: str) -> set[str]:
    names = {rule.name for rule in rules.profile_of(site).clocks}
    return names | {clock.name for law in rules.laws_of(site) for clock in law.named()}


_expected_of: list[tuple[str, ...]] = [()]


def on_learned(found: Learned) -> None:
    """Show how good forecasts are, beside the base rate."""
    _BRIER.clear()
    _CALIBRATION.clear()
    for clock, score in found.scores.items():
        _BRIER.labels(clock, "forecast").set(score.forecast)
        _BRIER.labels(clock, "base_rate").set(score.base_rate)
        _CALIBRATION.labels(clock).set(score.calibration_error)


def on_audit(differences: Mapping[str, int], at: datetime) -> None:
    """Show what the audit of that moment found, by kind."""
    _AUDITED.set(at.timestamp())
    _MISSED.set(sum(differences.values()))
    for kind, number in differences.items():
        _DIFFERENCES.labels(kind).set(number)


async def refresh(queries: SheetQueries) -> None:
    """Bring the figures up to date that the database keeps; groups that became empty disappear."""
    _ENDINGS.live, _ENDINGS.past = await queries.ended_totals()
    _ENDINGS.recent = await queries.ended_recently()
    running, alarms = await queries.running_counts(), await queries.alarm_counts()
    stuck, due = await queries.undelivered(), await queries.due_counts()
    _RUNNING.clear()
    for count in running:
        _RUNNING.labels(count.site, count.of).set(count.number)
    _show_due(due)
    _UNDELIVERED.clear()
    for template, number in stuck:
        _UNDELIVERED.labels(template).set(number)
    _UNANSWERED.clear()
    for count in alarms:
        _UNANSWERED.labels(count.site, count.of).set(count.number)


def _show_due(due: Iterable[DueCount]) -> None:
    _DUE.clear()
    _NEXT_DUE.clear()
    for one in due:
        _NEXT_DUE.labels(one.site, one.department).set(one.next_due_at.timestamp())
        for within, number in one.within.items():
            _DUE.labels(one.site, one.department, within).set(number)
