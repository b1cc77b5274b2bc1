"""How is a complaint registered? `POST /complaints`, kept lean: every complaint passes here."""

from __future__ import annotations

from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime

from services.intake.api.bodies import ComplaintBody, documented, parsed
from services.intake.api.entering import command_of
from services.intake.api.roles import WRITERS
from services.intake.api.views import complaint_in
from services.intake.store.queries import ComplaintQueries
from shared.host.desk import KEY_PARAMETER, TOKEN_REQUIRED, Desk, idempotency_of
from shared.host.fields import Answer
from shared.host.lane import Endpoint
from shared.ids import new_id
from shared.lifecycle import Status

_WRITERS = frozenset(WRITERS)


class Links(Answer):
    """Where to go from here; `customer` holds the secret that lets the customer in."""

    self: str
    history: str
    customer: str


class Registered(Answer):
    """The entry in the register."""

    id: UUID
    complaint_no: str
    status: Status
    received_at: AwareDatetime
    links: Links


def endpoint(desk: Desk[ComplaintQueries]) -> Endpoint:
    """What registers."""

    async def register(request: Request) -> Response:
        """Answers once the complaint is stored for good; `Idempotency-Key` makes a retry harmless."""
        actor = desk.caller(request, _WRITERS)
        content = await request.body()
        body = parsed(ComplaintBody, content)
        key, whose = request.headers.get("idempotency-key"), actor.person
        decision = await desk.submit(
            command_of(body, new_id(), actor, desk.sealer),
            request=request,
            idempotency=idempotency_of(key, request, content, caller=whose) if key is not None else None,
        )
        complaint = complaint_in(decision)
        path = f"/complaints/{complaint.complaint_id}"
        answer = {
            "id": complaint.complaint_id,
            "complaint_no": complaint.complaint_no,
            "status": complaint.status,
            "received_at": complaint.received_at,
            "links": {
                "self": path,
                "history": f"{path}/history",
                "customer": customer_link(desk, complaint.complaint_id),
            },
        }
        return Response(orjson.dumps(answer), 201, {"location": path}, media_type="application/json")

    return register


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["complaints"])
    routes.add_api_route(
        "/complaints",
        endpoint(desk),
        methods=["POST"],
        response_model=Registered,
        status_code=201,
        openapi_extra=documented(ComplaintBody) | {"parameters": [KEY_PARAMETER], "security": TOKEN_REQUIRED},
        summary="Register a complaint",
    )
    return routes


def customer_link(desk: Desk[ComplaintQueries], complaint_id: UUID) -> str:
    """The path of the customer's case page."""
    return f"/c/{complaint_id}/{desk.links.secret('case', complaint_id)}"
