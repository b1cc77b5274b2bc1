"""By when is a corrective action done, and by when is its effect judged? Each has clocks of its own."""

from __future__ import annotations

from services.escalation.domain.action_clocks import due_clock, effect_clock, is_known
from services.escalation.domain.clock import Clock
from services.escalation.domain.following import follow, run
from services.escalation.domain.news import moment_of, names_of
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.routing import ActionCompleted, ActionEvent, ActionOpened
from shared.policy.model import Rulebook


def time_action(
    state: ClockSheet | None, event: Event[ActionEvent], context: Context
) -> Decision[ClockSheet]:
    """Starts the action's clock when it is opened, meets it when it is done, and so with the check.

    The case may have ended: actions go on. What policy ties to actions is followed besides.
    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    at = moment_of(event)
    turn = follow(Turn(sheet), names_of(event.data), at, rules=context.rules, now=context.now)
    clock = _clock(turn.sheet, event, context.rules)
    if clock is not None and not is_known(turn.sheet, clock):
        turn = run(turn, clock, context.now)
    return turn.decision()


def _clock(sheet: ClockSheet, event: Event[ActionEvent], rules: Rulebook) -> Clock | None:
    data, at = event.data, moment_of(event)
    if isinstance(data, ActionOpened) and data.due_at is not None:
        return due_clock(
            sheet,
            data.action_id,
            data.discipline,
            data.department,
            started_at=at,
            due_at=data.due_at,
            rules=rules,
        )
    if isinstance(data, ActionCompleted) and data.check_at is not None:
        return effect_clock(
            sheet,
            data.action_id,
            data.department,
            started_at=at,
            due_at=data.check_at,
            rules=rules,
        )
    return None
