"""How do promises that run follow a changed policy or calendar? When somebody says so, one complaint each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.escalation.domain.involvement import involvement_of
from services.escalation.domain.recomputing import recompute
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.turn import Turn
from shared.deciding import Actor, Context, Decision
from shared.participation import may_take_part


@dataclass(frozen=True, slots=True)
class RecomputeClocks:
    """The rules have changed: look at this complaint's open clocks again."""

    complaint_id: UUID
    actor: Actor


def recompute_clocks(
    state: ClockSheet | None, command: RecomputeClocks, context: Context
) -> Decision[ClockSheet]:
    """Moves what the rules of today give another due date; said again, it changes nothing.

    Answers how many clocks it moved or cancelled; none where the actor takes no part.
    """
    if state is None or not may_take_part(involvement_of(state), command.actor):
        return Decision(state, answer=0)
    turn = recompute(Turn(state), command.actor.person, rules=context.rules, now=context.now)
    return turn.decision(len(turn.tells))
