"""How do complaints kept elsewhere come in? `POST /imports`, many rows at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field, ValidationError

from services.intake.api.bodies import ComplaintBody, documented, parsed
from services.intake.api.entering import command_of
from services.intake.api.roles import IMPORTERS
from services.intake.domain.complaint import Origin
from services.intake.handlers.register_complaint import Receipt
from services.intake.store.queries import ComplaintQueries
from shared.deciding import Actor
from shared.errors import Rejected
from shared.host.desk import TOKEN_REQUIRED, Desk
from shared.host.fields import Answer, Body, Code, Line
from shared.ids import derived_id

MOST_ROWS = 500


class ImportRow(ComplaintBody):
    """A complaint with the number that it has where it comes from."""

    row: Annotated[int, Field(ge=0)]
    ref: Line
    # Needed here, because the complaint's id follows from it.
    received_at: AwareDatetime  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]
    due_at: AwareDatetime | None = Field(
        default=None, description="The due date that it had there; it stands in place of our policy's."
    )
    closed_at: AwareDatetime | None = Field(default=None, description="When it ended there; history only.")


class ImportBody(Body):
    """Rows of one source. `history`: old dates are kept, nobody is alerted or written to."""

    source: Code
    history: bool = True
    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_ROWS)]


class DocumentedImport(ImportBody):
    """The same with its rows spelt out, for the documentation: each is checked by itself."""

    rows: Annotated[list[ImportRow], Field(min_length=1, max_length=MOST_ROWS)]  # type: ignore[assignment]  # narrower on purpose


class Result(Answer):
    """What became of one row."""

    row: int | None = None
    status: Literal["registered", "known", "rejected"]
    complaint_no: str | None = None
    code: str | None = None
    field: str | None = None
    detail: str | None = None


class Results(Answer):
    """What became of the rows, in their order."""

    registered: int
    known: int
    rejected: int
    results: list[Result]


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
        """A row is known by source, ref and date: sent again it is `known` and changes nothing.

        A bad row is rejected by itself; the others are registered.
        """
        actor = desk.caller(request, importers)
        body = parsed(ImportBody, await request.body())
        # Together, so that they share commits.
        results = await asyncio.gather(*(_enter(desk, body, row, actor) for row in body.rows))
        counts = dict.fromkeys(("registered", "known", "rejected"), 0)
        for result in results:
            counts[result.status] += 1
        return Results(**counts, results=list(results))

    return routes


async def _enter(desk: Desk[ComplaintQueries], body: ImportBody, raw: dict[str, Any], actor: Actor) -> Result:
    number = raw.get("row") if isinstance(raw.get("row"), int) else None
    try:
        row = ImportRow.model_validate(raw)
        origin = Origin(body.source, row.ref)
        complaint_id = derived_id(row.received_at, row.site, body.source, row.ref)
        command = replace(
            command_of(row, complaint_id, actor, desk.sealer, imported=body.history, origin=origin),
            promised_at=row.due_at,
            closed_at=row.closed_at,
        )
        receipt = (await desk.submit(command)).answer
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        return Result(row=number, status="rejected", code="invalid-row", field=field, detail=first["msg"])
    except Rejected as error:
        return Result(
            row=number,
            status="rejected",
            code=error.code,
            field=error.field,
            detail=error.detail,
        )
    assert isinstance(receipt, Receipt)
    status: Literal["registered", "known"] = "known" if receipt.known else "registered"
    return Result(row=number, status=status, complaint_no=receipt.complaint_no)
