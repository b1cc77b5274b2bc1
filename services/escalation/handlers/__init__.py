"""What does escalation do, and when? The map of the service."""

from __future__ import annotations

from services.escalation.handlers.acknowledge_escalation import (
    AcknowledgeEscalation,
    acknowledge_escalation,
)
from services.escalation.handlers.agree_date import AgreeDate, agree_date
from services.escalation.handlers.decide_escalation import DecideEscalation, decide_escalation
from services.escalation.handlers.extend_clock import ExtendClock, extend_clock
from services.escalation.handlers.fire_due import fire_due
from services.escalation.handlers.hand_up import HandUp, hand_up
from services.escalation.handlers.hear_reply import hear_reply
from services.escalation.handlers.merge_sheets import absorb_sheet, end_sheet
from services.escalation.handlers.move_clocks import move_clocks
from services.escalation.handlers.note_accused import note_accused
from services.escalation.handlers.note_acknowledgement import note_acknowledgement
from services.escalation.handlers.note_assignment import note_assignment
from services.escalation.handlers.open_sheet import open_sheet
from services.escalation.handlers.pause_clocks import pause_clocks
from services.escalation.handlers.reclassify_sheet import reclassify_sheet
from services.escalation.handlers.recompute_clocks import RecomputeClocks, recompute_clocks
from services.escalation.handlers.reopen_sheet import reopen_sheet
from services.escalation.handlers.report_undelivered import ReportUndelivered, report_undelivered
from services.escalation.handlers.resume_clocks import resume_clocks
from services.escalation.handlers.time_action import time_action
from shared.deciding import Commands, Due, Reactions
from shared.events.intake import (
    ComplaintAbsorbed,
    ComplaintAcknowledged,
    ComplaintAmended,
    ComplaintDeclined,
    ComplaintMerged,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintWithdrawn,
    CustomerReplied,
)
from shared.events.routing import (
    ActionCancelled,
    ActionCompleted,
    ActionOpened,
    ActionProposed,
    ActionVerified,
    CaseRecorded,
    ComplaintAccepted,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintInvestigated,
    ComplaintPaused,
    ComplaintReclassified,
    ComplaintResumed,
    ResolutionAnswered,
    ResolutionApproved,
    ResolutionFulfilled,
    ResolutionProposed,
    ResolutionRejected,
)
from shared.events.sheets import SheetJudged, SheetSent

REACTIONS: Reactions = {
    ComplaintRegistered: open_sheet,
    ComplaintAssigned: note_assignment,
    ComplaintPaused: pause_clocks,
    ComplaintResumed: resume_clocks,
    ComplaintReclassified: reclassify_sheet,
    ComplaintReopened: reopen_sheet,
    ComplaintMerged: end_sheet,
    ComplaintAbsorbed: absorb_sheet,
    ComplaintAcknowledged: note_acknowledgement,
    ComplaintAmended: note_accused,
    # Policy says which of these start, meet or cancel a clock.
    ComplaintAccepted: move_clocks,
    ComplaintInvestigated: move_clocks,
    ResolutionProposed: move_clocks,
    ResolutionApproved: move_clocks,
    ResolutionRejected: move_clocks,
    ResolutionAnswered: move_clocks,
    CustomerReplied: hear_reply,
    ResolutionFulfilled: move_clocks,
    ComplaintClosed: move_clocks,
    CaseRecorded: move_clocks,
    ComplaintDeclined: move_clocks,
    ComplaintWithdrawn: move_clocks,
    ActionProposed: move_clocks,
    SheetSent: move_clocks,
    SheetJudged: move_clocks,
    # An action has clocks of its own besides.
    ActionOpened: time_action,
    ActionCompleted: time_action,
    ActionVerified: time_action,
    ActionCancelled: time_action,
}

COMMANDS: Commands = {
    AcknowledgeEscalation: acknowledge_escalation,
    AgreeDate: agree_date,
    DecideEscalation: decide_escalation,
    ExtendClock: extend_clock,
    HandUp: hand_up,
    RecomputeClocks: recompute_clocks,
    ReportUndelivered: report_undelivered,
    Due: fire_due,
}
