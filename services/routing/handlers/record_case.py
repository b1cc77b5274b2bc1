"""What does somebody write on a record of the case?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.record import RecordVersion, SealedText, record_in, with_version
from services.routing.domain.record_entry import checked, kind_named, next_version, require_room
from services.routing.domain.record_rights import permitted_to_write
from services.routing.domain.recording import lack_of, require_turn
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.routing import CaseRecorded, FieldText
from shared.lifecycle import Action, step

RecordStep = Literal["recorded", "corrected", "signed"]


@dataclass(frozen=True, slots=True)
class RecordCase:
    """This stands on the record; what it held before and is not named here stays.

    `values` are codes, dates and numbers; `texts` are sealed already; `without` empties fields.
    """

    complaint_id: UUID
    actor: Actor
    record: str
    item: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[SealedText, ...] = ()
    without: tuple[str, ...] = ()
    reason_code: str | None = None


def record_case(state: Case | None, command: RecordCase, context: Context) -> Decision[Case]:
    """The case with another version of the record; the versions before it stay, their signatures too.

    Raises NotFound('unknown-record'), Rejected('unknown-field'), Rejected('bad-choice'),
    Rejected('bad-date'), Rejected('bad-number'), Rejected('nothing-written'),
    Conflict('record-too-early'), Conflict('status-forbids'), Forbidden('not-the-writer').
    """
    # Which records policy knows is told to nobody who is outside; who writes them, policy says.
    found = permitted(state, command.actor, HANDLING, departments=())
    profile = context.rules.profile_of(found.site)
    kind = kind_named(profile.records, command.record)
    case = permitted_to_write(found, kind, command.actor, context.rules, context.now)
    step(case.status, Action.AMEND)  # any open case; an ended one refuses
    values = checked(kind, command.values, command.texts)
    if not values and not command.texts and not command.without:
        raise Rejected("nothing-written", "no field is given", field="fields", remedy="Write in a field.")
    require_turn(case, kind, command.record, context.rules)
    old = record_in(case.records, command.record, command.item)
    require_room(case.records, old)
    written = RecordVersion(
        version=1,
        round=case.round,
        by=command.actor.person,
        at=context.now,
        values=values,
        texts=command.texts,
        reason_code=command.reason_code,
        policy_version=profile.version,
    )
    version = next_version(old.last if old is not None else None, written, command.without, kind)
    recorded = replace(case, records=with_version(case.records, command.record, command.item, version))
    told = tell_recorded(recorded, command.record, command.item, context)
    return Decision(recorded, (told,))


def tell_recorded(
    case: Case, record: str, item: str, context: Context, *, signed_by: str | None = None, role: str = ""
) -> CaseRecorded:
    """The event: what stands there in the open, texts sealed, and what is still missing."""
    kind = context.rules.profile_of(case.site).records[record]
    found = record_in(case.records, record, item)
    assert found is not None
    last, lack = found.last, lack_of(kind, found, case)
    what: RecordStep = "recorded" if last.version == 1 else "corrected"
    return CaseRecorded(
        complaint_no=case.complaint_no,
        at=context.now,
        by=signed_by or last.by,
        step="signed" if signed_by is not None else what,
        record=record,
        item=item or None,
        version=last.version,
        round=last.round,
        role=role or None,
        reason_code=last.reason_code,
        values=dict(last.values),
        texts=_texts(last) if signed_by is None else (),
        missing=lack.fields if lack is not None else (),
        unsigned=lack.unsigned if lack is not None else (),
        complete=lack is None,
    )


def _texts(version: RecordVersion) -> tuple[FieldText, ...]:
    return tuple(FieldText(field=one.field, sealed=one.sealed) for one in version.texts)
