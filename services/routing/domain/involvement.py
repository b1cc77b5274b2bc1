"""Who has to do with a case?"""

from __future__ import annotations

from services.routing.domain.case import Case
from shared.participation import Involvement


def involvement_of(case: Case) -> Involvement:
    """What the gate asks of it: the department that has it and those that assist."""
    return Involvement(case.site, (case.department, *case.placement.assistants), case.recused)


def concerned(case: Case) -> tuple[str, ...]:
    """Every department that has the case, had it, assists, or answers for one of its actions."""
    placements = (case.placement, *case.former)
    had = (one for placement in placements for one in (placement.department, *placement.assistants))
    return tuple(dict.fromkeys((*had, *(action.department for action in case.actions))))
