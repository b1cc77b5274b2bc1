"""Does a profile contradict itself? What can be seen without knowing the organisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.policy.asking import SurveyRule
from shared.policy.document import Document
from shared.policy.problems import Keys, Problem
from shared.policy.profile import Profile
from shared.policy.remedies_checks import check_remedies
from shared.policy.rules import ClockRule, RouteRule, When
from shared.policy.section_checks import check_sections
from shared.policy.table_checks import check_hit_policies, check_rows, check_words, known, unique_names
from shared.policy.vocabulary import EVENTS, KINDS, LANGUAGES, REPLY_FORMS, SEVERITIES, WORK

_MOST_POINTS = 100


def check_profile(profile: Profile, document: Document) -> Iterator[Problem]:
    """Everything that a profile says which it cannot mean."""
    for index, kind in enumerate(profile.kinds):
        yield from known(document, ("kinds", index), kind, KINDS, "kind")
    yield from known(document, ("reply_form",), profile.reply_form, REPLY_FORMS, "form of reply")
    for part in ("repropose_max", "repropose_escalate_at"):
        if getattr(profile, part) < 0:
            yield document.problem((part,), "is negative", "Write 0 for no limit.")
    yield from _routing(profile, document)
    yield from _triage(profile, document)
    yield from check_hit_policies(profile, document)
    yield from _clocks(profile, document)
    yield from _ladder(profile, document)
    if profile.survey:
        yield from _survey(profile, profile.survey, document)
    yield from check_sections(profile, document)
    yield from check_remedies(profile, document)


def _routing(profile: Profile, document: Document) -> Iterator[Problem]:
    rows = profile.routing
    yield from unique_names(document, ("routing",), [row.name for row in rows])
    yield from check_rows(profile, document, ("routing",), rows)
    if not rows or rows[-1].when != When():
        remedy = "Add a last row without `when`, so that every complaint has a desk."
        yield document.problem(("routing",), "has no default row", remedy)
    for index, row in enumerate(rows):
        yield from _route(profile, document, ("routing", index), row)
    yield from unique_names(document, ("fan_out",), [row.name for row in profile.fan_out])
    yield from check_words(profile, document, ("fan_out",), profile.fan_out)
    for index, added in enumerate(profile.fan_out):
        if not added.assist and not added.inform:
            remedy = "Give it `assist:` or `inform:`."
            yield document.problem(("fan_out", index), "adds nobody", remedy)


def _route(profile: Profile, document: Document, where: Keys, row: RouteRule) -> Iterator[Problem]:
    if row.reply_form:
        yield from known(document, (*where, "reply_form"), row.reply_form, REPLY_FORMS, "form of reply")
    for at, work in enumerate(row.opens):
        yield from known(document, (*where, "opens", at), work, WORK, "work")
    for at, record in enumerate(row.records):
        yield from known(document, (*where, "records", at), record, profile.records, "record")
    if row.lead in row.assist:
        keys = (*where, "assist", row.assist.index(row.lead))
        yield document.problem(keys, f"{row.lead} leads already", "Remove it.")


def _triage(profile: Profile, document: Document) -> Iterator[Problem]:
    yield from unique_names(document, ("severity",), [row.name for row in profile.severity])
    yield from check_rows(profile, document, ("severity",), profile.severity)
    for index, row in enumerate(profile.severity):
        where = ("severity", index)
        yield from known(document, (*where, "severity"), row.severity, SEVERITIES, "severity")
        if row.priority < 1:
            remedy = "1 is the most urgent; write 1 or more."
            yield document.problem((*where, "priority"), f"{row.priority} is no priority", remedy)


def _clocks(profile: Profile, document: Document) -> Iterator[Problem]:
    yield from unique_names(document, ("clocks",), [clock.name for clock in profile.clocks])
    for index, clock in enumerate(profile.clocks):
        where: Keys = ("clocks", index)
        yield from _clock(document, where, clock)
        yield from check_rows(profile, document, (*where, "limits"), clock.limits)
        for at, limit in enumerate(clock.limits):
            if (limit.target is None) == (not limit.agreed_by):
                remedy = "Give it either a `target:` or `agreed_by:`, the roles that set the date."
                detail = "has no target" if limit.target is None else "is both fixed and agreed"
                yield document.problem((*where, "limits", at), detail, remedy)


def _clock(document: Document, where: Keys, clock: ClockRule) -> Iterator[Problem]:
    yield from known(document, (*where, "starts_on"), clock.starts_on, EVENTS, "event")
    for part, events in (("meets_on", clock.meets_on), ("cancels_on", clock.cancels_on)):
        for at, event in enumerate(events):
            yield from known(document, (*where, part, at), event, EVENTS, "event")
    if not clock.meets_on:
        yield document.problem((*where, "meets_on"), "names no event", "A promise must be keepable.")
    if clock.starts_on in clock.meets_on:
        keys = (*where, "meets_on", clock.meets_on.index(clock.starts_on))
        yield document.problem(keys, "starts the same clock", "Name what happens later.")
    for at, percent in enumerate(clock.warn_at_percent):
        if not 0 < percent < 100:  # noqa: PLR2004 - percent
            keys = (*where, "warn_at_percent", at)
            yield document.problem(keys, f"{percent} is no warning point", "Write 1 to 99.")
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
    yield from unique_names(document, ("survey", "scale"), [grade.code for grade in survey.scale], "code")
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
        yield from known(document, ("survey", "kinds", index), kind, profile.kinds, "kind")


def _languages(document: Document, keys: Keys, text: Mapping[str, str]) -> Iterator[Problem]:
    for language in LANGUAGES:
        if language not in text:
            yield document.problem(keys, f"has no text in {language}", f"Add `{language}:`.")
