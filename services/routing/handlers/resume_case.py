"""When does a waiting case go on?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from shared.deciding import Actor, Context, Decision
from shared.events.routing import ComplaintResumed
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class ResumeCase:
    """The waiting is over."""

    complaint_id: UUID
    actor: Actor


def resume_case(state: Case | None, command: ResumeCase, context: Context) -> Decision[Case]:
    """The case where it stood before the pause. Raises Conflict('status-forbids') without one."""
    case = permitted(state, command.actor, HANDLING)
    # The table has no row for this, so asking it refuses whatever is not paused.
    before = case.pause.before if case.pause else step(case.status, Action.RESUME)
    told = ComplaintResumed(complaint_no=case.complaint_no, at=context.now, by=command.actor.person)
    return Decision(replace(case, status=before, pause=None), (told,))
