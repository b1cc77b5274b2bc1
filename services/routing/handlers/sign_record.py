"""Who puts their name under a record?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.record import CaseRecord, RecordSignature, record_in, with_signature
from services.routing.domain.record_entry import kind_named
from services.routing.domain.record_rights import permitted_to_sign, signing_standing
from services.routing.domain.recording import lack_of, unsigned_in
from services.routing.handlers.record_case import tell_recorded
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, NotFound, Rejected
from shared.lifecycle import Action, step
from shared.policy.records import CUSTOMER, RecordKind


@dataclass(frozen=True, slots=True)
class SignRecord:
    """I sign this version of the record; `customer`: the customer has signed the paper `evidence`."""

    complaint_id: UUID
    actor: Actor
    record: str
    version: int
    item: str = ""
    customer: bool = False
    evidence: str | None = None


def sign_record(state: Case | None, command: SignRecord, context: Context) -> Decision[Case]:
    """The case with one signature more under the newest version, which must be filled in completely.

    Raises NotFound('no-such-record'), Conflict('record-superseded'), Conflict('record-missing'),
    Conflict('already-signed'), Conflict('no-signature-needed'), Rejected('evidence-missing'),
    Forbidden('not-the-signer').
    Source: DSP-09, RTE-29; docs/decisions/0051.
    """
    case = permitted_to_sign(state, command.actor, attests=command.customer)
    step(case.status, Action.AMEND)  # any open case; an ended one refuses
    kind = kind_named(context.rules.profile_of(case.site).records, command.record)
    record = _current(case, kind, command)
    signature = _signature(case, kind, record, command, context)
    records = with_signature(case.records, command.record, command.item, signature)
    signed = replace(case, records=records)
    told = tell_recorded(
        signed, command.record, command.item, context, signed_by=signature.by, role=signature.role
    )
    return Decision(signed, (told,))


def _current(case: Case, kind: RecordKind, command: SignRecord) -> CaseRecord:
    record = record_in(case.records, command.record, command.item)
    if record is None:
        raise NotFound("no-such-record", "nothing was written on it yet", field="record")
    if record.last.version != command.version:
        raise Conflict(
            "record-superseded",
            f"version {command.version} is not the newest, {record.last.version} is",
            field="version",
            remedy="Read the record again and sign what stands there now.",
        )
    lack = lack_of(kind, record, case)
    if lack is not None and (lack.fields or lack.absent):
        raise Conflict(
            "record-missing",
            f"nobody signs half a record: {', '.join(lack.fields)} has to be written",
            field=f"records.{command.record}.{lack.fields[0] if lack.fields else ''}".rstrip("."),
            remedy="Fill it in first, in this round and by somebody whom the complaint is not about.",
        )
    return record


def _signature(
    case: Case, kind: RecordKind, record: CaseRecord, command: SignRecord, context: Context
) -> RecordSignature:
    person = command.actor.person
    if not command.customer:
        standing = signing_standing(case, kind, record.last, command.actor, context.rules, context.now)
        return RecordSignature(standing.role, person, context.now, standing.in_place_of, command.evidence)
    if CUSTOMER not in unsigned_in(kind, record.last, case):
        raise Conflict("no-signature-needed", "the customer does not sign this version", field="customer")
    if command.evidence is None:
        raise Rejected(
            "evidence-missing",
            "a customer's signature is on paper",
            field="evidence",
            remedy="Give the reference of the signed paper.",
        )
    return RecordSignature(CUSTOMER, person, context.now, evidence=command.evidence)
