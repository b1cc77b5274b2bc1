"""Which complaints may this caller see and touch?"""

from __future__ import annotations

from services.escalation.domain.sheet import ClockSheet
from services.escalation.store.queries import Scope
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound

READERS = ("agent", "handler", "manager", "director", "auditor")
ANSWERERS = ("handler", "manager", "director")
EXTENDERS = ("manager", "director")
DECIDERS = EXTENDERS
REPORTERS = ("agent", "handler", "manager", "director")


def scope_of(actor: Actor, site: str | None) -> Scope:
    """The actor's scope, narrowed to one site if asked. Raises Forbidden('out-of-scope')."""
    departments = None if actor.may_see_department("*") else tuple(sorted(actor.departments))
    if site is None:
        return Scope(None if "*" in actor.sites else tuple(sorted(actor.sites)), departments)
    if not actor.may_see_site(site):
        raise _out_of_scope(site)
    return Scope((site,), departments)


def seen_sheet(sheet: ClockSheet | None, actor: Actor) -> ClockSheet:
    """The sheet, if there is one and the actor may see it.

    Raises NotFound('unknown-complaint'), Forbidden('out-of-scope').
    """
    if sheet is None:
        raise NotFound("unknown-complaint", "there is no such complaint", field="complaint_id")
    if not actor.may_see_site(sheet.site):
        raise _out_of_scope(sheet.site)
    if sheet.department is not None and not actor.may_see_department(sheet.department):
        raise Forbidden(
            "out-of-scope",
            f"your token does not cover department {sheet.department}",
            field="department",
        )
    return sheet


def _out_of_scope(site: str) -> Forbidden:
    return Forbidden(
        "out-of-scope",
        f"your token does not cover site {site}",
        field="site",
        remedy="Ask an administrator for a token with this site.",
    )
