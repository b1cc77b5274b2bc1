"""What was learned, and how would it have done? Asked again and again as time went on, judged afterwards.

The past is walked through in rounds. In each, what was known at its beginning is asked about every clock at
several shares of its target, as the page of an alarm would have asked. Answers are judged only once the due
date of the clock has passed: to look at those whose outcome is known early would be to look at those that
were kept. The same older answers say whether foretold probabilities have to be corrected (`calibration`);
a correction is used only after it has done better on answers that it was not fitted to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.escalation.domain.calibration import NONE, Calibration, fitted
from services.escalation.domain.forecast import Forecast, learn
from services.escalation.domain.life import Life, length_of, loads_at
from services.escalation.domain.scoring import FEWEST, Question, Score, is_beyond_chance, score_of

ASKED_AT = (0.0, 0.25, 0.5, 0.75, 0.9)
"""Shares of the target at which the forecast is asked."""
ROUNDS = 24
BEGINS = 0.25
"""The first round begins when so much of the outcomes is known."""
JUDGED = 8
"""The first round whose answers are judged; by then half of the outcomes is known."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A forecast of today with its proof: the scores of those that knew only what was known at the time."""

    forecast: Forecast
    scores: Mapping[str, Score]
    split_at: datetime | None
    loads: Mapping[str, int] = field(default_factory=dict)
    """How many clocks each department has running now."""
    calibration: Calibration = NONE

    def shown(
        self, clock: str, department: str, started_at: datetime, due_at: datetime, share: float
    ) -> float | None:
        """The probability of a breach, if forecasts for clocks of this name have proved better; else None.

        None as well where too few with about as much time have been seen to their end.
        """
        score, length = self.scores.get(clock), length_of(started_at, due_at)
        if score is None or not score.is_better or not self.forecast.is_experienced(clock, length):
            return None
        load = self.loads.get(department)
        return self.calibration.applied(self.forecast.probability(clock, length, department, share, load))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A clock at a share of its target."""

    moment: datetime
    of: int
    life: Life
    length: str
    share: float


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one round said; `corrected` as the correction of that round would have it, used or not."""

    asked_at: datetime
    due_at: datetime
    said: Question
    raw: float
    corrected: float
    is_experienced: bool


def learned(lives: Sequence[Life], now: datetime) -> Learned:
    """The forecast of today and how those of the past have done."""
    moments = _rounds(lives, now)
    if not moments:
        return Learned(learn((), now), {}, None)
    asked = sorted(_asked(lives, now), key=lambda one: one.moment)
    answers: list[_Answer] = []
    for number, begins in enumerate(moments):
        ends = moments[number + 1] if number + 1 < len(moments) else now
        first, last = (bisect_left(asked, at, key=lambda one: one.moment) for at in (begins, ends))
        answers += _round(learn(lives, begins), asked[first:last], _corrections(answers, begins))
    split_at = moments[min(JUDGED, len(moments) - 1)]
    found: dict[str, list[Question]] = defaultdict(list)
    for one in answers:
        if one.asked_at >= split_at and one.is_experienced:
            found[one.said.clock].append(one.said)
    scores = {clock: score_of(clock, asked) for clock, asked in sorted(found.items())}
    _, calibration = _corrections(answers, now)
    return Learned(learn(lives, now), scores, split_at, loads_at(lives, now), calibration)


def _rounds(lives: Sequence[Life], now: datetime) -> list[datetime]:
    """When the rounds begin, by how much was known; fewer where little is, none where nothing is."""
    known = sorted(life.known_at() for life in lives if life.known_at() <= now)
    shares = (BEGINS + (1.0 - BEGINS) * number / ROUNDS for number in range(ROUNDS))
    return sorted({known[int(len(known) * share)] for share in shares}) if known else []


def _round(
    forecast: Forecast, asked: Sequence[_Asked], corrections: tuple[Calibration, Calibration]
) -> Iterator[_Answer]:
    """What is said by what was known when the round began."""
    trial, used = corrections
    for one in asked:
        life = one.life
        raw = forecast.probability(life.clock, one.length, life.department, one.share, life.load)
        base = forecast.base_rate(life.clock)
        said = Question(life.clock, used.applied(raw), base, life.is_missed(), one.of)
        is_experienced = forecast.is_experienced(life.clock, one.length)
        yield _Answer(one.moment, life.due_at, said, raw, trial.applied(raw), is_experienced)


def _asked(lives: Sequence[Life], now: datetime) -> Iterator[_Asked]:
    """Every clock whose due date has passed, at each share of its target at which it was still open."""
    for number, life in enumerate(lives):
        if life.due_at > now:
            continue
        known_share, is_missed, length = life.share_at(life.known_at()), life.is_missed(), life.length
        for share in ASKED_AT:
            if is_missed or share < known_share:
                moment = life.started_at + (life.due_at - life.started_at) * share
                yield _Asked(moment, number, life, length, share)


def _corrections(answers: Sequence[_Answer], at: datetime) -> tuple[Calibration, Calibration]:
    """The correction that older answers ask for, and the one to use: none until such have proved better."""
    settled = [one for one in answers if one.is_experienced and one.due_at <= at]
    trial = fitted((one.raw, one.said.missed) for one in settled)
    if len(settled) < FEWEST:
        return trial, NONE
    compared = [
        Question(one.said.clock, one.corrected, one.raw, one.said.missed, one.said.of) for one in settled
    ]
    return trial, trial if is_beyond_chance(compared) else NONE
