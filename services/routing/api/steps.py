"""How does the desk take a step? `POST /cases/{id}/...`: parse, give the command, show the case."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.routing.api import orders
from services.routing.api.cases import find, uuid_of
from services.routing.api.views import CaseView, view_of
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.resume_case import ResumeCase
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.host.desk import Desk
from shared.host.fields import Code
from shared.outbox.writing import Idempotency

HANDS = ("handler", "manager", "director")
PLAIN: dict[str, tuple[Callable[[UUID, Actor], object], str]] = {
    "accept": (AcceptCase, "Take the case up"),
    "fulfil": (FulfilResolution, "What was agreed has been carried out"),
    "close": (CloseCase, "Close it: the customer agreed and it is fulfilled"),
    "resume": (ResumeCase, "The waiting is over"),
}
"""Steps that need no body."""
ORDERS: dict[str, tuple[type[orders.Order], str]] = {
    "investigation": (orders.Investigation, "Record liability, validity and cause"),
    "proposals": (orders.Offer, "Propose a resolution"),
    "approvals": (orders.Approval, "Sign a proposal or send it back"),
    "answer": (orders.Reply, "Answer the customer"),
    "pause": (orders.Waiting, "Wait for somebody, with a reason"),
    "reassign": (orders.HandOver, "Hand the case over"),
    "reclassify": (orders.NewName, "Correct kind, category and type"),
}


def router(desk: Desk[CaseQueries]) -> APIRouter:
    """The desk's steps."""
    routes = APIRouter(tags=["steps"])
    for path, (plain, summary) in PLAIN.items():
        _add(routes, path, _plain(desk, plain), summary)
    for path, (order, summary) in ORDERS.items():
        _add(routes, path, _ordered(desk, order), summary)
    return routes


def _add(routes: APIRouter, path: str, endpoint: Callable[..., object], summary: str) -> None:
    routes.add_api_route(
        f"/cases/{{identifier}}/{path}",
        endpoint,
        methods=["POST"],
        response_model=CaseView,
        summary=summary,
        name=path,
    )


def _plain(desk: Desk[CaseQueries], make: Callable[[UUID, Actor], object]) -> Callable[..., object]:
    async def endpoint(
        identifier: Code,
        request: Request,
        actor: Annotated[Actor, Depends(desk.actor(*HANDS))],
        idempotency: Annotated[Idempotency | None, Depends(desk.idempotency)],
    ) -> CaseView:
        command = make(await _id_of(desk, identifier), actor)
        return await _taken(desk, command, request, idempotency)

    return endpoint


def _ordered(desk: Desk[CaseQueries], kind: type[orders.Order]) -> Callable[..., object]:
    async def endpoint(
        identifier: Code,
        request: Request,
        body: orders.Order,
        actor: Annotated[Actor, Depends(desk.actor(*HANDS))],
        idempotency: Annotated[Idempotency | None, Depends(desk.idempotency)],
    ) -> CaseView:
        command = body.command(await _id_of(desk, identifier), actor)
        return await _taken(desk, command, request, idempotency)

    endpoint.__annotations__["body"] = kind  # each path has the body of its own step
    return endpoint


async def _id_of(desk: Desk[CaseQueries], identifier: str) -> UUID:
    known = uuid_of(identifier)
    return known if known is not None else (await find(desk.queries, identifier)).complaint_id


async def _taken(
    desk: Desk[CaseQueries],
    command: object,
    request: Request,
    idempotency: Idempotency | None,
) -> CaseView:
    decision = await desk.submit(command, request=request, idempotency=idempotency)
    assert decision.state is not None
    return view_of(decision.state)
