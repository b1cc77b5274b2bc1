"""What does intake react to, and which commands does it take? The map of the service."""

from __future__ import annotations

from services.intake.handlers.acknowledge_complaint import (
    AcknowledgeComplaint,
    acknowledge_complaint,
)
from services.intake.handlers.amend_complaint import AmendComplaint, amend_complaint
from services.intake.handlers.decline_complaint import DeclineComplaint, decline_complaint
from services.intake.handlers.hear_letter import hear_letter
from services.intake.handlers.merge_complaint import (
    AbsorbComplaint,
    MergeComplaint,
    absorb_complaint,
    merge_complaint,
)
from services.intake.handlers.note_contract import NoteContract, note_contract
from services.intake.handlers.project_escalation import project_escalation
from services.intake.handlers.project_routing import project_routing
from services.intake.handlers.project_surveys import project_surveys
from services.intake.handlers.record_reply import RecordReply, record_reply
from services.intake.handlers.register_complaint import RegisterComplaint, register_complaint
from services.intake.handlers.reopen_complaint import ReopenComplaint, reopen_complaint
from services.intake.handlers.tell_merged import TellMerged, tell_merged
from services.intake.handlers.withdraw_complaint import WithdrawComplaint, withdraw_complaint
from shared.deciding import Commands, Reactions
from shared.events import escalation, letters, routing, sheets, surveys
from shared.lettering import ReportLetter, report_letter

ORDERED_FROM = frozenset({"routing"})
"""Routing moves the status, so its events must come in order; the others only report."""

REACTIONS: Reactions = {
    routing.ComplaintAssigned: project_routing,
    routing.ComplaintReclassified: project_routing,
    routing.ComplaintAccepted: project_routing,
    routing.ComplaintPaused: project_routing,
    routing.ComplaintResumed: project_routing,
    routing.ComplaintInvestigated: project_routing,
    routing.ResolutionProposed: project_routing,
    routing.ResolutionApproved: project_routing,
    routing.ResolutionRejected: project_routing,
    routing.ResolutionAnswered: project_routing,
    routing.ResolutionFulfilled: project_routing,
    routing.ComplaintClosed: project_routing,
    routing.CaseRecorded: project_routing,
    routing.ActionProposed: project_routing,
    routing.ActionOpened: project_routing,
    routing.ActionCompleted: project_routing,
    routing.ActionVerified: project_routing,
    routing.ActionCancelled: project_routing,
    sheets.SheetSent: project_routing,
    sheets.SheetJudged: project_routing,
    escalation.ClockStarted: project_escalation,
    escalation.ClockPaused: project_escalation,
    escalation.ClockResumed: project_escalation,
    escalation.ClockExtended: project_escalation,
    escalation.ClockWarned: project_escalation,
    escalation.ClockBreached: project_escalation,
    escalation.ClockMet: project_escalation,
    escalation.ClockCancelled: project_escalation,
    escalation.EscalationRaised: project_escalation,
    escalation.EscalationAcknowledged: project_escalation,
    escalation.EscalationDecided: project_escalation,
    letters.LetterFailed: hear_letter,
    surveys.SurveyInvited: project_surveys,
    surveys.SurveyReminded: project_surveys,
    surveys.SurveyAnswered: project_surveys,
    surveys.SurveyExpired: project_surveys,
}

COMMANDS: Commands = {
    RegisterComplaint: register_complaint,
    DeclineComplaint: decline_complaint,
    WithdrawComplaint: withdraw_complaint,
    ReopenComplaint: reopen_complaint,
    AmendComplaint: amend_complaint,
    AcknowledgeComplaint: acknowledge_complaint,
    RecordReply: record_reply,
    AbsorbComplaint: absorb_complaint,
    MergeComplaint: merge_complaint,
    NoteContract: note_contract,
    ReportLetter: report_letter,
    TellMerged: tell_merged,
}
