"""When does a waiting case go on?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.handlers.notices import asking_to_sign
from services.routing.handlers.propose_resolution import tell_proposed
from shared.deciding import Actor, Context, Decision
from shared.events.base import EventData
from shared.events.routing import ComplaintResumed
from shared.lifecycle import Action, Status, step


@dataclass(frozen=True, slots=True)
class ResumeCase:
    """The waiting is over."""

    complaint_id: UUID
    actor: Actor


def resume_case(state: Case | None, command: ResumeCase, context: Context) -> Decision[Case]:
    """The case where it stood before the pause, and what became due meanwhile asked for.

    Who signs may be others by now, because one was recused or the case was reclassified; they could
    not act while it waited. Raises Conflict('status-forbids') without a pause.
    """
    case = permitted(state, command.actor, HANDLING)
    # The table has no row for this, so asking it refuses whatever is not paused.
    before = case.pause.before if case.pause else step(case.status, Action.RESUME)
    told: tuple[EventData, ...] = (
        ComplaintResumed(complaint_no=case.complaint_no, at=context.now, by=command.actor.person),
    )
    resumed, proposal = replace(case, status=before, pause=None), case.proposal
    if before is not Status.PROPOSED or proposal is None:
        return Decision(resumed, told)
    known = case.pause.proposals if case.pause is not None else None
    if known is not None and proposal.number > known:
        told = (*told, tell_proposed(resumed, proposal))
    return asking_to_sign(Decision(resumed, told), context)
