"""When the facts of a case have changed, does it go into other hands?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.domain.case import Case, Placement
from services.routing.domain.placing import matter_of, place
from shared.lifecycle import Action, may, step
from shared.policy.model import Facts, Rulebook


def moved(
    case: Case, facts: Facts, recused: tuple[str, ...], rules: Rulebook, now: datetime
) -> tuple[Case, bool]:
    """The case with these facts and recused persons, and whether it was placed anew by them.

    Whoever works on it goes on if it stays in the department and the complaint is not about them. Once the
    customer has agreed nothing is placed anew. Source: edge case 4, RCS-01.
    """
    changed = replace(case, facts=facts, recused=recused)
    old = case.placement
    new = place(matter_of(changed), rules, now)
    if not may(case.status, Action.ASSIGN) or (recused == case.recused and not _differs(new, old)):
        return replace(changed, placement=_without(recused, old)), False
    placed = replace(
        changed,
        status=step(case.status, Action.ASSIGN),
        placement=_kept_in_hand(new, old, recused),
        former=(*case.former, old),
    )
    return placed, True


def _without(recused: tuple[str, ...], old: Placement) -> Placement:
    # Too late to be placed anew, never too late to be taken from whom it is about: the department has it.
    return replace(old, assignee=None, reason="recused") if old.assignee in recused else old


def _differs(new: Placement, old: Placement) -> bool:
    if new.rule != old.rule and not set(new.informed) <= set(old.informed):
        return True  # another row, of which somebody has to hear
    return (new.department, new.assistants, new.severity, new.priority) != (
        old.department,
        old.assistants,
        old.severity,
        old.priority,
    )


def _kept_in_hand(new: Placement, old: Placement, recused: tuple[str, ...]) -> Placement:
    same = new.department == old.department and old.assignee is not None and old.assignee not in recused
    return replace(new, assignee=old.assignee) if same else new
