"""Who may do what to a case? Role, site, department, and never a person complained about."""

from __future__ import annotations

from services.routing.domain.case import Case
from services.routing.domain.involvement import involvement_of
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound
from shared.participation import may_take_part, require_part

HANDLING = frozenset({"handler", "manager", "director"})
LEADING = frozenset({"manager", "director"})


def permitted(
    case: Case | None,
    actor: Actor,
    roles: frozenset[str],
    *,
    assisting: bool = False,
    departments: tuple[str, ...] | None = None,
) -> Case:
    """The case, if this actor may work on it; `assisting`: assisting departments may as well.

    `departments`: whose people may instead. An empty tuple asks for none, because a role of policy
    decides, e.g. that of finance.
    Raises NotFound('unknown-case'), Forbidden('recused'), Forbidden('out-of-scope'),
    Forbidden('role-missing').
    An administrator keeps the machine running, may help out at a desk and signs nothing.
    Source: RCS-01, RCS-02; architecture.md section 8.
    """
    if case is None:
        raise NotFound("unknown-case", "there is no such case", field="complaint_id")
    wanted = departments
    if wanted is None and not assisting:
        wanted = (case.department,)
    require_part(involvement_of(case), actor, departments=wanted)
    allowed = roles | {"admin"}
    if actor.roles.isdisjoint(allowed):
        raise Forbidden(
            "role-missing",
            "this step needs another role",
            field="actor",
            remedy=f"One of: {', '.join(sorted(allowed))}.",
        )
    return case


def may_read(case: Case, actor: Actor) -> bool:
    """Whether the actor may see the case at all (RCS-02)."""
    return may_take_part(involvement_of(case), actor)
