"""What do the answers come to? Recovery, mean score, distribution, share of satisfied customers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.surveys.domain.lifecycle import Status


@dataclass(frozen=True, slots=True)
class Tally:
    """So many forms of one survey at one site ended alike."""

    site: str
    survey: str
    status: Status
    forms: int
    grade: str | None = None
    score: float | None = None
    satisfied: bool | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Figures over some forms; ratios are 0 to 1, None where there is nothing to divide by."""

    invited: int
    answered: int
    expired: int
    replaced: int
    recovery_ratio: float | None
    """Answered forms against forms distributed, not against customers (SUR-28, edge case 27)."""
    mean_score: float | None
    satisfied_ratio: float | None
    grades: Mapping[str, int] = field(default_factory=dict)


def summarise(tallies: Iterable[Tally]) -> Result:
    """The figures of all these forms taken together."""
    tallies = tuple(tallies)
    by_status: Counter[Status] = Counter()
    grades: Counter[str] = Counter()
    for tally in tallies:
        by_status[tally.status] += tally.forms
        if tally.grade is not None:
            grades[tally.grade] += tally.forms
    invited, answered = by_status.total(), by_status[Status.ANSWERED]
    points = sum(tally.forms * tally.score for tally in tallies if tally.score is not None)
    satisfied = sum(tally.forms for tally in tallies if tally.satisfied)
    return Result(
        invited=invited,
        answered=answered,
        expired=by_status[Status.EXPIRED],
        replaced=by_status[Status.REPLACED],
        recovery_ratio=answered / invited if invited else None,
        mean_score=points / answered if answered else None,
        satisfied_ratio=satisfied / answered if answered else None,
        grades=dict(sorted(grades.items())),
    )


def by_survey(tallies: Iterable[Tally]) -> dict[tuple[str, str], Result]:
    """The figures of each (site, survey), sorted."""
    groups: dict[tuple[str, str], list[Tally]] = {}
    for tally in tallies:
        groups.setdefault((tally.site, tally.survey), []).append(tally)
    return {key: summarise(groups[key]) for key in sorted(groups)}
