"""How does the desk take a step? `POST /cases/{id}/...`: parse, give the command, show the case."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response

from services.routing.api import decisions, orders
from services.routing.api.cases import etag_of, find, uuid_of
from services.routing.api.views import CaseView, view_of
from services.routing.handlers.accept_case import AcceptCase, ConfirmInPerson
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.keeping import AsRead
from services.routing.handlers.resume_case import ResumeCase
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.errors import Rejected
from shared.host.desk import Desk, Sender
from shared.host.fields import Code

HANDS = ("handler", "manager", "director")
PLAIN: dict[str, tuple[Callable[[UUID, Actor], object], str]] = {
    "accept": (AcceptCase, "Take the case up"),
    "confirm": (ConfirmInPerson, "Confirm that whom policy names handles it in person"),
    "close": (CloseCase, "Close it: the customer agreed and it is fulfilled"),
    "resume": (ResumeCase, "The waiting is over"),
}
"""Steps that need no body."""
ORDERS: dict[str, tuple[type[orders.Order], str]] = {
    "investigation": (orders.Investigation, "Record liability, validity and cause"),
    "proposals": (orders.Offer, "Propose a resolution"),
    "approvals": (orders.Approval, "Sign a proposal or send it back"),
    "answer": (orders.Reply, "Answer the customer"),
    "fulfil": (orders.Carried, "What was agreed has been carried out"),
    "pause": (orders.Waiting, "Wait for somebody, with a reason"),
    "reassign": (orders.HandOver, "Hand the case over"),
    "reclassify": (orders.NewName, "Correct kind, category and type"),
    "visits": (decisions.VisitOrNot, "Decide whether the customer is visited"),
    "goods": (decisions.GoodsKnown, "Record age, warranty, papers and price of the goods"),
    "appointments": (decisions.LaterDate, "Agree on a date for what cannot be carried out at once"),
    "mode": (decisions.NewMode, "Handle it faster, later, or in the ordinary way"),
    "reviews": (decisions.ReviewResult, "Record the result of a review"),
    "sheets": (orders.SheetToCustomer, "Send the customer's version of the 8D sheet"),
    "recusals": (decisions.Recusal, "Somebody takes no part from now on"),
}
BODY_MAY_BE_MISSING = frozenset({orders.Carried, orders.SheetToCustomer})
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description="The version of the case that was read: refused with 409 if it has changed since.",
    ),
]


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
        sender: Annotated[Sender, Depends(desk.sender(*HANDS))],
        response: Response,
        if_match: IfMatch = None,
    ) -> CaseView:
        complaint_id = await _id_of(desk, identifier, sender.actor)
        command = guarded(complaint_id, sender.actor, make(complaint_id, sender.actor), if_match)
        return await _taken(desk, command, sender, response)

    return endpoint


def _ordered(desk: Desk[CaseQueries], kind: type[orders.Order]) -> Callable[..., object]:
    async def endpoint(
        identifier: Code,
        sender: Annotated[Sender, Depends(desk.sender(*HANDS))],
        response: Response,
        if_match: IfMatch = None,
        *,
        body: orders.Order | None,
    ) -> CaseView:
        complaint_id = await _id_of(desk, identifier, sender.actor)
        order = body if body is not None else kind()
        command = guarded(complaint_id, sender.actor, order.command(complaint_id, sender.actor), if_match)
        return await _taken(desk, command, sender, response)

    # Each path has the body of its own step; one that says nothing needed may be left out.
    endpoint.__annotations__["body"] = kind if kind not in BODY_MAY_BE_MISSING else kind | None
    if kind in BODY_MAY_BE_MISSING:
        endpoint.__kwdefaults__ = {"body": None}
    return endpoint


def guarded(complaint_id: UUID, actor: Actor, command: object, if_match: str | None) -> object:
    """The command, tied to the version that was read. Raises Rejected('bad-if-match')."""
    if if_match is None or if_match.strip() == "*":
        return command
    version = if_match.strip().removeprefix("W/").strip('"')
    if not (version.isascii() and version.isdigit()):
        raise Rejected(
            "bad-if-match",
            "this is no version of a case",
            field="If-Match",
            remedy="Send the ETag that came with the case, or its `version`.",
        )
    return AsRead(complaint_id, actor, int(version), command)


async def _id_of(desk: Desk[CaseQueries], identifier: str, actor: Actor) -> UUID:
    known = uuid_of(identifier)
    return known if known is not None else (await find(desk.queries, identifier, actor)).complaint_id


async def _taken(desk: Desk[CaseQueries], command: object, sender: Sender, response: Response) -> CaseView:
    decision = await sender.give(command)
    assert decision.state is not None
    response.headers["etag"] = etag_of(decision.state)
    return view_of(decision.state, desk.rules(), desk.clock.now())
