"""How is a complaint declined, withdrawn, reopened, acknowledged or replied to?"""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, Field, StringConstraints

from services.intake.api.roles import DECIDERS, WRITERS
from services.intake.api.views import Standing, complaint_in, standing
from services.intake.handlers.acknowledge_complaint import AcknowledgeComplaint
from services.intake.handlers.decline_complaint import DeclineComplaint
from services.intake.handlers.record_reply import CUSTOMER, RecordReply
from services.intake.handlers.reopen_complaint import ReopenComplaint
from services.intake.handlers.withdraw_complaint import WithdrawComplaint
from services.intake.store.queries import ComplaintQueries
from shared.deciding import Actor
from shared.host.desk import TOKEN_REQUIRED, Desk
from shared.host.fields import Body, Code, Text
from shared.outbox.writing import Idempotency

Comment = Annotated[Text, StringConstraints(max_length=4000)]


class Reason(Body):
    """Why; the reasons for declining are those of the site's policy."""

    reason_code: Code


class Withdrawal(Body):
    """Why the customer takes it back."""

    reason_code: Code = "customer-wish"


class Promise(Body):
    """By when the customer was promised an answer; left out: what policy promises."""

    promised_at: AwareDatetime | None = None


class ReplyBody(Body):
    """What the customer says to the answer; `secret` is that of the case link, else a token is needed."""

    round: Annotated[int, Field(ge=1, le=1000)]
    accepts: bool
    comment: Comment | None = None
    secret: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    """How a command came in, and what makes it safe to send twice."""

    request: Request
    key: Idempotency | None


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The routes that change a complaint."""
    routes = APIRouter(tags=["complaints"])
    writer, decider = Depends(desk.actor(*WRITERS)), Depends(desk.actor(*DECIDERS))

    def sent_with(request: Request, key: Annotated[Idempotency | None, Depends(desk.idempotency)]) -> _Sent:
        return _Sent(request, key)

    sending = Depends(sent_with)

    async def done(command: Any, sent: _Sent) -> Standing:
        decision = await desk.submit(command, request=sent.request, idempotency=sent.key)
        return standing(complaint_in(decision))

    @routes.post("/complaints/{complaint_id}/decline", summary="Do not handle it")
    async def decline(
        complaint_id: UUID, body: Reason, actor: Annotated[Actor, decider], sent: Annotated[_Sent, sending]
    ) -> Standing:
        """For one of the policy's reasons (INT-22), and only until it is investigated."""
        return await done(DeclineComplaint(complaint_id, actor, body.reason_code), sent)

    @routes.post("/complaints/{complaint_id}/withdraw", summary="Take it back")
    async def withdraw(
        complaint_id: UUID, body: Withdrawal, actor: Annotated[Actor, writer], sent: Annotated[_Sent, sending]
    ) -> Standing:
        """At the customer's wish, from any open status."""
        return await done(WithdrawComplaint(complaint_id, actor, body.reason_code), sent)

    @routes.post("/complaints/{complaint_id}/reopen", summary="Take it up again")
    async def reopen(
        complaint_id: UUID, body: Reason, actor: Annotated[Actor, decider], sent: Annotated[_Sent, sending]
    ) -> Standing:
        """After it was closed, declined or withdrawn (INF-04)."""
        return await done(ReopenComplaint(complaint_id, actor, body.reason_code), sent)

    @routes.post("/complaints/{complaint_id}/acknowledge", summary="Promise a date")
    async def acknowledge(
        complaint_id: UUID, body: Promise, actor: Annotated[Actor, writer], sent: Annotated[_Sent, sending]
    ) -> Standing:
        """Enters that the customer was told by when an answer comes (INF-05, FRD-11)."""
        return await done(AcknowledgeComplaint(complaint_id, actor, body.promised_at), sent)

    @routes.post(
        "/complaints/{complaint_id}/replies",
        summary="Agree or refuse",
        openapi_extra={"security": [{}, *TOKEN_REQUIRED]},
    )
    async def reply(complaint_id: UUID, body: ReplyBody, sent: Annotated[_Sent, sending]) -> Standing:
        """From the customer with the secret of the link, or from an agent who was told."""
        comment = body.comment
        if body.secret is not None:
            desk.links.check("case", complaint_id, body.secret)
            actor = CUSTOMER
        else:
            actor = desk.caller(sent.request, frozenset(WRITERS))
        sealed = desk.sealer.seal({"comment": comment}, about=complaint_id) if comment else None
        return await done(RecordReply(complaint_id, actor, body.round, body.accepts, sealed), sent)

    return routes
