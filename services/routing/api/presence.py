"""Who is away by their own word? `GET /presence`, `GET|PUT /presence/{person}`."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime

from services.routing.domain.presence import Presence, link_name, presence_id
from services.routing.handlers.switch_presence import Switch, SwitchPresence
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound
from shared.host.desk import Desk
from shared.host.fields import Answer, Body, Code
from shared.outbox.writing import Idempotency
from shared.participation import leads
from shared.policy.model import Person, Rulebook

EVERYBODY = ("agent", "handler", "manager", "director")


class Said(Body):
    """Away or back; `until` left out: until something else is said."""

    present: bool
    until: AwareDatetime | None = None


class PresenceView(Answer):
    """Whether somebody is at work; `said_*` only where that is by word and not by the organisation file."""

    person: str
    present: bool
    """Now, by word or by the file."""
    stand_in: str | None
    """Who has their work meanwhile; None: they themselves, or nobody."""
    until: datetime | None
    said_at: datetime | None
    said_by: str | None
    page: str
    """Where the person, or whoever holds this link, can say so without a token, for some weeks."""


def router(desk: Desk[CaseQueries], *, switch: Switch) -> APIRouter:
    """The doors of presence."""
    routes = APIRouter(tags=["presence"])
    caller = Depends(desk.actor(*EVERYBODY))

    @routes.get("/presence", summary="Who is away or back by their own word")
    async def listed(actor: Annotated[Actor, caller]) -> list[PresenceView]:
        """Of those whom the caller leads, and the caller; there are no more than people."""
        found = await desk.queries.presences(desk.clock.now())
        return [_view(desk, one.person, one) for one in found if _may_see(actor, one.person, desk.rules())]

    @routes.get("/presence/{person}", summary="Is this person at work?")
    async def shown(person: Code, actor: Annotated[Actor, caller]) -> PresenceView:
        """By word, else by the organisation file."""
        if not _may_see(actor, person, desk.rules()):
            raise Forbidden("not-your-presence", "this is for the person and their managers", field="person")
        if desk.rules().person(person) is None:
            raise NotFound("unknown-person", f"the organisation knows no {person}", field="person")
        return _view(desk, person, await desk.queries.presence(person))

    @routes.put("/presence/{person}", summary="Say that somebody is away, or back")
    async def said(
        person: Code,
        body: Said,
        request: Request,
        actor: Annotated[Actor, caller],
        idempotency: Annotated[Idempotency | None, Depends(desk.idempotency)],
    ) -> PresenceView:
        """The person, or a manager of theirs; cases go to whoever is there from now on."""
        command = SwitchPresence(presence_id(person), actor, person, body.present, body.until)
        decision = await switch(desk, command, request=request, idempotency=idempotency)
        return _view(desk, person, decision.state)

    return routes


def _may_see(actor: Actor, person: str, rules: Rulebook) -> bool:
    # Who is not known is nobody's to see, except to whoever sees everybody.
    known = rules.person(person) or Person(person, "")
    return actor.person == person or leads(actor, known)


def _view(desk: Desk[CaseQueries], person: str, said: Presence | None) -> PresenceView:
    rules, now = desk.rules(), desk.clock.now()
    holds = said is not None and said.switch.holds(now)
    name = link_name(person, now)
    present = said.present if said is not None and holds else rules.is_there(person, now)
    return PresenceView(
        person=person,
        present=present,
        stand_in=None if present else rules.present(person, now),
        until=said.until if said is not None and holds else None,
        said_at=said.at if said is not None and holds else None,
        said_by=said.by if said is not None and holds else None,
        page=f"/p/{name}.{desk.links.secret('presence', name)}",
    )
