"""Is the case handled faster or later than others, and who decided so?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.standing import Hall, Standing, assessed, standing_of, who_may
from services.routing.domain.terms import Mode
from services.routing.handlers.assign_team import tell_assigned
from shared.deciding import Actor, Context, Decision
from shared.errors import Forbidden, Rejected
from shared.lifecycle import Action, step
from shared.policy.gates import ModeRule

HandlingMode = Literal["expedited", "ordinary", "deferred"]


@dataclass(frozen=True, slots=True)
class ChooseMode:
    """Handle it so from now on, for this reason (SEV-07)."""

    complaint_id: UUID
    actor: Actor
    mode: HandlingMode
    reason_code: str


def choose_mode(state: Case | None, command: ChooseMode, context: Context) -> Decision[Case]:
    """The case in its new mode; its clocks run on whatever it is (C-25).

    Only who policy names decides, never the handler alone; what is safety, law or serious is never
    deferred, whoever wants it.
    Raises Rejected('mode-closed'), Rejected('unknown-reason'), Forbidden('not-the-decider').
    Source: SEV-07, ESC-16, C-25.
    """
    case = permitted(state, command.actor, HANDLING, departments=())
    status = step(case.status, Action.ASSIGN)
    rows = _rows(case, command, context)
    standing, row = _decider(case, command, rows, context)
    if command.mode == "ordinary":
        changed = replace(case, status=status, mode=None)
        return Decision(changed, (tell_assigned(changed),))
    if row.reasons and command.reason_code not in row.reasons:
        raise Rejected(
            "unknown-reason",
            f"{row.name} is not chosen for {command.reason_code}",
            field="reason_code",
            remedy=f"Known reasons: {', '.join(row.reasons)}.",
        )
    mode = Mode(command.mode, row.name, command.reason_code, standing.person, standing.role, context.now)
    changed = replace(case, status=status, mode=mode)
    return Decision(changed, (tell_assigned(changed),))


def _rows(case: Case, command: ChooseMode, context: Context) -> tuple[ModeRule, ...]:
    profile = context.rules.profile_of(case.site)
    if command.mode == "ordinary":
        present = case.mode.rule if case.mode is not None else None
        rows = tuple(row for row in profile.modes if row.name == present)
    else:
        rows = tuple(row for row in profile.modes_open_to(assessed(case)) if row.mode == command.mode)
    if not rows:
        raise Rejected(
            "mode-closed",
            f"policy does not let this case be {command.mode}",
            field="mode",
            remedy="It is handled as it is.",
        )
    return rows


def _decider(
    case: Case, command: ChooseMode, rows: tuple[ModeRule, ...], context: Context
) -> tuple[Standing, ModeRule]:
    hall = Hall(case, context.rules, context.now)
    for row in rows:
        standing = standing_of(command.actor, row.decided_by, hall)
        if standing is not None:
            return standing, row
    who = [one.person for row in rows for one in who_may(row.decided_by, hall)]
    raise Forbidden(
        "not-the-decider",
        f"{' or '.join(rows[0].decided_by)} decides on this",
        field="actor",
        remedy=f"Who may now: {', '.join(dict.fromkeys(who)) or 'nobody'}.",
    )
