"""Who writes and signs the records of a case in tests? Whoever policy lets, with something in every field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.routing.domain.case import Case
from services.routing.domain.record import SealedText
from services.routing.domain.recording import lacking
from services.routing.handlers.record_case import RecordCase
from services.routing.handlers.sign_record import SignRecord
from shared.deciding import Actor
from shared.errors import Rejected
from shared.policy.model import Rulebook
from shared.policy.records import CUSTOMER, RecordField, RecordKind
from tests.routing.builders import COMPLAINT, do

HANDS = frozenset({"handler", "manager", "director"})
_FILLED = {"date": "2026-03-03", "number": "3", "flag": "no"}


def anybody(person: str) -> Actor:
    return Actor(person, HANDS, frozenset({"*"}))


def value_of(field: RecordField) -> str:
    return _FILLED.get(field.kind) or next(iter(field.choices))


def writing(
    record: str, kind: RecordKind, actor: Actor, *, only: Iterable[str] = (), **given: Any
) -> RecordCase:
    """Something in every field; `only` in these; `given` holds what matters to the test."""
    wanted = [one for one in kind.fields if not only or one.code in only]
    values = {one.code: value_of(one) for one in wanted if one.kind != "text"}
    texts = tuple(SealedText(one.code, f"k1.{one.code}") for one in wanted if one.kind == "text")
    written = {name.replace("_", "-"): value for name, value in dict(given.pop("values", {})).items()}
    return RecordCase(COMPLAINT, actor, record, values=values | written, texts=texts, **given)


def with_papers(
    case: Case,
    rules: Rulebook,
    gate: str,
    remedies: tuple[str, ...] = (),
    *,
    besides: str = "",
    answers: Mapping[str, Mapping[str, str]] = {},
) -> Case:
    """The case with everything on record that this step needs, as far as anybody may write and sign it.

    All but `besides`; `answers` by record are written where a test wants others than the first.
    """
    kinds = rules.profile_of(case.site).records
    for _ in range(len(kinds) + 1):
        lacks = [one for one in lacking(case, gate, rules, remedies) if one.record != besides]
        for lack in lacks:
            case = _complete(case, rules, lack.record, kinds[lack.record], answers.get(lack.record, {}))
        if not lacks:
            break
    return case


def signing(case: Case, record: str, kind: RecordKind, actor: Actor) -> tuple[SignRecord, ...]:
    """A signature under every record of the kind that there is, and one that attests the customer's."""
    return tuple(
        SignRecord(COMPLAINT, actor, record, one.last.version, one.item, evidence=paper, customer=bool(paper))
        for one in case.records
        if one.kind == record
        for paper in ((None, "p-1") if CUSTOMER in kind.signed_by else (None,))
    )


def _complete(case: Case, rules: Rulebook, record: str, kind: RecordKind, answers: Mapping[str, str]) -> Case:
    people = [anybody(one) for one in ("a.handler", *sorted(rules.organisation.people))]
    for actor in people:
        written = _done(case, rules, writing(record, kind, actor, values=answers))
        if written is not case:
            case = written
            break
    for actor in people if kind.signed_by else ():
        for signature in signing(case, record, kind, actor):
            case = _done(case, rules, signature)
    return case


def _done(case: Case, rules: Rulebook, command: Any) -> Case:
    """The case after the command; as it was if it is refused."""
    try:
        return do(case, command, rules).state or case
    except Rejected:
        return case
