"""How does a corrective action look to those who may see it? Texts only to those who handle cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.routing.domain.action import Action, ActionState, Discipline, Measure, Party
from services.routing.domain.case import Case
from shared.host.fields import Answer

Opener = Callable[[str | None], str | None]
"""Opens a sealed text, or keeps it closed."""


class AttemptView(Answer):
    """One try; `done` is what was done, null where it is not for the reader's eyes."""

    opened_at: datetime
    due_at: datetime
    completed_at: datetime | None
    completed_by: str | None
    done: str | None
    check_at: datetime | None
    checked_at: datetime | None
    checked_by: str | None
    effective: bool | None
    recurrences: int


class ActionView(Answer):
    """A corrective action; `task` is null where it is not for the reader's eyes."""

    id: str
    sheet: int
    discipline: Discipline
    measure: Measure
    party: Party
    supplier_ref: str
    state: ActionState
    department: str
    owner: str | None
    cause: str
    due_at: datetime | None
    check_at: datetime | None
    proposed_at: datetime
    proposed_by: str
    reason: str
    recurrences: int
    task: str | None
    attempts: list[AttemptView]
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str


class CaseActions(Answer):
    """The actions of one case, in the order in which they were proposed."""

    complaint_id: UUID
    complaint_no: str
    site: str
    items: list[ActionView]


class ActionPage(Answer):
    """Actions of some cases; `next` goes into `after` of the following request, None at the end."""

    items: list[CaseActions]
    next: UUID | None


def view_of_actions(case: Case, actions: tuple[Action, ...], opener: Opener) -> CaseActions:
    """These actions of the case."""
    return CaseActions(
        complaint_id=case.complaint_id,
        complaint_no=case.complaint_no,
        site=case.site,
        items=[_view(one, opener) for one in actions],
    )


def _view(action: Action, opener: Opener) -> ActionView:
    return ActionView(
        id=action.id,
        sheet=action.sheet,
        discipline=action.discipline,
        measure=action.measure,
        party=action.party,
        supplier_ref=action.supplier_ref,
        state=action.state,
        department=action.department,
        owner=action.owner,
        cause=action.cause,
        due_at=action.due_at,
        check_at=action.check_at,
        proposed_at=action.proposed_at,
        proposed_by=action.proposed_by,
        reason=action.reason,
        recurrences=action.recurrences,
        task=opener(action.sealed),
        attempts=[
            AttemptView(
                opened_at=one.opened_at,
                due_at=one.due_at,
                completed_at=one.completed_at,
                completed_by=one.completed_by,
                done=opener(one.sealed),
                check_at=one.check_at,
                checked_at=one.checked_at,
                checked_by=one.checked_by,
                effective=one.effective,
                recurrences=one.recurrences,
            )
            for one in action.attempts
        ],
        ended_at=action.ended_at,
        ended_by=action.ended_by,
        end_reason=action.end_reason,
    )
