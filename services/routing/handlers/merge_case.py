"""What if the complaint turned out to be a duplicate? Its case ends; the other one goes on."""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintMerged
from shared.lifecycle import Action, step_crossed


def merge_case(state: Case | None, event: Event[ComplaintMerged], _context: Context) -> Decision[Case]:
    """The case, ended as merged: nothing is told, so nobody asks its customer for an opinion.

    One that had ended before stays as it was. Raises Conflict('status-forbids') after the customer's reply.
    """
    case = require_registered(state, event)
    if case.has_ended:
        return Decision(case)
    # The desk may have answered while this was on its way: the table says how far.
    status = step_crossed(case.status, Action.MERGE)
    return Decision(replace(case, status=status, ended_at=event.data.at, pause=None, options=()))
