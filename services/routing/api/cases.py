"""Which cases are there, and how does one stand? `GET /cases`, `GET /cases/{id}`."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.routing.api.views import CasePage, CaseView, line_of, view_of
from services.routing.domain.asking import is_asked
from services.routing.domain.authority import may_read
from services.routing.domain.case import Case
from services.routing.domain.involvement import involvement_of
from services.routing.store.queries import CaseQueries, Filter
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound
from shared.host.desk import Desk
from shared.host.fields import Code
from shared.lifecycle import Status
from shared.participation import is_recused, require_department, require_part, scope_of

READERS = ("agent", "handler", "manager", "director", "auditor")
_MOST = 200


def router(desk: Desk[CaseQueries]) -> APIRouter:
    """The reading doors."""
    routes = APIRouter(tags=["cases"])
    reader = Depends(desk.actor(*READERS))

    @routes.get("/cases", summary="Cases, oldest or most urgent first, page by page")
    async def listed(
        actor: Annotated[Actor, reader],
        department: Code | None = None,
        status: Status | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
        order: Literal["registered", "urgency"] = "registered",
    ) -> CasePage:
        """Those of the caller's sites and departments; none about the caller. By urgency: open ones only."""
        wanted = scoped(actor, department, status)
        look = desk.queries.urgent if order == "urgency" else desk.queries.listed
        found = await look(wanted, after=after, limit=limit)
        return CasePage(
            items=[line_of(case) for case in found if not is_recused(involvement_of(case), actor)],
            next=found[-1].complaint_id if len(found) == limit else None,
        )

    @routes.get("/cases/{identifier}", summary="One case")
    async def shown(identifier: Code, response: Response, actor: Annotated[Actor, reader]) -> CaseView:
        """By complaint id or complaint number; the ETag goes into `If-Match` of the next step."""
        case = await find(desk.queries, identifier, actor)
        rules, now = desk.rules(), desk.clock.now()
        if not (may_read(case, actor) or is_asked(case, actor, rules, now)):
            raise Forbidden("out-of-scope", "this case is not for you to see", field="id")
        response.headers["etag"] = etag_of(case)
        return view_of(case, rules, now)

    return routes


def etag_of(case: Case) -> str:
    """The version of the case as an entity tag."""
    return f'"{case.version}"'


def scoped(actor: Actor, department: str | None, status: Status | None) -> Filter:
    """What the caller asks for, within what the caller may see. Raises Forbidden('out-of-scope')."""
    if department is not None:
        require_department(actor, department)
    scope = scope_of(actor)
    return Filter(
        department=department,
        status=status.value if status is not None else None,
        sites=None if scope.sites is None else tuple(sorted(scope.sites)),
        departments=None if scope.departments is None else tuple(sorted(scope.departments)),
    )


async def find(queries: CaseQueries, identifier: str, actor: Actor) -> Case:
    """The case by id or number, if the actor may have to do with it; which department, the step says.

    Raises NotFound('unknown-case'), Forbidden('out-of-scope', 'recused').
    """
    case = await queries.find(uuid_of(identifier) or identifier)
    if case is None:
        raise NotFound("unknown-case", "there is no such case", field="id")
    require_part(involvement_of(case), actor, departments=(), field="id")
    return case


def uuid_of(identifier: str) -> UUID | None:
    """The complaint id, if that is what was given; else it is a complaint number."""
    try:
        return UUID(identifier)
    except ValueError:
        return None
