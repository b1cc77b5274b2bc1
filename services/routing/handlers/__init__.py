"""When which event or command arrives, who decides? The map of the service."""

from __future__ import annotations

from services.routing.handlers.accept_case import AcceptCase, ConfirmInPerson, accept_case, confirm_in_person
from services.routing.handlers.amend_case import amend_case
from services.routing.handlers.answer_customer import AnswerCustomer, answer_customer
from services.routing.handlers.assign_team import assign_team
from services.routing.handlers.choose_mode import ChooseMode, choose_mode
from services.routing.handlers.close_case import CloseCase, close_case
from services.routing.handlers.complete_action import CompleteAction, complete_action
from services.routing.handlers.conclude_review import ConcludeReview, conclude_review
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
from services.routing.handlers.decide_visit import DecideVisit, decide_visit
from services.routing.handlers.describe_goods import DescribeGoods, describe_goods
from services.routing.handlers.end_case import decline_case, withdraw_case
from services.routing.handlers.fulfil_resolution import FulfilResolution, fulfil_resolution
from services.routing.handlers.hear_customer import hear_customer
from services.routing.handlers.investigate_case import InvestigateCase, investigate_case
from services.routing.handlers.judge_sheet import JudgeSheet, judge_sheet
from services.routing.handlers.keeping import AsRead, as_read, kept
from services.routing.handlers.merge_case import merge_case
from services.routing.handlers.note_breach import note_breach
from services.routing.handlers.note_verdict import note_verdict
from services.routing.handlers.obey_manager import obey_manager
from services.routing.handlers.open_actions import OpenActions, open_actions
from services.routing.handlers.pause_case import PauseCase, pause_case
from services.routing.handlers.place_again import PlaceAgain, place_again
from services.routing.handlers.postpone_fulfilment import PostponeFulfilment, postpone_fulfilment
from services.routing.handlers.propose_action import ProposeAction, propose_action
from services.routing.handlers.propose_resolution import ProposeResolution, propose_resolution
from services.routing.handlers.reassign_case import ReassignCase, reassign_case
from services.routing.handlers.reclassify_case import ReclassifyCase, reclassify_case
from services.routing.handlers.record_case import RecordCase, record_case
from services.routing.handlers.recuse_person import RecusePerson, recuse_person
from services.routing.handlers.reopen_case import reopen_case
from services.routing.handlers.resume_case import ResumeCase, resume_case
from services.routing.handlers.send_sheet import SendSheet, send_sheet
from services.routing.handlers.sign_record import SignRecord, sign_record
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
    ComplaintMerged,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintWithdrawn,
    CustomerReplied,
)
from shared.events.surveys import SurveyAnswered
from shared.lettering import ReportLetter, report_letter

REACTIONS: Reactions = {
    ComplaintRegistered: assign_team,
    ComplaintAmended: kept(amend_case),
    ComplaintWithdrawn: kept(withdraw_case),
    ComplaintDeclined: kept(decline_case),
    ComplaintMerged: kept(merge_case),
    ComplaintReopened: kept(reopen_case),
    CustomerReplied: kept(hear_customer),
    ClockBreached: note_breach,
    EscalationDecided: kept(obey_manager),
    SurveyAnswered: note_verdict,
}

_STEPS: Commands = {
    AcceptCase: kept(accept_case),
    ConfirmInPerson: kept(confirm_in_person),
    PauseCase: kept(pause_case),
    ResumeCase: kept(resume_case),
    InvestigateCase: kept(investigate_case),
    DecideVisit: kept(decide_visit),
    DescribeGoods: kept(describe_goods),
    ConcludeReview: kept(conclude_review),
    ProposeResolution: kept(propose_resolution),
    ApproveProposal: kept(approve_proposal),
    RejectProposal: kept(reject_proposal),
    AnswerCustomer: kept(answer_customer),
    FulfilResolution: kept(fulfil_resolution),
    PostponeFulfilment: kept(postpone_fulfilment),
    CloseCase: kept(close_case),
    ReassignCase: kept(reassign_case),
    ReclassifyCase: kept(reclassify_case),
    PlaceAgain: kept(place_again),
    ChooseMode: kept(choose_mode),
    RecusePerson: kept(recuse_person),
    RecordCase: kept(record_case),
    SignRecord: kept(sign_record),
    ProposeAction: kept(propose_action),
    OpenActions: kept(open_actions),
    AdoptAction: kept(adopt_action),
    CancelAction: kept(cancel_action),
    CompleteAction: kept(complete_action),
    VerifyAction: kept(verify_action),
    RecheckAction: kept(recheck_action),
    SendSheet: kept(send_sheet),
    JudgeSheet: kept(judge_sheet),
}

COMMANDS: Commands = {**_STEPS, ReportLetter: report_letter, AsRead: as_read(_STEPS)}
