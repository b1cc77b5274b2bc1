"""What is on a record of the case when it is printed? One version with its signatures, or an empty form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.routing.domain.case import Case
from services.routing.domain.record import RecordVersion, record_in
from services.routing.domain.record_entry import kind_named
from services.routing.domain.recording import unsigned_in
from services.routing.pages.paper import Field, Grid, Paper, Section
from services.routing.pages.records import form_of, title_of
from services.routing.pages.wording import BLANK, Wording
from shared.errors import NotFound
from shared.policy.model import Rulebook
from shared.policy.records import CUSTOMER, RecordField, RecordKind
from shared.web.texts import in_language

NAME = "case-record"
Opener = Callable[[str | None], str | None]


def record_sheet(
    case: Case,
    rules: Rulebook,
    words: Wording,
    now: datetime,
    *,
    record: str,
    item: str,
    version: int | None,
    opener: Opener,
) -> Paper:
    """The record in this version, else its newest; nothing written yet: the form to fill in by hand.

    Raises NotFound('unknown-record' or 'no-such-version'). Source: CLS-13, DSP-09, INV-09.
    """
    kind = kind_named(rules.profile_of(case.site).records, record)
    wanted = _version_of(case, record, item, version)
    unsigned = unsigned_in(kind, wanted, case) if wanted is not None else kind.signed_by
    return Paper(
        name=NAME,
        title=title_of(kind, words, "title.case-record"),
        number=case.complaint_no,
        language=words.language,
        company=rules.organisation.name,
        form=form_of(case, rules, kind, words),
        fields=_facts(case, item, wanted, words),
        sections=(_content(kind, wanted, words, opener), *_signatures(wanted, words)),
        signatures=tuple(_role(role, words) for role in unsigned),
        printed=words.moment(now),
    )


def kept_records(case: Case, rules: Rulebook, words: Wording) -> tuple[Section, ...]:
    """What lies with the case, for the handling sheet; nothing does: no section."""
    kinds = rules.profile_of(case.site).records
    columns = ("record", "version", "by", "at")
    rows = tuple(
        (
            f"{in_language(kinds[one.kind].name, words.language)} {one.item}".rstrip(),
            str(one.last.version),
            words.person(one.last.by),
            words.moment(one.last.at),
        )
        for one in case.records
        if one.kind in kinds
    )
    heads = tuple(words.say(f"field.{one}") for one in columns)
    return (Section(words.say("section.records"), grid=Grid(heads, rows)),) if rows else ()


def _version_of(case: Case, record: str, item: str, version: int | None) -> RecordVersion | None:
    found = record_in(case.records, record, item)
    if version is None:
        return found.last if found is not None else None
    wanted = next((one for one in (found.versions if found else ()) if one.version == version), None)
    if wanted is None:
        raise NotFound("no-such-version", f"the record has no version {version}", field="version")
    return wanted


def _facts(case: Case, item: str, version: RecordVersion | None, words: Wording) -> tuple[Field, ...]:
    facts = [
        Field(words.say("field.number"), case.complaint_no),
        Field(words.say("field.type"), f"{case.facts.category} / {case.facts.type}"),
        Field(words.say("field.department"), words.department(case.department)),
    ]
    if item:
        facts.append(Field(words.say("field.item"), item))
    if version is not None:
        facts += [
            Field(words.say("field.version"), str(version.version)),
            Field(words.say("field.by"), words.person(version.by)),
            Field(words.say("field.at"), words.moment(version.at)),
        ]
    return tuple(facts)


def _content(kind: RecordKind, version: RecordVersion | None, words: Wording, opener: Opener) -> Section:
    texts = {one.field: opener(one.sealed) for one in version.texts} if version is not None else {}
    values = dict(version.values) if version is not None else {}
    fields: list[Field] = []
    for one in kind.fields:
        if one.code in texts:
            shown = texts[one.code]
            value = words.say("word.closed") if shown is None else shown
        else:
            value = _worded(one, values.get(one.code), words)
        fields.append(Field(in_language(one.name, words.language), value))
    return Section(words.say("section.record"), fields=tuple(fields))


def _worded(one: RecordField, value: str | None, words: Wording) -> str:
    if value is None:
        return BLANK
    if one.kind == "flag":
        return words.yes(value == "yes")
    if one.kind == "date" and "T" in value:
        return words.moment(datetime.fromisoformat(value))
    return in_language(one.choices[value], words.language) if value in one.choices else value


def _signatures(version: RecordVersion | None, words: Wording) -> tuple[Section, ...]:
    if version is None or not version.signatures:
        return ()
    columns = tuple(words.say(f"field.{one}") for one in ("role", "by", "at", "paper"))
    rows = tuple(
        (_role(one.role, words), words.person(one.by), words.moment(one.at), one.evidence or BLANK)
        for one in version.signatures
    )
    return (Section(words.say("section.record-signatures"), grid=Grid(columns, rows)),)


def _role(role: str, words: Wording) -> str:
    if role == CUSTOMER:
        return words.say("sign.customer")
    return words.say("sign.handler") if role == "handler" else words.code("role", role)
