"""Is what somebody writes on a record what its fields can hold?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from services.routing.domain.record import CaseRecord, RecordVersion, SealedText
from shared.errors import Conflict, NotFound, Rejected
from shared.policy.problems import did_you_mean
from shared.policy.records import RecordField, RecordKind

MOST_RECORDS = 50
"""Records of a case, and versions of one record: its document stays small."""
_LONGEST_NUMBER = 30


def kind_named(kinds: Mapping[str, RecordKind], code: str) -> RecordKind:
    """The record of that code, if something can be written on it. Raises NotFound('unknown-record')."""
    kind = kinds.get(code)
    if kind is None or not kind.fields:
        known = [name for name, one in kinds.items() if one.fields]
        raise NotFound(
            "unknown-record",
            f"policy knows no record {code} to be filled in",
            field="record",
            remedy=did_you_mean(code, known),
        )
    return kind


def require_room(records: tuple[CaseRecord, ...], old: CaseRecord | None) -> None:
    """Raises Conflict('too-many-records') where a case would grow without bounds."""
    if len(records if old is None else old.versions) >= MOST_RECORDS:
        raise Conflict(
            "too-many-records",
            f"there are {MOST_RECORDS} of them already",
            field="record",
            remedy="Correct one of those that there are; a record takes as many versions at most.",
        )


def checked(kind: RecordKind, values: Mapping[str, str], texts: tuple[SealedText, ...]) -> dict[str, str]:
    """The values as they are kept: dates and numbers in one spelling.

    Raises Rejected('unknown-field'), Rejected('field-in-the-open') for a text that was not sealed,
    Rejected('bad-choice'), Rejected('bad-date'), Rejected('bad-number').
    """
    for code in (*values, *(text.field for text in texts)):
        if kind.field_of(code) is None:
            remedy = did_you_mean(code, [one.code for one in kind.fields])
            raise Rejected("unknown-field", f"the record has no field {code}", field=code, remedy=remedy)
    kept: dict[str, str] = {}
    for code, value in values.items():
        one = kind.field_of(code)
        assert one is not None
        kept[code] = _value(one, value)
    for text in texts:
        one = kind.field_of(text.field)
        assert one is not None
        if one.kind != "text":
            raise Rejected("field-sealed", f"{text.field} holds no free text", field=text.field)
    return kept


def next_version(
    old: RecordVersion | None, new: RecordVersion, without: tuple[str, ...], kind: RecordKind
) -> RecordVersion:
    """The version that follows: what stood there stays unless it is written anew or taken out."""
    if old is None:
        return new
    written = new.filled | frozenset(without)
    known = {one.code: one for one in kind.fields}
    values = {
        code: value
        for code, value in old.values.items()
        if code not in written and code in known and known[code].kind != "text"
    }
    texts = tuple(one for one in old.texts if one.field not in written and one.field in known)
    return RecordVersion(
        version=old.version + 1,
        round=new.round,
        by=new.by,
        at=new.at,
        values={**values, **new.values},
        texts=(*texts, *new.texts),
        reason_code=new.reason_code,
        policy_version=new.policy_version,
    )


def _value(one: RecordField, value: str) -> str:
    match one.kind:
        case "choice" | "flag":
            if value not in one.answers:
                known = ", ".join(one.answers)
                raise Rejected(
                    "bad-choice", f"{one.code} cannot be {value}", field=one.code, remedy=f"One of: {known}."
                )
            return value
        case "date":
            return _date(one.code, value)
        case "number":
            return _number(one.code, value)
        case _:
            raise Rejected(
                "field-in-the-open",
                f"{one.code} is free text and travels sealed only",
                field=one.code,
                remedy="Send it through the door of the records, which seals it.",
            )


def _date(code: str, value: str) -> str:
    try:
        moment = date.fromisoformat(value) if len(value) == len("2026-11-25") else _moment(value)
    except ValueError:
        raise Rejected(
            "bad-date",
            f"{code} is no date",
            field=code,
            remedy="Write 2026-11-25, or with a time 2026-11-25T09:30+08:00.",
        ) from None
    return moment.isoformat()


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        msg = "no time zone"
        raise ValueError(msg)
    return moment


def _number(code: str, value: str) -> str:
    try:
        # Digits of other scripts and 1_000 would be read here and by nobody after us.
        number = Decimal(value if value.isascii() and "_" not in value else "NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(value) > _LONGEST_NUMBER:
        raise Rejected("bad-number", f"{code} is no number", field=code, remedy="Write for example 12.5.")
    return f"{number:f}" if abs(number.adjusted()) < _LONGEST_NUMBER else str(number)
