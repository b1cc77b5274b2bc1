"""How are the records of a case written, signed and read? `/cases/{id}/records...`."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.routing.api.cases import READERS, etag_of, find
from services.routing.api.record_orders import RecordBody, RecordSigning
from services.routing.api.record_views import CaseRecords, view_of_records
from services.routing.api.steps import HANDS, IfMatch, guarded
from services.routing.domain.asking import is_asked
from services.routing.domain.authority import may_read
from services.routing.domain.case import Case
from services.routing.domain.record_rights import may_see
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.errors import Forbidden
from shared.host.desk import Desk, Sender
from shared.host.fields import Code


def router(desk: Desk[CaseQueries]) -> APIRouter:
    """The doors of the records."""
    routes = APIRouter(tags=["records"])
    hands = Depends(desk.sender(*HANDS))

    @routes.get("/cases/{identifier}/records", summary="The records of a case, and what it still needs")
    async def shown(
        identifier: Code, response: Response, actor: Annotated[Actor, Depends(desk.actor(*READERS))]
    ) -> CaseRecords:
        """All versions; texts for those who handle cases; others see the kinds that they fill in or sign."""
        case = await find(desk.queries, identifier, actor)
        response.headers["etag"] = etag_of(case)
        return _shown(desk, case, actor)

    @routes.post("/cases/{identifier}/records", summary="Write on a record, or correct it")
    async def written(
        identifier: Code,
        body: RecordBody,
        response: Response,
        sender: Annotated[Sender, hands],
        if_match: IfMatch = None,
    ) -> CaseRecords:
        """Each time is a version of its own; those before it stay."""
        case = await find(desk.queries, identifier, sender.actor)
        kind = desk.rules().profile_of(case.site).records.get(body.record)
        about = case.complaint_id

        def seal(text: str) -> str:
            return desk.sealer.seal({"text": text}, about=about)

        order = body.command(about, sender.actor, kind, seal)
        command = guarded(about, sender.actor, order, if_match)
        return await _taken(desk, command, sender, response)

    @routes.post("/cases/{identifier}/records/{record}/signatures", summary="Sign a record")
    async def signed(
        identifier: Code,
        record: Code,
        body: RecordSigning,
        response: Response,
        sender: Annotated[Sender, hands],
        if_match: IfMatch = None,
    ) -> CaseRecords:
        """By the roles that policy names; the customer's signature on paper is attested."""
        about = (await find(desk.queries, identifier, sender.actor)).complaint_id
        order = body.command(about, sender.actor, record)
        return await _taken(desk, guarded(about, sender.actor, order, if_match), sender, response)

    return routes


async def _taken(desk: Desk[CaseQueries], command: object, sender: Sender, response: Response) -> CaseRecords:
    decision = await sender.give(command)
    assert decision.state is not None
    response.headers["etag"] = etag_of(decision.state)
    return _shown(desk, decision.state, sender.actor)


def _shown(desk: Desk[CaseQueries], case: Case, actor: Actor) -> CaseRecords:
    """What of the case's records is for this reader. Raises Forbidden('out-of-scope')."""
    rules, now = desk.rules(), desk.clock.now()
    kinds = rules.profile_of(case.site).records
    reads_all = may_read(case, actor) or is_asked(case, actor, rules, now)
    seen = {code for code, kind in kinds.items() if may_see(case, kind, actor, rules, now)}
    if not reads_all and not seen:
        raise Forbidden("out-of-scope", "this case is not for you to see", field="id")

    def opener(sealed: str) -> str | None:
        if actor.roles.isdisjoint({*HANDS, "admin"}):
            return None
        return str(desk.sealer.open(sealed, about=case.complaint_id).get("text", ""))

    return view_of_records(case, rules, opener, lambda code: reads_all or code in seen)
