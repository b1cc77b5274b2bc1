"""May this person touch the clocks and alarms of this complaint, and are there any?"""

from __future__ import annotations

from typing import Any

from services.escalation.domain.involvement import involvement_of
from services.escalation.domain.sheet import ClockSheet
from services.escalation.handlers.recompute_clocks import RecomputeClocks
from shared.deciding import Actor
from shared.errors import NotFound
from shared.participation import require_part
from shared.policy.model import Rulebook


def require_sheet(state: ClockSheet | None, actor: Actor) -> ClockSheet:
    """The sheet, if there is one and the actor may take part.

    Raises NotFound('unknown-complaint'), Forbidden('out-of-scope', 'recused').
    """
    if state is None:
        raise NotFound("unknown-complaint", "there is no such complaint", field="complaint_id")
    require_part(involvement_of(state), actor)
    return state


def admit(sheet: ClockSheet, command: Any, rules: Rulebook) -> None:
    """Raises Forbidden('out-of-scope', 'recused') if the command's actor may not take part.

    Wider than the handlers: whoever handed the case on may ask again whether that was done. What the suite
    does by itself has no actor, and what is recomputed page by page passes over the rest.
    """
    actor: Actor | None = getattr(command, "actor", None)
    if actor is None or isinstance(command, RecomputeClocks):
        return
    involved = involvement_of(sheet)
    had = (mark.party for mark in sheet.marks if mark.party in rules.organisation.departments)
    require_part(involved, actor, departments=(*involved.departments, *had) or None)
