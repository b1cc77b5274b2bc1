"""When does a waiting case go on?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.handlers.notices import asking_to_sign
from services.routing.handlers.propose_resolution import restated, tell_proposed
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
    pause = case.pause
    if pause is not None and pause.proposals is not None and proposal.number > pause.proposals:
        told = (*told, tell_proposed(resumed, proposal))
    decision = Decision(resumed, told)
    is_stale = pause is not None and pause.recheck
    return restated(decision, context) if is_stale else asking_to_sign(decision, context)
