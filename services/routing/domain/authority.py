"""Who may do what to a case? Role, site, department, and never a person complained about."""

from __future__ import annotations

from services.routing.domain.case import Case
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound

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
    if not actor.may_see_site(case.site):
        raise Forbidden("out-of-scope", f"no rights for site {case.site}", field="site")
    if actor.person in case.recused:
        raise Forbidden(
            "recused",
            "a person complained about takes no part in the case",
            field="actor",
            remedy="Somebody else of the department has to act.",
        )
    wanted = departments
    if wanted is None:
        wanted = involved(case) if assisting else (case.department,)
    if wanted and not any(actor.may_see_department(one) for one in wanted):
        raise Forbidden("out-of-scope", f"no rights for {case.department}", field="department")
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
    return (
        actor.may_see_site(case.site)
        and actor.person not in case.recused
        and any(actor.may_see_department(one) for one in involved(case))
    )


def involved(case: Case) -> tuple[str, ...]:
    """The department that has the case and those that assist."""
    return (case.department, *case.placement.assistants)
