"""Does the engine agree with a case of known due date or elapsed time, and if not, where?

The format is that of `sla_cases.json`: facts from the test suites of other products, read with the
`period_end` boundary. A case that records behaviour not to copy (`semantics`) carries the right
answer in `recommended_due`; one that a peer rounded carries it in `exact_second_due`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import Rejected
from shared.worktime.case_keys import LENGTHS, TOLERANCES, length, moment
from shared.worktime.due import elapsed, shifted
from shared.worktime.explain import explain, explain_elapsed
from shared.worktime.explanation import Explanation, written
from shared.worktime.questions import Question, boundary_of, read_question
from shared.worktime.target import End, Target

_EXACT = timedelta(milliseconds=1)
_NO_DUE_TIME = {"clock-paused", "no-working-time"}
_OF_A_TARGET = ("expected_due", "expected_due_other_boundary", "recommended_due", "exact_second_due")


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
    """The verdict on one case. A case that cannot be read is a difference, not an error.

    Where the expected due time holds under one boundary only and the other is not told, the case is
    read with its own.
    """
    name = str(case.get("id", "?"))
    try:
        own = boundary_of(case)
        used = boundary if case.get("expected_due_other_boundary") is not None else own
        question = read_question(case, used)
        compared = tuple(_comparisons(case, question, other=used is not own))
    except Rejected as refused:
        return Verdict(name, (Comparison("case", "an answer", refused.sentence()),))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as malformed:
        return Verdict(name, (Comparison("case", "a readable case", repr(malformed)),))
    if not compared:
        return Verdict(name, (Comparison("case", "something to compare", "nothing"),))
    differences = tuple(one for one in compared if not one.agrees)
    return Verdict(name, differences, tuple(_reasons(question)) if differences else ())


def _comparisons(case: Mapping[str, object], question: Question, *, other: bool) -> Iterator[Comparison]:
    if question.target is not None:
        yield from _of_the_due_time(case, question, question.target, other=other)
    elif question.escalations or any(case.get(key) is not None for key in _OF_A_TARGET):
        raise Rejected("target-missing", "A due time is expected, but there is no target.", field="target")
    lengths = _told(case, "exact") or _told(case, "expected")
    if not lengths and (question.target is not None or case.get("expected_paused_seconds") is None):
        return
    if question.stop is None:
        raise Rejected("stop-missing", "An elapsed time is expected, but there is no stop.", field="events")
    asked = question.calendar, question.start, question.stop, question.pauses
    for key, wanted in lengths:
        tolerance = _EXACT if key.startswith("exact") else _tolerance(case)
        yield _lengths("business seconds", wanted, elapsed(*asked), tolerance)
    if question.target is None:
        yield from _paused(case, explain_elapsed(*asked))


def _of_the_due_time(
    case: Mapping[str, object], question: Question, target: Target, *, other: bool
) -> Iterator[Comparison]:
    """Due, paused and levels; an expected due time of null means that none can be told."""
    wanted = _wanted(case, other=other)
    nothing = wanted is None and "expected_due" in case
    try:
        why = explain(question.calendar, question.start, target, question.pauses)
    except Rejected as refused:
        if not nothing or refused.code not in _NO_DUE_TIME or question.escalations:
            raise
        yield Comparison("due", "none", "none", agrees=True)
        return
    if wanted is not None:
        yield _moments("due", *wanted, why.due_at)
    elif nothing:
        yield Comparison("due", "none", written(why.due_at))
    yield from _paused(case, why)
    for offset, expected in question.escalations:
        got = shifted(question.calendar, why.due_at, offset)
        yield _moments(f"escalation {offset}", expected, _EXACT, got)


def _wanted(case: Mapping[str, object], *, other: bool) -> tuple[datetime, timedelta] | None:
    """The due time that the case has for this boundary, and by how much one may miss it."""
    exact = (
        "recommended_due",
        "exact_second_due",
        *(("expected_due_other_boundary",) if other else ()),
    )
    for key in exact:
        if case.get(key) is not None:
            return moment(case[key], key), _EXACT
    if case.get("expected_due") is None:
        return None
    return moment(case["expected_due"], "expected_due"), _tolerance(case)


def _told(case: Mapping[str, object], how: str) -> list[tuple[str, timedelta]]:
    """The working time that passed as the case tells it: exactly, or as the peer rounded it."""
    keys = {f"{how}_{unit}": seconds for unit, seconds in LENGTHS.items()}
    return [(key, length(case[key], key, keys[key])) for key in keys if case.get(key) is not None]


def _paused(case: Mapping[str, object], why: Explanation) -> Iterator[Comparison]:
    key = "expected_paused_seconds"
    if case.get(key) is not None:
        yield _lengths("paused seconds", length(case[key], key), timedelta(seconds=why.paused_seconds))


def _tolerance(case: Mapping[str, object]) -> timedelta:
    given = [key for key in TOLERANCES if case.get(key) is not None]
    if len(given) > 1:
        raise Rejected("tolerances-contradict", f"{' and '.join(given)} are both given.", field=given[1])
    allowed = (length(case[key], key, TOLERANCES[key]) for key in given)
    return max(next(allowed, _EXACT), _EXACT)


def _reasons(question: Question) -> Iterator[Explanation]:
    asked = question.calendar, question.start
    if question.target is not None:
        with suppress(Rejected):  # A clock that stands still has no reasons yet.
            yield explain(*asked, question.target, question.pauses)
    if question.stop is not None:
        yield explain_elapsed(*asked, question.stop, question.pauses)


def _moments(what: str, expected: datetime, tolerance: timedelta, got: datetime) -> Comparison:
    return Comparison(what, written(expected), written(got), abs(got - expected) <= tolerance)


def _lengths(what: str, expected: timedelta, got: timedelta, tolerance: timedelta = _EXACT) -> Comparison:
    wanted, found = (f"{passed.total_seconds():.3f}" for passed in (expected, got))
    return Comparison(what, wanted, found, abs(got - expected) <= tolerance)
