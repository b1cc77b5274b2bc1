"""What does routing count? The open cases, as Prometheus sees them (architecture.md section 10)."""

from __future__ import annotations

from prometheus_client import Gauge

from services.routing.store.queries import CaseQueries

_OPEN = Gauge(
    "kesu_complaints_open",
    "Complaints that a department has and that have not ended.",
    ("site", "department", "severity"),
)


async def refresh(queries: CaseQueries) -> None:
    """Set the gauge from the cases; groups that became empty disappear."""
    counts = await queries.open_counts()
    _OPEN.clear()
    for group in counts:
        _OPEN.labels(group.site, group.department, group.severity).set(group.count)
