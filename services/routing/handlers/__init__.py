"""When which event or command arrives, who decides? The map of the service."""

from __future__ import annotations

from services.routing.handlers.accept_case import AcceptCase, accept_case
from services.routing.handlers.amend_case import amend_case
from services.routing.handlers.answer_customer import AnswerCustomer, answer_customer
from services.routing.handlers.assign_team import assign_team
from services.routing.handlers.close_case import CloseCase, close_case
from services.routing.handlers.complete_action import CompleteAction, complete_action
from services.routing.handlers.decide_action import (
    AdoptAction,
    CancelAction,
    adopt_action,
    cancel_action,
)
from services.routing.handlers.decide_proposal import (
    ApproveProposal,
    RejectProposal,
    approve_proposal,
    reject_proposal,
)
from services.routing.handlers.end_case import decline_case, withdraw_case
from services.routing.handlers.fulfil_resolution import FulfilResolution, fulfil_resolution
from services.routing.handlers.hear_customer import hear_customer
from services.routing.handlers.investigate_case import InvestigateCase, investigate_case
from services.routing.handlers.note_breach import note_breach
from services.routing.handlers.note_verdict import note_verdict
from services.routing.handlers.obey_manager import obey_manager
from services.routing.handlers.open_actions import OpenActions, open_actions
from services.routing.handlers.pause_case import PauseCase, pause_case
from services.routing.handlers.place_again import PlaceAgain, place_again
from services.routing.handlers.propose_action import ProposeAction, propose_action
from services.routing.handlers.propose_resolution import ProposeResolution, propose_resolution
from services.routing.handlers.reassign_case import ReassignCase, reassign_case
from services.routing.handlers.reclassify_case import ReclassifyCase, reclassify_case
from services.routing.handlers.reopen_case import reopen_case
from services.routing.handlers.resume_case import ResumeCase, resume_case
from services.routing.handlers.verify_action import (
    RecheckAction,
    VerifyAction,
    recheck_action,
    verify_action,
)
from shared.deciding import Commands, Reactions
from shared.events.escalation import ClockBreached, EscalationDecided
from shared.events.intake import (
    ComplaintAmended,
    ComplaintDeclined,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintWithdrawn,
    CustomerReplied,
)
from shared.events.surveys import SurveyAnswered

REACTIONS: Reactions = {
    ComplaintRegistered: assign_team,
    ComplaintAmended: amend_case,
    ComplaintWithdrawn: withdraw_case,
    ComplaintDeclined: decline_case,
    ComplaintReopened: reopen_case,
    CustomerReplied: hear_customer,
    ClockBreached: note_breach,
    EscalationDecided: obey_manager,
    SurveyAnswered: note_verdict,
}

COMMANDS: Commands = {
    AcceptCase: accept_case,
    PauseCase: pause_case,
    ResumeCase: resume_case,
    InvestigateCase: investigate_case,
    ProposeResolution: propose_resolution,
    ApproveProposal: approve_proposal,
    RejectProposal: reject_proposal,
    AnswerCustomer: answer_customer,
    FulfilResolution: fulfil_resolution,
    CloseCase: close_case,
    ReassignCase: reassign_case,
    ReclassifyCase: reclassify_case,
    PlaceAgain: place_again,
    ProposeAction: propose_action,
    OpenActions: open_actions,
    AdoptAction: adopt_action,
    CancelAction: cancel_action,
    CompleteAction: complete_action,
    VerifyAction: verify_action,
    RecheckAction: recheck_action,
}
