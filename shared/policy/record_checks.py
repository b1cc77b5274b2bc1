"""Can the records that a profile asks for be written, signed and passed, as they stand there?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.policy import vocabulary as words
from shared.policy.document import Document
from shared.policy.problems import Keys, Problem
from shared.policy.profile import Profile
from shared.policy.records import CODED, FIELD_KINDS, GATES, RecordField, RecordKind
from shared.policy.table_checks import check_when, known, unique_names


def check_records(profile: Profile, document: Document) -> Iterator[Problem]:
    """Fields without words or choices, gates that do not exist, and conditions that never hold."""
    for code, record in profile.records.items():
        where: Keys = ("records", code)
        if not record.name:
            remedy = "Give a text for at least one language."
            yield document.problem((*where, "name"), "is empty", remedy)
        yield from _shape(document, where, record)
        yield from unique_names(document, (*where, "fields"), [one.code for one in record.fields], "code")
        for at, one in enumerate(record.fields):
            yield from _field(document, (*where, "fields", at), one)
        yield from check_when(profile, document, (*where, "when"), record.when)
        yield from _course(profile, document, (*where, "when"), record)
        yield from _order(profile, document, where, code)


def _shape(document: Document, where: Keys, record: RecordKind) -> Iterator[Problem]:
    if record.needed_before:
        yield from known(document, (*where, "needed_before"), record.needed_before, GATES, "step")
    if not record.fields and (record.needed_before or record.signed_by or record.after):
        remedy = "Add `fields:`, or leave it a name without a step that needs it."
        yield document.problem(where, "has nothing to fill in", remedy)
    for at, role in enumerate(record.signed_by):
        if role in record.signed_by[:at]:
            yield document.problem((*where, "signed_by", at), f"{role} stands twice", "Name each once.")


def _field(document: Document, where: Keys, one: RecordField) -> Iterator[Problem]:
    yield from known(document, (*where, "kind"), one.kind, FIELD_KINDS, "kind of field")
    yield from _worded(document, (*where, "name"), one.name)
    for choice, text in one.choices.items():
        yield from _worded(document, (*where, "choices", choice), text)
    if one.kind == "choice" and not one.choices:
        yield document.problem(where, "has no choices", "Add `choices:`, codes with their words.")
    if one.kind != "choice" and one.choices:
        remedy = "Make it `kind: choice`, or remove them."
        yield document.problem((*where, "choices"), f"mean nothing in a {one.kind}", remedy)


def _worded(document: Document, keys: Keys, text: Mapping[str, str]) -> Iterator[Problem]:
    for language in words.LANGUAGES:
        if not text.get(language):
            yield document.problem(keys, f"has no text in {language}", f"Add `{language}:`.")


def _course(profile: Profile, document: Document, where: Keys, record: RecordKind) -> Iterator[Problem]:
    """What is said of remedies, liability and the answers of other records."""
    for at, found in enumerate(record.when.liability):
        yield from known(document, (*where, "liability", at), found, words.LIABILITIES, "liability")
    for at, remedy in enumerate(record.when.remedies if profile.remedies else ()):
        yield from known(document, (*where, "remedies", at), remedy, profile.remedies, "remedy")
    coded = {
        f"{code}.{one.code}": one.answers
        for code, other in profile.records.items()
        for one in other.fields
        if one.kind in CODED and other is not record
    }
    for way, answers in record.when.answers.items():
        keys: Keys = (*where, "answers", way)
        yield from known(document, keys, way, coded, "choice or flag of another record")
        for at, answer in enumerate(answers if way in coded else ()):
            yield from known(document, (*keys, at), answer, coded[way], "answer")


def _order(profile: Profile, document: Document, where: Keys, code: str) -> Iterator[Problem]:
    for at, before in enumerate(profile.records[code].after):
        yield from known(document, (*where, "after", at), before, profile.records, "record")
    if code in _before(profile, code):
        yield document.problem((*where, "after"), "goes round in a circle", "Break it.")


def _before(profile: Profile, code: str) -> set[str]:
    """All records that must be there before this one, by any number of steps."""
    found: set[str] = set()
    waiting = list(profile.records[code].after)
    while waiting:
        one = waiting.pop()
        if one not in found and one in profile.records:
            found.add(one)
            waiting += profile.records[one].after
    return found
