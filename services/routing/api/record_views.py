"""How do the records of a case look, and what is still asked for? Texts only to those who may read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.record import CaseRecord, RecordVersion
from services.routing.domain.recording import lack_of, lacking
from shared.host.fields import Answer
from shared.policy.model import Rulebook
from shared.policy.records import GATES, RecordKind

Opener = Callable[[str], str | None]
"""Opens a sealed text, or keeps it closed."""


class RecordSignatureView(Answer):
    """Who signed in which role; `evidence` is the paper that the customer signed."""

    role: str
    by: str
    at: datetime
    in_place_of: str | None
    evidence: str | None


class RecordVersionView(Answer):
    """One version; a text is null where it is not for the reader's eyes."""

    version: int
    round: int
    by: str
    at: datetime
    reason_code: str | None
    fields: dict[str, str | None]
    signatures: tuple[RecordSignatureView, ...]
    policy_version: str


class RecordView(Answer):
    """A record with all its versions, newest last."""

    record: str
    item: str | None
    name: dict[str, str]
    complete: bool
    versions: tuple[RecordVersionView, ...]


class RecordLine(Answer):
    """A record as the case shows it."""

    record: str
    item: str | None
    version: int
    by: str
    at: datetime
    complete: bool


class NeededView(Answer):
    """A record that the case still needs: before which step, and what is missing on it."""

    record: str
    item: str | None
    before: str
    fields: tuple[str, ...]
    unsigned: tuple[str, ...]


class CaseRecords(Answer):
    """The records of one case, and those that it still needs."""

    complaint_id: UUID
    complaint_no: str
    site: str
    version: int
    items: list[RecordView]
    needed: list[NeededView]


def view_of_records(
    case: Case, rules: Rulebook, opener: Opener, wanted: Callable[[str], bool]
) -> CaseRecords:
    """The records of the kinds that are wanted."""
    kinds = rules.profile_of(case.site).records
    return CaseRecords(
        complaint_id=case.complaint_id,
        complaint_no=case.complaint_no,
        site=case.site,
        version=case.version,
        items=[_view(one, kinds.get(one.kind), case, opener) for one in case.records if wanted(one.kind)],
        needed=[one for one in needed_of(case, rules) if wanted(one.record)],
    )


def lines_of(case: Case, rules: Rulebook) -> tuple[RecordLine, ...]:
    """The records without what stands on them."""
    kinds = rules.profile_of(case.site).records
    return tuple(
        RecordLine(
            record=one.kind,
            item=one.item or None,
            version=one.last.version,
            by=one.last.by,
            at=one.last.at,
            complete=_is_complete(one, kinds.get(one.kind), case),
        )
        for one in case.records
    )


def needed_of(case: Case, rules: Rulebook) -> tuple[NeededView, ...]:
    """What the case still needs before its end, by what is known of it now; an ended one needs nothing."""
    if case.has_ended:
        return ()
    kinds = rules.profile_of(case.site).records
    return tuple(
        NeededView(
            record=one.record,
            item=one.item or None,
            before=kinds[one.record].needed_before,
            fields=one.fields,
            unsigned=one.unsigned,
        )
        for one in lacking(case, GATES[-1], rules)
    )


def _is_complete(record: CaseRecord, kind: RecordKind | None, case: Case) -> bool:
    return kind is None or lack_of(kind, record, case) is None


def _view(record: CaseRecord, kind: RecordKind | None, case: Case, opener: Opener) -> RecordView:
    return RecordView(
        record=record.kind,
        item=record.item or None,
        name=dict(kind.name) if kind is not None else {},
        complete=_is_complete(record, kind, case),
        versions=tuple(_version(one, opener) for one in record.versions),
    )


def _version(version: RecordVersion, opener: Opener) -> RecordVersionView:
    texts = {one.field: opener(one.sealed) for one in version.texts}
    return RecordVersionView(
        version=version.version,
        round=version.round,
        by=version.by,
        at=version.at,
        reason_code=version.reason_code,
        fields={**version.values, **texts},
        signatures=tuple(
            RecordSignatureView(
                role=one.role, by=one.by, at=one.at, in_place_of=one.in_place_of, evidence=one.evidence
            )
            for one in version.signatures
        ),
        policy_version=version.policy_version,
    )
