"""Which corrective actions are begun, by whom, and until when are they due?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain.action import MEASURES, Action, Discipline, Measure, Party, opened
from services.routing.domain.action_causes import cause_of
from services.routing.domain.action_order import next_sheet, require_measure, require_place
from services.routing.domain.action_rights import needs_decision, owner_for
from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.handlers.told_actions import decider_notices, owner_notice, tell_opened, tell_proposed
from shared.deciding import Actor, Context, Decision, Notice
from shared.errors import Rejected
from shared.events.base import EventData

FURTHEST = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step of a report: who does what until when; `sealed` is the task in words."""

    discipline: Discipline
    department: str
    due_at: datetime
    measure: Measure = ""
    owner: str | None = None
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class OpenActions:
    """Begin a report with these steps, or add them to the one whose number is given (CAP-01, CAP-03)."""

    complaint_id: UUID
    actor: Actor
    steps: tuple[PlannedStep, ...]
    party: Party = "own"
    supplier_ref: str = ""
    sheet: int | None = None
    cause_code: str = ""


def open_actions(state: Case | None, command: OpenActions, context: Context) -> Decision[Case]:
    """The case with the actions, open or closed as it may be: causes are removed after the end too.

    What removes a cause waits as a proposal where policy names who decides (APR-05, APR-08).
    Raises Rejected('no-steps', 'due-in-the-past', 'unknown-sheet', 'measure-missing' ...),
    Conflict('step-exists' ...).
    """
    case = permitted(state, command.actor, HANDLING, assisting=True)
    if not command.steps:
        raise Rejected("no-steps", "an order names at least one step", field="steps")
    sheet = _sheet(case, command.sheet)
    tells: list[EventData] = []
    notices: list[Notice] = []
    for step in command.steps:
        action = _planned(case, step, command, sheet, context)
        require_place(case.actions, action)
        if needs_decision(case, action.measure, command.actor, context.rules, context.now):
            case = replace(case, actions=(*case.actions, action))
            tells.append(tell_proposed(case, action))
            notices += decider_notices(case, action, context)
            continue
        action = opened(action, context.now, step.due_at)
        case = replace(case, actions=(*case.actions, action))
        tells.append(tell_opened(case, action))
        notices += owner_notice(case, action, context)
    return Decision(case, tuple(tells), tuple(notices))


def require_future(due_at: datetime, now: datetime) -> None:
    """Nothing, if somebody can still meet it. Raises Rejected('due-in-the-past'), Rejected('due-too-far')."""
    if due_at <= now:
        raise Rejected(
            "due-in-the-past",
            f"{due_at.isoformat()} has passed",
            field="due_at",
            remedy="Name a moment that lies ahead.",
        )
    if due_at > now + FURTHEST:
        raise Rejected(
            "due-too-far",
            f"{due_at.isoformat()} is more than ten years ahead",
            field="due_at",
            remedy="Name a moment that those who do it will live to see.",
        )


def _sheet(case: Case, wanted: int | None) -> int:
    if wanted is None:
        return next_sheet(case.actions)
    if all(one.sheet != wanted for one in case.actions):
        raise Rejected(
            "unknown-sheet",
            f"the case has no sheet {wanted}",
            field="sheet",
            remedy="Leave it out to begin another.",
        )
    return wanted


def _planned(case: Case, step: PlannedStep, command: OpenActions, sheet: int, context: Context) -> Action:
    require_measure(step.discipline, step.measure)
    require_future(step.due_at, context.now)
    return Action(
        id=f"a-{len(case.actions) + 1}",
        sheet=sheet,
        discipline=step.discipline,
        measure=step.measure or MEASURES.get(step.discipline, ""),
        department=step.department,
        proposed_at=context.now,
        proposed_by=command.actor.person,
        party=command.party,
        supplier_ref=command.supplier_ref,
        owner=owner_for(case, step.department, step.owner, context.rules, context.now),
        cause=command.cause_code or cause_of(case) or "",
        sealed=step.sealed,
    )
