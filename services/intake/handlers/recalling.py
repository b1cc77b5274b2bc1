"""Which command told an event of ours? A register restored from an older dump decides it again.

What no event carries: who entered a registration or a reply, and under which number an imported complaint
was kept elsewhere (its id follows from it, so that the same row imported again is still known).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from uuid import UUID

from services.intake.domain.complaint import Complaint, Link
from services.intake.handlers.acknowledge_complaint import AcknowledgeComplaint
from services.intake.handlers.amend_complaint import AmendComplaint, SealedChange
from services.intake.handlers.decline_complaint import DeclineComplaint
from services.intake.handlers.merge_complaint import AbsorbComplaint, MergeComplaint
from services.intake.handlers.record_reply import CUSTOMER, RecordReply
from services.intake.handlers.register_complaint import RegisterComplaint
from services.intake.handlers.reopen_complaint import ReopenComplaint
from services.intake.handlers.withdraw_complaint import WithdrawComplaint
from shared.deciding import Event, Recall, Recalls, person_of
from shared.errors import Rejected
from shared.events import intake as told
from shared.events.letters import LetterFailed
from shared.ids import moment_of
from shared.lettering import letter_again

HasAddress = Callable[[str, UUID], bool]
"""Whether this sealed part of this complaint holds an address to write to."""
_OBJECTION = "objection_until"
_AMENDABLE = {field.name for field in fields(AmendComplaint)}


def recalls(has_address: HasAddress) -> Recalls:
    """How each event of intake is taken back."""

    def registered(_state: object, event: Event[told.ComplaintRegistered]) -> RegisterComplaint:
        data = event.data
        return RegisterComplaint(
            complaint_id=event.subject,
            actor=person_of(event),
            site=event.site,
            kind=data.kind,
            category=data.category,
            type=data.type,
            channel=data.channel,
            customer_ref=data.customer_ref,
            received_at=data.received_at,
            language=data.language,
            customer_grade=data.customer_grade,
            flags=data.flags,
            product=data.product,
            order_ref=data.order_ref,
            claimed=data.claimed,
            accused_refs=data.accused_refs,
            sealed=data.sealed,
            reachable=data.sealed is not None and has_address(data.sealed, event.subject),
            imported=data.history,
            promised_at=data.promised_at,
            closed_at=data.closed_at,
        )

    def amended(state: Complaint | None, event: Event[told.ComplaintAmended]) -> AmendComplaint:
        data = event.data
        if _OBJECTION in data.changed:
            raise Rejected("objection-not-carried", "the clause and its date stand in no event")
        facts = {} if data.facts is None else {name: value for name, value in data.facts if value is not None}
        if not facts.keys() <= _AMENDABLE:
            raise Rejected(
                "history-corrected", "the register that it comes from corrected it; import it again"
            )
        personal = None
        if data.sealed is not None:
            personal_names = tuple(name for name in data.changed if name not in facts)
            before = state.sealed if state is not None else None
            reachable = has_address(data.sealed, event.subject)
            personal = SealedChange(before, data.sealed, reachable, personal_names)
        return AmendComplaint(event.subject, person_of(event), personal=personal, **facts)

    return {
        told.ComplaintRegistered: Recall(registered, ("history.by", "origin")),
        told.ComplaintAmended: Recall(amended),
        LetterFailed: Recall(letter_again),
        told.ComplaintAcknowledged: Recall(
            lambda _, event: AcknowledgeComplaint(event.subject, person_of(event), event.data.promised_at)
        ),
        told.ComplaintDeclined: Recall(
            lambda _, event: DeclineComplaint(event.subject, person_of(event), event.data.reason_code)
        ),
        told.ComplaintWithdrawn: Recall(
            lambda _, event: WithdrawComplaint(event.subject, person_of(event), event.data.reason_code)
        ),
        told.ComplaintReopened: Recall(
            lambda _, event: ReopenComplaint(event.subject, person_of(event), event.data.reason_code)
        ),
        told.ComplaintAbsorbed: Recall(_absorbed),
        told.ComplaintMerged: Recall(_merged, ("merged_into.received_at",)),
        told.CustomerReplied: Recall(
            lambda _, event: RecordReply(
                event.subject, CUSTOMER, event.data.round, event.data.accepts, event.data.sealed
            ),
            ("history.by",),
        ),
    }


def _absorbed(_state: object, event: Event[told.ComplaintAbsorbed]) -> AbsorbComplaint:
    data = event.data
    duplicate = Link(data.duplicate_id, data.duplicate_no, data.received_at)
    return AbsorbComplaint(event.subject, person_of(event), duplicate, event.site, data.reason_code)


def _merged(_state: object, event: Event[told.ComplaintMerged]) -> MergeComplaint:
    data = event.data
    # When that one was registered: the event does not say when it was received.
    into = Link(data.into_id, data.into_no, moment_of(data.into_id) or event.time)
    return MergeComplaint(event.subject, person_of(event), into, data.reason_code)
