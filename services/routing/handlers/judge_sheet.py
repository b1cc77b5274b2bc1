"""Is the customer satisfied with the measures on the sheet, and what if not?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.action import refuted
from services.routing.domain.action_order import with_action
from services.routing.domain.case import Case
from services.routing.domain.sheet_sending import goes_back, last_sent, own_steps, with_verdict
from services.routing.domain.terms import SheetVerdict
from services.routing.handlers.notices import tell_sheet_refused
from services.routing.handlers.told_actions import owner_notice, tell_opened, tell_verified
from shared.deciding import Actor, Context, Decision, Notice
from shared.errors import Conflict, NotFound
from shared.events.base import EventData
from shared.events.sheets import SheetJudged

CUSTOMER = Actor("customer", frozenset({"customer"}), frozenset({"*"}))
"""Whoever holds the secret of the sheet's link; it opens one sheet of one complaint."""


@dataclass(frozen=True, slots=True)
class JudgeSheet:
    """What the customer thinks of it; `sealed` holds the words."""

    complaint_id: UUID
    actor: Actor
    sheet: int
    satisfied: bool
    sealed: str | None = None


def judge_sheet(state: Case | None, command: JudgeSheet, context: Context) -> Decision[Case]:
    """The case with the verdict; not satisfied: what was to remove the cause is open again.

    The result stays open to checking, so the customer may think again at any time (CAP-07). The same
    verdict on the same sending again: unchanged, unless it comes with words.
    Raises NotFound('unknown-case'), NotFound('unknown-sheet'), Conflict('sheet-not-sent').
    """
    if state is None:
        raise NotFound("unknown-case", "there is no such case", field="complaint_id")
    steps = own_steps(state, command.sheet)
    last = last_sent(state, command.sheet)
    if last is None:
        raise Conflict("sheet-not-sent", "this sheet has not been sent yet", field="sheet")
    known = last.verdict
    if known is not None and known.satisfied == command.satisfied and command.sealed is None:
        return Decision(state)
    verdict = SheetVerdict(command.satisfied, context.now, command.sealed)
    case = with_verdict(state, last, verdict)
    told = SheetJudged(
        complaint_no=case.complaint_no,
        at=context.now,
        sheet=command.sheet,
        attempt=last.attempt,
        satisfied=command.satisfied,
        sealed=command.sealed,
    )
    if command.satisfied:
        return Decision(case, (told,))
    tells: list[EventData] = [told]
    notices: list[Notice] = list(tell_sheet_refused(case, last, len(last.verdicts) + 1, context))
    for step in goes_back(steps):
        tried = step.attempts[-1]
        until = context.now + (tried.due_at - tried.opened_at)
        again = refuted(step, context.now, command.actor.person, until, 0)
        case = replace(case, actions=with_action(case.actions, again))
        tells += [tell_verified(case, again), tell_opened(case, again)]
        notices += owner_notice(case, again, context)
    return Decision(case, tuple(tells), tuple(notices))
