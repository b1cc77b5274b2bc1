"""What does the desk send to have a corrective action begun, done, judged or given up?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.routing.domain.action import Discipline, Measure, Party
from services.routing.handlers.complete_action import CompleteAction
from services.routing.handlers.decide_action import AdoptAction, CancelAction
from services.routing.handlers.open_actions import OpenActions, PlannedStep
from shared.deciding import Actor
from shared.host.fields import Body, Code, Instant, Text

Seal = Callable[[str | None], str | None]
"""Seals a free text about this complaint; None stays None."""
_MOST_STEPS = 20


class StepBody(Body):
    """One step of a report: `discipline` D0 to D8, or CAPA with what it does; `task` in words."""

    discipline: Discipline
    department: Code
    due_at: Instant
    measure: Measure = ""
    owner: Code | None = None
    task: Text | None = None


class Plan(Body):
    """Begin a report with these steps, or add them to the sheet whose number is given."""

    steps: Annotated[tuple[StepBody, ...], Field(min_length=1, max_length=_MOST_STEPS)]
    party: Party = "own"
    supplier_ref: Code | None = None
    sheet: Annotated[int, Field(ge=1, le=10_000)] | None = None
    cause_code: Code | None = None

    def command(self, complaint_id: UUID, actor: Actor, seal: Seal) -> OpenActions:
        """What the handlers understand."""
        steps = tuple(
            PlannedStep(
                discipline=one.discipline,
                department=one.department,
                due_at=one.due_at,
                measure=one.measure,
                owner=one.owner,
                sealed=seal(one.task),
            )
            for one in self.steps
        )
        return OpenActions(
            complaint_id,
            actor,
            steps,
            party=self.party,
            supplier_ref=self.supplier_ref or "",
            sheet=self.sheet,
            cause_code=self.cause_code or "",
        )


class Adoption(Body):
    """Take a proposal up: until when, and by whom if not by the department that it names."""

    due_at: Instant
    department: Code | None = None
    owner: Code | None = None

    def command(self, complaint_id: UUID, actor: Actor, action: str) -> AdoptAction:
        """What the handlers understand."""
        return AdoptAction(complaint_id, actor, action, self.due_at, self.department, self.owner)


class Completion(Body):
    """It is done: how, in words, and when its effect is to be judged."""

    done: Text | None = None
    check_at: Instant | None = None

    def command(self, complaint_id: UUID, actor: Actor, action: str, seal: Seal) -> CompleteAction:
        """What the handlers understand."""
        return CompleteAction(complaint_id, actor, action, seal(self.done), self.check_at)


class Judgement(Body):
    """Whether it works; if not, `due_at` is for the next attempt."""

    effective: bool
    due_at: Instant | None = None


class Cancellation(Body):
    """Why it is not needed: a code, not prose, it is told in the open."""

    reason_code: Code

    def command(self, complaint_id: UUID, actor: Actor, action: str) -> CancelAction:
        """What the handlers understand."""
        return CancelAction(complaint_id, actor, action, self.reason_code)
