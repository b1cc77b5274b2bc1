"""What does routing count? Open and stranded cases, as Prometheus sees them (architecture.md section 10)."""

from __future__ import annotations

from prometheus_client import Gauge

from services.routing.store.queries import CaseQueries

_OPEN = Gauge(
    "kesu_complaints_open",
    "Complaints that a department has to work on: not ended, and no imported past.",
    ("site", "department", "severity"),
)
_STRANDED = Gauge(
    "kesu_complaints_stranded",
    "Complaints at a triage desk that no rule or person could take.",
    ("site", "reason"),
)
_STRANDED_OLDEST = Gauge(
    "kesu_complaints_stranded_oldest_age_seconds",
    "Age of the oldest complaint of the site that no rule or person could take.",
    ("site",),
)


async def refresh(queries: CaseQueries) -> None:
    """Set the gauges from the cases; groups that became empty disappear."""
    counts = await queries.open_counts()
    _OPEN.clear()
    for group in counts:
        _OPEN.labels(group.site, group.department, group.severity).set(group.count)
    waiting = await queries.stranded_counts()
    _STRANDED.clear()
    _STRANDED_OLDEST.clear()
    for one in waiting:
        _STRANDED.labels(one.site, one.reason).set(one.count)
    for site in {one.site for one in waiting}:
        oldest = max(one.oldest_seconds for one in waiting if one.site == site)
        _STRANDED_OLDEST.labels(site).set(oldest)
