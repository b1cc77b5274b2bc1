"""How are the events that routing told taken back, after its database was restored from an older dump?

What follows from an event that was heard comes back with that; a step of a person is decided again from what
its event carries. Steps that tell nothing do not come back: visits, goods, reviews, appointments, signatures
on attachments, and who was recused (though that is told with the next assignment).
"""

from __future__ import annotations

from typing import Any

from services.routing.domain.case import Case
from services.routing.domain.offering import Amount
from services.routing.domain.record import SealedText
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.complete_action import CompleteAction
from services.routing.handlers.decide_action import CancelAction
from services.routing.handlers.decide_proposal import ApproveProposal, RejectProposal
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.investigate_case import InvestigateCase
from services.routing.handlers.judge_sheet import JudgeSheet
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.propose_resolution import ProposeResolution
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.record_case import RecordCase
from services.routing.handlers.resume_case import ResumeCase
from services.routing.handlers.send_sheet import SendSheet
from services.routing.handlers.sign_record import SignRecord
from services.routing.handlers.verify_action import VerifyAction
from shared.changing import changed
from shared.deciding import Event, Recall, Recalls, person_of
from shared.errors import Rejected
from shared.events import routing as told
from shared.events import sheets
from shared.events.letters import LetterFailed
from shared.lettering import letter_again

_REASON = "restored"
"""Why somebody has the case, where the reason is lost."""


def _proposal_of(state: Case | None) -> int:
    proposal = state.proposal if state is not None else None
    if proposal is None:
        raise Rejected("proposal-lost", "what was signed or sent back did not come back")
    return proposal.number


def _assigned(_state: object, event: Event[told.ComplaintAssigned]) -> ReassignCase:
    data = event.data
    return ReassignCase(event.subject, person_of(event), data.department, _REASON, data.assignee)


def _as_assigned(state: Case, event: Event[told.ComplaintAssigned]) -> Case:
    data, placement = event.data, state.placement
    same = (placement.department, placement.assignee) == (data.department, data.assignee)
    placed = changed(
        placement,
        department=data.department,
        assistants=data.assistants,
        assignee=data.assignee,
        severity=data.severity,
        rule=data.rule,
        policy_version=data.policy_version,
        informed=data.informed,
        outside=data.outside,
        at=event.time,
        passed_over=placement.passed_over if same else (),
    )
    return changed(state, placement=placed)


def _reclassified(_state: object, event: Event[told.ComplaintReclassified]) -> ReclassifyCase:
    current = event.data.current
    return ReclassifyCase(event.subject, person_of(event), current.kind, current.category, current.type)


def _investigated(_state: object, event: Event[told.ComplaintInvestigated]) -> InvestigateCase:
    data = event.data
    return InvestigateCase(
        event.subject, person_of(event), data.liability, data.valid, data.cause_code, data.joint or ()
    )


def _proposed(_state: object, event: Event[told.ResolutionProposed]) -> ProposeResolution:
    data = event.data
    money = data.compensation
    return ProposeResolution(
        event.subject,
        person_of(event),
        data.remedies,
        compensation=Amount(money.amount, money.currency) if money is not None else None,
        cost_bearer=data.cost_bearer,
        reason_code=data.reason_code,
    )


def _recorded(_state: object, event: Event[told.CaseRecorded]) -> RecordCase | SignRecord:
    data = event.data
    if data.step == "signed":
        return SignRecord(event.subject, person_of(event), data.record, data.version, data.item or "")
    texts = tuple(SealedText(one.field, one.sealed) for one in data.texts)
    return RecordCase(
        event.subject,
        person_of(event),
        data.record,
        data.item or "",
        data.values,
        texts,
        reason_code=data.reason_code,
    )


def _verified(_state: object, event: Event[told.ActionVerified]) -> VerifyAction:
    data = event.data
    return VerifyAction(
        event.subject, person_of(event), data.action_id, data.effective, data.recurrences or 0
    )


def _judged(_state: object, event: Event[sheets.SheetJudged]) -> JudgeSheet:
    data = event.data
    return JudgeSheet(event.subject, person_of(event), data.sheet, data.satisfied, data.sealed)


def _step(command: Any) -> Recall:
    """A command that needs nothing but the case and the person."""
    return Recall(lambda _, event: command(event.subject, person_of(event)))


RECALLS: Recalls = {
    LetterFailed: Recall(letter_again),
    told.ComplaintAssigned: Recall(_assigned, ("placement.reason", "placement.passed_over"), _as_assigned),
    told.ComplaintReclassified: Recall(_reclassified),
    told.ComplaintAccepted: _step(AcceptCase),
    told.ComplaintPaused: Recall(
        lambda _, event: PauseCase(event.subject, person_of(event), event.data.reason, event.data.waiting_for)
    ),
    told.ComplaintResumed: _step(ResumeCase),
    told.ComplaintInvestigated: Recall(_investigated, ("finding.evidence",)),
    told.ResolutionProposed: Recall(_proposed, ("goods", "options", "impossible", "quantity", "cost_bearer")),
    told.ResolutionApproved: Recall(
        lambda state, event: ApproveProposal(event.subject, person_of(event), _proposal_of(state)), ("tests",)
    ),
    told.ResolutionRejected: Recall(
        lambda state, event: RejectProposal(
            event.subject, person_of(event), _proposal_of(state), event.data.reason_code
        )
    ),
    told.ResolutionAnswered: Recall(
        lambda _, event: AnswerCustomer(event.subject, person_of(event), event.data.form, _REASON)
    ),
    told.ResolutionFulfilled: Recall(
        lambda _, event: FulfilResolution(event.subject, person_of(event)), ("attached",)
    ),
    told.ComplaintClosed: Recall(
        lambda _, event: CloseCase(event.subject, person_of(event)), ("changes.by",)
    ),
    told.CaseRecorded: Recall(_recorded, ("records.evidence",)),
    # Their steps are planned together, and the plan stands in no event.
    told.ActionProposed: Recall(),
    told.ActionOpened: Recall(),
    told.ActionCompleted: Recall(
        lambda _, event: CompleteAction(
            event.subject, person_of(event), event.data.action_id, None, event.data.check_at
        ),
        ("actions.words",),
    ),
    told.ActionVerified: Recall(_verified),
    told.ActionCancelled: Recall(
        lambda _, event: CancelAction(
            event.subject, person_of(event), event.data.action_id, event.data.reason_code
        )
    ),
    sheets.SheetSent: Recall(lambda _, event: SendSheet(event.subject, person_of(event), event.data.sheet)),
    sheets.SheetJudged: Recall(_judged),
}
