"""Has what was agreed been carried out?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted, require_signature
from services.routing.domain.case import Case
from shared.deciding import Actor, Context, Decision
from shared.events.routing import ResolutionFulfilled
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class FulfilResolution:
    """The remedies were given and the money was paid (CLS-14)."""

    complaint_id: UUID
    actor: Actor


def fulfil_resolution(state: Case | None, command: FulfilResolution, context: Context) -> Decision[Case]:
    """The case, fulfilled. Whoever pays checks every signature once more (APR-13)."""
    case = permitted(state, command.actor, HANDLING)
    status = step(case.status, Action.FULFIL)
    require_signature(case)
    told = ResolutionFulfilled(
        complaint_no=case.complaint_no,
        at=context.now,
        by=command.actor.person,
        round=case.round,
    )
    return Decision(replace(case, status=status, fulfilled_round=case.round), (told,))
