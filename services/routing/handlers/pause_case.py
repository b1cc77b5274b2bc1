"""For whom does the case wait, and since when?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case, Pause
from shared.deciding import Actor, Context, Decision
from shared.events.routing import ComplaintPaused, WaitingFor
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class PauseCase:
    """We cannot go on before somebody else has acted."""

    complaint_id: UUID
    actor: Actor
    reason: str
    waiting_for: WaitingFor


def pause_case(state: Case | None, command: PauseCase, context: Context) -> Decision[Case]:
    """The case, waiting; it remembers what stood before."""
    case = permitted(state, command.actor, HANDLING)
    pause = Pause(command.reason, command.waiting_for, context.now, case.status, len(case.proposals))
    told = ComplaintPaused(
        complaint_no=case.complaint_no,
        at=context.now,
        by=command.actor.person,
        reason=command.reason,
        waiting_for=command.waiting_for,
    )
    return Decision(replace(case, status=step(case.status, Action.PAUSE), pause=pause), (told,))
