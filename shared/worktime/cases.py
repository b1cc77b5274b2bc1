"""Does the engine agree with a case of known due date or elapsed time, and if not, where?

The format is that of `sla_cases.json`: facts from the test suites of other products, read with the
`period_end` boundary. A case that records behaviour not to copy (`semantics`) carries the right
answer in `recommended_due`; one that a peer rounded carries it in `exact_second_due`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import Rejected
from shared.worktime.due import elapsed, shifted
from shared.worktime.explain import explain, explain_elapsed
from shared.worktime.explanation import Explanation, written
from shared.worktime.questions import Question, moment, read_question
from shared.worktime.target import End

_EXACT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value of a case, as the case has it and as the engine has it."""

    what: str
    expected: str
    got: str
    agrees: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a case; without differences it agrees."""

    case_id: str
    differences: tuple[Comparison, ...]
    explanations: tuple[Explanation, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every value of the case is as expected."""
        return not self.differences


def check_case(case: Mapping[str, object], boundary: End = End.PERIOD_END) -> Verdict:
    """The verdict on one case. A case that cannot be read is a difference, not an error."""
    name = str(case.get("id", "?"))
    try:
        question = read_question(case, boundary)
        compared = tuple(_comparisons(case, question, boundary))
    except Rejected as refused:
        return Verdict(name, (Comparison("case", "an answer", refused.sentence()),))
    except (AttributeError, KeyError, TypeError, ValueError, StopIteration) as malformed:
        return Verdict(name, (Comparison("case", "a readable case", repr(malformed)),))
    if not compared:
        return Verdict(name, (Comparison("case", "something to compare", "nothing"),))
    differences = tuple(one for one in compared if not one.agrees)
    return Verdict(name, differences, tuple(_reasons(question)) if differences else ())


def _comparisons(case: Mapping[str, object], question: Question, boundary: End) -> Iterator[Comparison]:
    if question.target is not None:
        pauses = question.pauses
        why = explain(question.calendar, question.start, question.target, pauses)
        if case.get("expected_due") is not None:
            yield _moments("due", *_wanted(case, boundary), why.due_at)
        if case.get("expected_paused_seconds") is not None:
            paused = timedelta(seconds=_number(case["expected_paused_seconds"]))
            yield _lengths("paused seconds", paused, timedelta(seconds=why.paused_seconds))
        for offset, expected in question.escalations:
            got = shifted(question.calendar, why.due_at, offset)
            yield _moments(f"escalation {offset}", expected, _EXACT, got)
    if case.get("expected_business_minutes") is not None:
        if question.stop is None:
            raise ValueError("an elapsed time without a stop event")
        expected_time = timedelta(minutes=_number(case["expected_business_minutes"]))
        passed = elapsed(question.calendar, question.start, question.stop, question.pauses)
        yield _lengths("business seconds", expected_time, passed)


def _wanted(case: Mapping[str, object], boundary: End) -> tuple[datetime, timedelta]:
    """The due time that the case has for this boundary, and by how much one may miss it."""
    for key in ("recommended_due", "exact_second_due"):
        if case.get(key) is not None:
            return moment(case[key]), _EXACT
    other = case.get("expected_due_other_boundary")
    if other is not None and case.get("boundary") != boundary:
        return moment(other), _EXACT
    tolerance = timedelta(seconds=_number(case.get("tolerance_seconds", 0)))
    return moment(case["expected_due"]), max(tolerance, _EXACT)


def _reasons(question: Question) -> Iterator[Explanation]:
    asked = question.calendar, question.start
    if question.target is not None:
        yield explain(*asked, question.target, question.pauses)
    if question.stop is not None:
        yield explain_elapsed(*asked, question.stop, question.pauses)


def _moments(what: str, expected: datetime, tolerance: timedelta, got: datetime) -> Comparison:
    return Comparison(what, written(expected), written(got), abs(got - expected) <= tolerance)


def _lengths(what: str, expected: timedelta, got: timedelta) -> Comparison:
    wanted, found = (f"{length.total_seconds():.3f}" for length in (expected, got))
    return Comparison(what, wanted, found, abs(got - expected) <= _EXACT)


def _number(value: object) -> float:
    return float(str(value))
