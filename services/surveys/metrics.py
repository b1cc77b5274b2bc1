"""What does surveys count? How satisfied customers are, and how many of them answer."""

from __future__ import annotations

import math

from prometheus_client import Gauge

from services.surveys.domain.results import by_survey, summarise
from services.surveys.store.queries import InvitationQueries, Window

_SCORE = Gauge(
    "kesu_survey_score",
    "Mean score of the answered forms, 0 to 100; absent without answers.",
    ("site", "survey"),
)
_RECOVERY = Gauge(
    "kesu_survey_recovery_ratio",
    "Answered forms against forms distributed, 0 to 1 (SUR-28); NaN while none was distributed.",
)


async def refresh(queries: InvitationQueries) -> None:
    """Set the gauges from all forms ever distributed."""
    tallies = await queries.tallies(Window())
    _SCORE.clear()
    for (site, survey), result in by_survey(tallies).items():
        if result.mean_score is not None:
            _SCORE.labels(site, survey).set(result.mean_score)
    recovery = summarise(tallies).recovery_ratio
    _RECOVERY.set(math.nan if recovery is None else recovery)
