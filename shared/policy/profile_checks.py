"""Does a profile contradict itself? What can be seen without knowing the organisation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from shared.policy.document import Document
from shared.policy.problems import Keys, Problem, did_you_mean
from shared.policy.profile import Profile, SurveyRule
from shared.policy.rules import When, covers
from shared.policy.vocabulary import EVENTS, FLAGS, KINDS, LANGUAGES, REPLY_FORMS, SEVERITIES

_MOST_POINTS = 100


class _Row(Protocol):
    @property
    def when(self) -> When: ...


def check_profile(profile: Profile, document: Document) -> Iterator[Problem]:
    """Everything that a profile says which it cannot mean."""
    for index, kind in enumerate(profile.kinds):
        yield from _known(document, ("kinds", index), kind, KINDS, "kind")
    yield from _known(document, ("reply_form",), profile.reply_form, REPLY_FORMS, "form of reply")
    if profile.repropose_max < 0:
        yield document.problem(("repropose_max",), "is negative", "Write 0 for no limit.")
    yield from _routing(profile, document)
    yield from _triage(profile, document)
    yield from _clocks(profile, document)
    yield from _ladder(profile, document)
    if profile.survey:
        yield from _survey(profile, profile.survey, document)


def _routing(profile: Profile, document: Document) -> Iterator[Problem]:
    rows = profile.routing
    yield from _names(document, "routing", [row.name for row in rows])
    yield from _rows(profile, document, ("routing",), rows)
    if not rows or rows[-1].when != When():
        remedy = "Add a last row without `when`, so that every complaint has a desk."
        yield document.problem(("routing",), "has no default row", remedy)


def _triage(profile: Profile, document: Document) -> Iterator[Problem]:
    yield from _names(document, "severity", [row.name for row in profile.severity])
    yield from _rows(profile, document, ("severity",), profile.severity)
    for index, row in enumerate(profile.severity):
        where = ("severity", index)
        yield from _known(document, (*where, "severity"), row.severity, SEVERITIES, "severity")
        if row.priority < 1:
            remedy = "1 is the most urgent; write 1 or more."
            yield document.problem((*where, "priority"), f"{row.priority} is no priority", remedy)


def _clocks(profile: Profile, document: Document) -> Iterator[Problem]:
    yield from _names(document, "clocks", [clock.name for clock in profile.clocks])
    for index, clock in enumerate(profile.clocks):
        where: Keys = ("clocks", index)
        yield from _known(document, (*where, "starts_on"), clock.starts_on, EVENTS, "event")
        for part, events in (("meets_on", clock.meets_on), ("cancels_on", clock.cancels_on)):
            for at, event in enumerate(events):
                yield from _known(document, (*where, part, at), event, EVENTS, "event")
        if not clock.meets_on:
            yield document.problem((*where, "meets_on"), "names no event", "A promise must be keepable.")
        for at, percent in enumerate(clock.warn_at_percent):
            if not 0 < percent < 100:  # noqa: PLR2004 - percent
                keys = (*where, "warn_at_percent", at)
                yield document.problem(keys, f"{percent} is no warning point", "Write 1 to 99.")
        yield from _rows(profile, document, (*where, "limits"), clock.limits)
        if not clock.limits:
            yield document.problem((*where, "limits"), "is empty", "Add a row with a `target`.")


def _ladder(profile: Profile, document: Document) -> Iterator[Problem]:
    levels = profile.escalation
    for index, level in enumerate(levels):
        where: Keys = ("escalation", index)
        last = index == len(levels) - 1
        if level.level != index + 1:
            detail = f"level {level.level} stands in place {index + 1}"
            yield document.problem((*where, "level"), detail, "Number the levels 1, 2, 3 ...")
        if not level.to:
            yield document.problem((*where, "to"), "names nobody", "Name at least one role.")
        if last and level.acknowledge_within is not None:
            remedy = "Leave it out: nobody is above the last level."
            yield document.problem((*where, "acknowledge_within"), "leads nowhere", remedy)
        if not last and level.acknowledge_within is None:
            remedy = "Add `acknowledge_within:`, else the levels above are never reached."
            yield document.problem(where, "has no time to acknowledge", remedy)


def _survey(profile: Profile, survey: SurveyRule, document: Document) -> Iterator[Problem]:
    yield from _names(document, "survey", [grade.code for grade in survey.scale], "scale", "code")
    for index, grade in enumerate(survey.scale):
        where: Keys = ("survey", "scale", index)
        if not 0 <= grade.points <= _MOST_POINTS:
            yield document.problem((*where, "points"), "is not between 0 and 100", "SUR-08.")
        yield from _languages(document, (*where, "label"), grade.label)
    if survey.question:
        yield from _languages(document, ("survey", "question"), survey.question)
    if survey.satisfied_from not in {grade.points for grade in survey.scale}:
        remedy = "Write the points of one of its grades."
        yield document.problem(("survey", "satisfied_from"), "is not on the scale", remedy)
    for index, kind in enumerate(survey.kinds):
        yield from _known(document, ("survey", "kinds", index), kind, profile.kinds, "kind")


def _rows(profile: Profile, document: Document, where: Keys, rows: Sequence[_Row]) -> Iterator[Problem]:
    for index, row in enumerate(rows):
        yield from _when(profile, document, (*where, index, "when"), row.when)
        for before in range(index):
            if covers(rows[before].when, row.when):
                detail = f"is never reached: row {before} takes all it is about"
                remedy = "Put it before that row, or remove it."
                yield document.problem((*where, index), detail, remedy)
                break


def _when(profile: Profile, document: Document, where: Keys, when: When) -> Iterator[Problem]:
    types = [kind for kinds in profile.categories.values() for kind in kinds]
    words: Mapping[str, tuple[Iterable[str], Iterable[str]]] = {
        "kind": (when.kind, profile.kinds),
        "flags": (when.flags, FLAGS),
        "severity": (when.severity, SEVERITIES),
        "category": (when.category, profile.categories),
        "type": (when.type, types),
    }
    for part, (written, known) in words.items():
        # A profile that lists no categories or types does not say which exist.
        if known or part not in {"category", "type"}:
            for index, word in enumerate(written):
                yield from _known(document, (*where, part, index), word, known, part)


def _known(document: Document, keys: Keys, word: str, known: Iterable[str], what: str) -> Iterator[Problem]:
    if word not in known:
        yield document.problem(keys, f"no {what} {word} is known", did_you_mean(word, known))


def _names(
    document: Document, part: str, names: Sequence[str], below: str = "", field: str = "name"
) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if name in names[:index]:
            keys: Keys = (part, *((below,) if below else ()), index, field)
            yield document.problem(keys, f"{name} stands twice", "Give each its own.")


def _languages(document: Document, keys: Keys, text: Mapping[str, str]) -> Iterator[Problem]:
    for language in LANGUAGES:
        if language not in text:
            yield document.problem(keys, f"has no text in {language}", f"Add `{language}:`.")
