"""How do running promises follow a changed policy or calendar? `POST /clocks/recompute`, page by page."""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from services.escalation.handlers.recompute_clocks import RecomputeClocks
from services.escalation.store.queries import SheetQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Answer, Code
from shared.participation import scope_of

MOST = 500


class Recomputed(Answer):
    """What became of one page of open complaints; no `next`: that was the last."""

    looked_at: int
    changed: int
    """Clocks that got another due date or are no longer promised."""
    next: UUID | None


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The recomputation's route."""
    routes = APIRouter(tags=["clocks"])

    @routes.post("/clocks/recompute", summary="Apply changed rules to what runs")
    async def recompute(
        request: Request,
        actor: Annotated[Actor, Depends(desk.actor("director"))],
        site: Code | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Most complaints on a page.")] = 200,
    ) -> Recomputed:
        """Oldest complaint first; pass `next` as `after`. Said twice, the second changes nothing."""
        found = await desk.queries.unfinished(scope_of(actor, site), after=after, limit=limit + 1)
        page = found[:limit]
        decided = await asyncio.gather(
            *(desk.submit(RecomputeClocks(complaint, actor), request=request) for complaint in page)
        )
        changed = sum(decision.answer for decision in decided if isinstance(decision.answer, int))
        return Recomputed(looked_at=len(page), changed=changed, next=page[-1] if len(found) > limit else None)

    return routes
