"""How do complaints kept elsewhere come in? `POST /imports`, many rows at a time."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.intake.api.bodies import documented, parsed
from services.intake.api.import_rows import DocumentedImport, ImportBody, Results
from services.intake.api.importing import Importing
from services.intake.api.roles import IMPORTERS
from services.intake.store.queries import ComplaintQueries
from shared.host.desk import TOKEN_REQUIRED, Desk


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["imports"])
    importers = frozenset(IMPORTERS)

    @routes.post(
        "/imports",
        response_model=Results,
        response_model_exclude_none=True,
        openapi_extra=documented(DocumentedImport) | {"security": TOKEN_REQUIRED},
        summary="Import complaints",
    )
    async def import_rows(request: Request) -> Results:
        """A row is known by site, source and ref: sent again it is `known` and changes nothing.

        A row that says something else than before amends its complaint (`changed`) or, with a `closed_at`,
        ends it (`closed`). What was changed here since stays and is named in `kept`. A bad row is rejected
        by itself, and so is the second of two different rows with one ref. While too many earlier rows are
        not handled yet the answer takes longer, and is 503 `bulk-backlog` after ten seconds: send it again.
        """
        actor = desk.caller(request, importers)
        body = parsed(ImportBody, await request.body())
        await desk.room()
        results = await Importing(desk, body.source, actor, is_history=body.history).results(body.rows)
        counts = dict.fromkeys(("registered", "known", "rejected", "amended", "closed"), 0)
        for result in results:
            counts[result.status] += 1
        return Results(
            registered=counts["registered"],
            known=counts["known"],
            rejected=counts["rejected"],
            amended=counts["amended"] or None,
            closed=counts["closed"] or None,
            results=results,
        )

    return routes
