"""What does the register learn from routing?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.domain.complaint import Complaint, Entry
from services.intake.domain.projecting import advance, remember
from services.intake.handlers.told import line, require_known
from shared.changing import changed
from shared.deciding import Context, Decision, Event
from shared.events import routing as told
from shared.events import sheets
from shared.lifecycle import Action, Status

ACTIONS: Mapping[type[told.RoutingEvent], Action] = {
    told.ComplaintAssigned: Action.ASSIGN,
    told.ComplaintReclassified: Action.RECLASSIFY,
    told.ComplaintAccepted: Action.ACCEPT,
    told.ComplaintPaused: Action.PAUSE,
    told.ComplaintResumed: Action.RESUME,
    told.ComplaintInvestigated: Action.INVESTIGATE,
    told.ResolutionProposed: Action.PROPOSE,
    told.ResolutionApproved: Action.APPROVE,
    told.ResolutionRejected: Action.REJECT,
    told.ResolutionAnswered: Action.ANSWER,
    told.ResolutionFulfilled: Action.FULFIL,
    told.ComplaintClosed: Action.CLOSE,
}
"""The steps of the table; corrective actions are told too, but they move no status."""


def project_routing(
    state: Complaint | None, event: Event[told.RoutingEvent], _context: Context
) -> Decision[Complaint]:
    """The complaint with the step that routing told; one that contradicts the status is noted."""
    complaint = require_known(state, event)
    learned, facts = _lesson(event.data)
    entry: Entry = line(event, facts)
    action = ACTIONS.get(type(event.data))
    if action is None:
        return Decision(remember(complaint, entry))
    if action is Action.ASSIGN and complaint.ended_before:
        # It had ended when it came: routing says whose it would be, and that changes no status.
        return Decision(remember(complaint, entry, learned))
    if isinstance(event.data, told.ComplaintResumed) and _ended_by_reply(complaint, event.data):
        # Routing says so because of the reply, which the register knew first.
        return Decision(remember(complaint, entry))
    after = advance(complaint, action, entry, learned)
    # Who takes no part holds whatever the status: somebody may be recused when it is agreed already.
    return Decision(after if "set_aside" not in learned else _with_set_aside(after, learned["set_aside"]))


def _with_set_aside(complaint: Complaint, persons: tuple[str, ...]) -> Complaint:
    return complaint if complaint.set_aside == persons else changed(complaint, set_aside=persons)


def _ended_by_reply(complaint: Complaint, data: told.ComplaintResumed) -> bool:
    reply = complaint.reply
    return complaint.status is not Status.PAUSED and reply is not None and reply.at == data.at


def _lesson(data: told.RoutingEvent) -> tuple[dict[str, Any], dict[str, str]]:
    """Which fields of the entry the event sets, and which facts its line of history holds."""
    match data:
        case told.ComplaintAssigned():
            learned = {
                "department": data.department,
                "assignee": data.assignee,
                "severity": data.severity,
                "round": data.round,
                "set_aside": data.recused,
            }
            facts = {"department": data.department, "severity": data.severity, "rule": data.rule}
            return learned, facts | ({"assignee": data.assignee} if data.assignee else {})
        case told.ComplaintReclassified(current=current):
            kinds = {"kind": current.kind, "category": current.category, "type": current.type}
            return dict(kinds), dict(kinds)
        case told.ComplaintPaused():
            return {}, {"reason": data.reason, "waiting_for": data.waiting_for}
        case told.ComplaintInvestigated():
            return {"liability": data.liability}, {
                "liability": data.liability,
                "valid": "yes" if data.valid else "no",
                "cause_code": data.cause_code,
            }
        case told.ComplaintClosed():
            learned = {"outcome": data.outcome, "liability": data.liability}
            return learned, {"outcome": data.outcome, "rounds": str(data.rounds)}
        case _:
            return _round(data)


def _round(data: told.RoutingEvent) -> tuple[dict[str, Any], dict[str, str]]:
    match data:
        case told.ResolutionProposed() | told.ResolutionAnswered():
            return {"round": data.round}, {"round": str(data.round)}
        case told.ResolutionApproved() | told.ResolutionRejected():
            return {}, {"round": str(data.round), "role": data.role}
        case told.ResolutionFulfilled():
            return {}, {"round": str(data.round)}
        case sheets.SheetSent():
            return {}, {"sheet": str(data.sheet), "attempt": str(data.attempt)}
        case sheets.SheetJudged():
            return {}, {"sheet": str(data.sheet), "satisfied": "yes" if data.satisfied else "no"}
        case told.CaseRecorded():
            return {}, {"record": data.record, "version": str(data.version), "step": data.step}
        case told.ActionEvent():
            return {}, {"action_id": data.action_id, "department": data.department}
        case _:
            return {}, {}
