"""When may a report of corrective action go to the customer, and what follows from their verdict? (CAP-02)"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.domain.action import Action
from services.routing.domain.action_order import sheet_of
from services.routing.domain.case import Case
from services.routing.domain.terms import SentSheet, SheetVerdict
from shared.errors import Conflict, NotFound

BETWEEN = "~"
"""Stands between complaint and sheet in the link of a mail."""
_REMOVES_CAUSES = frozenset({"corrective", "preventive"})


def own_steps(case: Case, sheet: int | None) -> tuple[Action, ...]:
    """The steps of that report of our own, or of the newest; a supplier's is no business of the customer.

    Raises NotFound('unknown-sheet').
    """
    own = [one for one in case.actions if one.is_live and one.party == "own"]
    number = sheet if sheet is not None else max((one.sheet for one in own), default=0)
    steps = sheet_of(own, number)
    if not steps:
        raise NotFound(
            "unknown-sheet",
            f"the case has no sheet {number or ''} of our own".replace("  ", " "),
            field="sheet",
            remedy="Open its actions first.",
        )
    return steps


def last_sent(case: Case, sheet: int) -> SentSheet | None:
    """How it went out last; None: it has not."""
    return next((one for one in reversed(case.sheets) if one.sheet == sheet), None)


def require_worked_on(steps: tuple[Action, ...], last: SentSheet | None) -> None:
    """Nothing, if there is something new to send.

    Raises Conflict('sheet-accepted'), Conflict('sheet-unchanged'). Source: CAP-02, until satisfied.
    """
    verdict = last.verdict if last is not None else None
    if verdict is None:
        return
    if verdict.satisfied:
        raise Conflict("sheet-accepted", "the customer is satisfied with it", field="sheet")
    if not any(_is_done_since(one, verdict.at) for one in steps):
        raise Conflict(
            "sheet-unchanged",
            "nothing has been done since the customer was not satisfied with it",
            field="sheet",
            remedy="Complete the steps that are open again, or add one and complete it.",
        )


def _is_done_since(action: Action, moment: datetime) -> bool:
    done = action.attempt.completed_at if action.attempt is not None else None
    return done is not None and done > moment


def sent(case: Case, sheet: int, by: str, now: datetime) -> tuple[Case, SentSheet]:
    """The case with the sheet on its way."""
    known = sum(1 for one in case.sheets if one.sheet == sheet)
    sending = SentSheet(sheet, known + 1, by, now)
    return replace(case, sheets=(*case.sheets, sending)), sending


def with_verdict(case: Case, last: SentSheet, verdict: SheetVerdict) -> Case:
    """The case with what the customer thinks of the newest sending."""
    judged = replace(last, verdicts=(*last.verdicts, verdict))
    return replace(case, sheets=tuple(judged if one is last else one for one in case.sheets))


def goes_back(steps: tuple[Action, ...]) -> tuple[Action, ...]:
    """The steps that are open again when the customer is not satisfied: what removes the cause, if done."""
    return tuple(one for one in steps if one.is_done and one.measure in _REMOVES_CAUSES)
