"""Can somebody take by now what is at the triage desk only because nobody could?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.placing import is_stranded, matter_of, place, waits_at_triage
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.informing import inform_people
from shared.deciding import Context, Decision
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class PlaceAgain:
    """Policy, capacity or presence has changed; ask the matrix once more."""

    complaint_id: UUID


def place_again(state: Case | None, _command: PlaceAgain, context: Context) -> Decision[Case]:
    """The case with whoever can take it now; as it was if nobody can, or if a person took it up.

    Raises NotFound('unknown-case'). Source: issue 3 "Nothing stranded".
    """
    if state is None:
        raise NotFound("unknown-case", "there is no such case", field="complaint_id")
    if not waits_at_triage(state):
        return Decision(state)
    found = place(matter_of(state), context.rules, context.now)
    if is_stranded(found):
        return Decision(_with_reason(state, found.reason))
    placed = replace(state, placement=found, former=(*state.former, state.placement))
    return Decision(
        placed, (tell_assigned(placed),), inform_people(placed, context.rules, state.placement.informed)
    )


def _with_reason(case: Case, reason: str | None) -> Case:
    """Nothing is written unless the reason is another by now."""
    if reason == case.placement.reason:
        return case
    return replace(case, placement=replace(case.placement, reason=reason))
