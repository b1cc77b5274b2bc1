"""Can somebody take by now what is at the triage desk only because nobody could?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.placing import (
    NOBODY_MAY_SIGN,
    is_left_behind,
    is_stranded,
    matter_of,
    place,
    waits_at_triage,
    why_stranded,
)
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.informing import inform_people
from services.routing.handlers.notices import asking_to_sign
from shared.deciding import Context, Decision
from shared.errors import NotFound
from shared.lifecycle import Action, may


@dataclass(frozen=True, slots=True)
class PlaceAgain:
    """Policy, capacity or presence has changed; ask the matrix once more."""

    complaint_id: UUID


def place_again(state: Case | None, _command: PlaceAgain, context: Context) -> Decision[Case]:
    """The case with whoever can take it now; as it was if nobody can, or if a person took it up.

    One whose proposal nobody might sign asks those who may by now.
    Raises NotFound('unknown-case'). Source: issue 3 "Nothing stranded".
    """
    if state is None:
        raise NotFound("unknown-case", "there is no such case", field="complaint_id")
    if why_stranded(state) == NOBODY_MAY_SIGN:
        return asking_to_sign(Decision(state), context)
    if not waits_at_triage(state):
        return Decision(state)
    found = place(matter_of(state), context.rules, context.now)
    if is_stranded(found):
        # Why it was left behind stays true, whatever else stands in the way by now.
        return Decision(state if is_left_behind(state) else _with_reason(state, found.reason))
    placed = replace(state, placement=found, former=(*state.former, state.placement))
    tells = (tell_assigned(placed),) if may(state.status, Action.ASSIGN) else ()
    return Decision(placed, tells, inform_people(placed, context.rules, state.placement.informed))


def _with_reason(case: Case, reason: str | None) -> Case:
    """Nothing is written unless the reason is another by now."""
    if reason == case.placement.reason:
        return case
    return replace(case, placement=replace(case.placement, reason=reason))
