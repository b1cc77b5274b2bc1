"""What came of the review that began with the case?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.duties import concluded, require_in_person
from shared.deciding import Actor, Context, Decision
from shared.errors import NotFound
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class ConcludeReview:
    """The review of this kind is done, with this result, e.g. `plan-unchanged` (SAF-01)."""

    complaint_id: UUID
    actor: Actor
    kind: str
    result_code: str


def conclude_review(state: Case | None, command: ConcludeReview, context: Context) -> Decision[Case]:
    """The case with the review's result.

    Raises NotFound('no-such-review'), Conflict('in-person-missing'), Conflict('status-forbids').
    """
    case = permitted(state, command.actor, HANDLING, assisting=True)
    step(case.status, Action.RECLASSIFY)  # any open case; an ended one refuses
    if not any(one.kind == command.kind and one.done_at is None for one in case.reviews):
        known = ", ".join(one.kind for one in case.reviews if one.done_at is None)
        raise NotFound(
            "no-such-review",
            f"no review {command.kind} is open",
            field="kind",
            remedy=f"Open: {known or 'none'}.",
        )
    require_in_person(case, context.rules, context.now)
    return Decision(concluded(case, command.kind, command.actor.person, command.result_code, context.now))
