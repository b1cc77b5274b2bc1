"""How are corrective actions begun, followed and judged? `/cases/{id}/actions...`, `GET /actions`."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.routing.api.action_orders import Adoption, Cancellation, Completion, Judgement, Plan, Seal
from services.routing.api.action_views import ActionPage, CaseActions, Opener, view_of_actions
from services.routing.api.cases import READERS, find, uuid_of
from services.routing.domain.action import ActionState
from services.routing.domain.action_causes import cause_of
from services.routing.domain.action_order import action_of
from services.routing.domain.authority import may_read
from services.routing.domain.case import Case
from services.routing.domain.involvement import concerned, involvement_of
from services.routing.handlers.verify_action import VerifyAction
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.errors import Forbidden
from shared.host.desk import Desk, Sender
from shared.host.fields import Code
from shared.participation import may_take_part, require_part, scope_of

HANDS = ("handler", "manager", "director")
LEADS = ("manager", "director")
_MOST = 200
_LIVE = (ActionState.PROPOSED, ActionState.OPEN, ActionState.COMPLETED)


def router(desk: Desk[CaseQueries]) -> APIRouter:
    """The doors of corrective action."""
    routes = APIRouter(tags=["actions"])
    _add_reading(routes, desk)
    _add_beginning(routes, desk)
    _add_ending(routes, desk)
    return routes


def _add_reading(routes: APIRouter, desk: Desk[CaseQueries]) -> None:
    reader = Depends(desk.actor(*READERS))

    @routes.get("/actions", summary="Corrective actions, case by case: the improvement list")
    async def listed(
        actor: Annotated[Actor, reader],
        state: Annotated[list[ActionState] | None, Query()] = None,
        department: Code | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
    ) -> ActionPage:
        """Those of the caller's sites and departments; without `state` all that wait for somebody."""
        wanted = state or list(_LIVE)
        scope = scope_of(actor)
        sites = None if scope.sites is None else tuple(sorted(scope.sites))
        found = await desk.queries.with_actions(
            sites, [one.value for one in wanted], after=after, limit=limit
        )
        pages = [_seen(desk, case, actor, set(wanted), department) for case in found]
        return ActionPage(
            items=[page for page in pages if page.items],
            next=found[-1].complaint_id if len(found) == limit else None,
        )

    @routes.get("/cases/{identifier}/actions", summary="The corrective actions of a case")
    async def shown(identifier: Code, actor: Annotated[Actor, reader]) -> CaseActions:
        """All of them, given up ones too."""
        case = await find(desk.queries, identifier, actor)
        if not may_read(case, actor):
            raise Forbidden("out-of-scope", "this case is not for you to see", field="id")
        return _shown(desk, case, actor)


def _add_beginning(routes: APIRouter, desk: Desk[CaseQueries]) -> None:
    @routes.post("/cases/{identifier}/actions", summary="Begin corrective actions: 8D steps or a CAPA")
    async def begun(
        identifier: Code,
        body: Plan,
        sender: Annotated[Sender, Depends(desk.sender(*HANDS))],
    ) -> CaseActions:
        """Owners get a notice; what others decide on waits as a proposal (APR-05, APR-08)."""
        complaint_id = await _id_of(desk, identifier, sender.actor)
        command = body.command(complaint_id, sender.actor, _seal(desk, complaint_id))
        return await _taken(desk, command, sender)

    @routes.post("/cases/{identifier}/actions/{action}/adopt", summary="Take a proposal up")
    async def adopted(
        identifier: Code,
        action: Code,
        body: Adoption,
        sender: Annotated[Sender, Depends(desk.sender(*LEADS))],
    ) -> CaseActions:
        """By whom policy names, where it names somebody."""
        command = body.command(await _id_of(desk, identifier, sender.actor), sender.actor, action)
        return await _taken(desk, command, sender)

    @routes.post("/cases/{identifier}/actions/{action}/cancel", summary="Give an action up")
    async def given_up(
        identifier: Code,
        action: Code,
        body: Cancellation,
        sender: Annotated[Sender, Depends(desk.sender(*LEADS))],
    ) -> CaseActions:
        """It stays on record with the reason."""
        command = body.command(await _id_of(desk, identifier, sender.actor), sender.actor, action)
        return await _taken(desk, command, sender)


def _add_ending(routes: APIRouter, desk: Desk[CaseQueries]) -> None:
    @routes.post("/cases/{identifier}/actions/{action}/complete", summary="An action is carried out")
    async def completed(
        identifier: Code,
        action: Code,
        body: Completion,
        sender: Annotated[Sender, Depends(desk.sender(*HANDS))],
    ) -> CaseActions:
        """Containment (D3) comes before the cause (D4)."""
        complaint_id = await _id_of(desk, identifier, sender.actor)
        command = body.command(complaint_id, sender.actor, action, _seal(desk, complaint_id))
        return await _taken(desk, command, sender)

    @routes.post("/cases/{identifier}/actions/{action}/verify", summary="Does it work?")
    async def verified(
        identifier: Code,
        action: Code,
        body: Judgement,
        sender: Annotated[Sender, Depends(desk.sender(*HANDS))],
    ) -> CaseActions:
        """Judged by another department, against the complaints of the same cause since it was done."""
        case = await find(desk.queries, identifier, sender.actor)
        # Before the action is looked up: whether there is one is not for everybody.
        require_part(involvement_of(case), sender.actor, departments=concerned(case))
        command = VerifyAction(
            case.complaint_id,
            sender.actor,
            action,
            body.effective,
            await _recurrences(desk, case, action),
            body.due_at,
        )
        return await _taken(desk, command, sender)


async def _recurrences(desk: Desk[CaseQueries], case: Case, identifier: str) -> int:
    action = action_of(case.actions, identifier)
    done = action.attempt.completed_at if action.attempt is not None else None
    cause = action.cause or cause_of(case)
    if done is None or not cause:
        return 0
    return await desk.queries.recurrences(case.site, cause, done, besides=case.complaint_id)


async def _id_of(desk: Desk[CaseQueries], identifier: str, actor: Actor) -> UUID:
    known = uuid_of(identifier)
    return known if known is not None else (await find(desk.queries, identifier, actor)).complaint_id


async def _taken(desk: Desk[CaseQueries], command: object, sender: Sender) -> CaseActions:
    decision = await sender.give(command)
    assert decision.state is not None
    return _shown(desk, decision.state, sender.actor)


def _shown(desk: Desk[CaseQueries], case: Case, actor: Actor) -> CaseActions:
    return view_of_actions(case, case.actions, _opener(desk, case, actor))


def _seen(
    desk: Desk[CaseQueries], case: Case, actor: Actor, states: set[ActionState], department: str | None
) -> CaseActions:
    """Those of the case's actions that the list is about and the caller may see."""
    reads_case = may_read(case, actor)
    actions = tuple(
        one
        for one in case.actions
        if one.state in states
        and department in (None, one.department)
        and (reads_case or may_take_part(involvement_of(case), actor, departments=(one.department,)))
    )
    return view_of_actions(case, actions, _opener(desk, case, actor))


def _seal(desk: Desk[CaseQueries], complaint_id: UUID) -> Seal:
    def seal(text: str | None) -> str | None:
        return desk.sealer.seal({"text": text}, about=complaint_id) if text else None

    return seal


def _opener(desk: Desk[CaseQueries], case: Case, actor: Actor) -> Opener:
    """Whoever handles cases reads the texts; an auditor checks dates, not people (PRV-01)."""

    def opener(sealed: str | None) -> str | None:
        if sealed is None or actor.roles.isdisjoint({*HANDS, "admin"}):
            return None
        return str(desk.sealer.open(sealed, about=case.complaint_id).get("text", ""))

    return opener
