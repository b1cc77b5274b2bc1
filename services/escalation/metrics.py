"""What does escalation count? How clocks end, how prompt its alarms are, and who has not answered yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from services.escalation.domain.proving import Learned
from services.escalation.store.queries import SheetQueries
from shared.clock import monotonic
from shared.deciding import Event
from shared.events.base import EventData
from shared.events.escalation import ClockBreached, ClockCancelled, ClockMet, ClockWarned

HOUR = 3600.0
_CLOCKS = Counter(
    "kesu_clocks",
    "Clocks by how they ended; one that was breached and met later counts as breached only.",
    ("site", "department", "clock", "outcome"),
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
# Counting a million sheets takes a moment: it may cost at most a fiftieth of the time.
_REST = 50.0
_counted_until = [0.0]


def on_told(event: Event[EventData]) -> None:
    """Count what the service has just told.

    Imported breaches are counted when the clock is met late, not when they are recorded, because news
    that they were answered in time may follow in the same import.
    """
    data = event.data
    if isinstance(data, (ClockWarned, ClockBreached)) and not data.history:
        _LAG.observe(data.lag_seconds)
    if isinstance(data, ClockBreached) and not data.history:
        _count(event.site, data.department, data.clock, "breached")
    elif isinstance(data, ClockCancelled):
        _count(event.site, None, data.clock, "cancelled")
    elif isinstance(data, ClockMet):
        _count_met(event.site, data)


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
    """Set the gauges from the sheets; groups that became empty disappear."""
    started = monotonic()
    if started < _counted_until[0]:
        return
    running, alarms = await queries.running_counts(), await queries.alarm_counts()
    stuck = await queries.undelivered()
    _counted_until[0] = monotonic() + _REST * (monotonic() - started)
    _RUNNING.clear()
    for count in running:
        _RUNNING.labels(count.site, count.of).set(count.number)
    _UNDELIVERED.clear()
    for template, number in stuck:
        _UNDELIVERED.labels(template).set(number)
    _UNANSWERED.clear()
    for count in alarms:
        _UNANSWERED.labels(count.site, count.of).set(count.number)


def _count_met(site: str, data: ClockMet) -> None:
    left = (data.due_at - data.at).total_seconds()
    if not data.history:
        _REMAINING.labels(site, data.clock).observe(max(0.0, left))
    if not data.late:
        _count(site, data.department, data.clock, "met")
    elif data.history:
        _count(site, data.department, data.clock, "breached")


def _count(site: str, department: str | None, clock: str, outcome: str) -> None:
    _CLOCKS.labels(site, department or "", clock, outcome).inc()
