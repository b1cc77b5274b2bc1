"""Which causes come back? They propose an action by themselves, and reopen one that did not work.

A handler sees one complaint; that a cause returns is visible only over all of them. So this counts, and
gives commands: the handlers look again under the lock and decide (docs/decisions/0044).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.routing.domain.action import Action, ActionState
from services.routing.handlers.propose_action import ProposeAction
from services.routing.handlers.verify_action import RecheckAction
from services.routing.settings import Settings
from services.routing.store.action_queries import Recurrence
from services.routing.store.queries import CaseQueries
from shared.database.transaction import FAILURES
from shared.errors import KesuError
from shared.host.desk import Desk

log = structlog.get_logger("kesu.recurrence")
_LIVE = frozenset({ActionState.PROPOSED, ActionState.OPEN, ActionState.COMPLETED})


@dataclass(frozen=True, slots=True)
class Found:
    """What one look led to."""

    proposed: int
    reopened: int


async def watch(settings: Settings, desk: Desk[CaseQueries]) -> None:
    """Look every `recurrence_minutes`; what fails is logged and tried at the next turn."""
    while settings.recurrence_minutes:
        await asyncio.sleep(settings.recurrence_minutes * 60)
        try:
            found = await look(desk)
        except (KesuError, *FAILURES) as error:
            log.warning("recurrence.failed", error=type(error).__name__)
            continue
        if found.proposed or found.reopened:
            log.info("recurrence.found", proposed=found.proposed, reopened=found.reopened)


async def look(desk: Desk[CaseQueries]) -> Found:
    """Propose what policy wants proposed and reopen what did not work, once."""
    now = desk.clock.now()
    return Found(await _propose(desk, now), await _reopen(desk, now))


async def _propose(desk: Desk[CaseQueries], now: datetime) -> int:
    rules, proposed = desk.rules(), 0
    for site in rules.organisation.sites:
        corrective = rules.profile_of(site).corrective
        wanted = corrective.recurrence_from
        if wanted is None:
            continue
        since = now - timedelta(days=corrective.recurrence_days)
        for one in await desk.queries.recurring(site, since, wanted):
            recent = await _untreated(desk, one, since, wanted)
            if recent is not None:
                command = ProposeAction(recent.newest, recent.cause, recent.count)
                proposed += len((await desk.submit(command)).tells)
    return proposed


async def _untreated(
    desk: Desk[CaseQueries], found: Recurrence, since: datetime, wanted: int
) -> Recurrence | None:
    """What has come since somebody last acted against the cause; None: it is too little, or in hand."""
    against = [
        action
        for case in await desk.queries.acting_against(found.site, found.cause)
        for action in case.actions
        if action.cause == found.cause
    ]
    if not against:
        return found
    if any(action.state in _LIVE for action in against):
        return None
    later = max(since, *(_settled_at(action) for action in against))
    again = await desk.queries.recurring(found.site, later, wanted, cause=found.cause)
    return again[0] if again else None


def _settled_at(action: Action) -> datetime:
    """When it was done, or given up: complaints from before say nothing new."""
    done = action.attempt.completed_at if action.attempt is not None else None
    return action.ended_at or done or action.proposed_at


async def _reopen(desk: Desk[CaseQueries], now: datetime) -> int:
    reopened = 0
    for case in await desk.queries.checks_due(now):
        for action in case.actions:
            done = action.attempt.completed_at if action.attempt is not None else None
            if action.check_at is None or action.check_at > now or done is None or not action.cause:
                continue
            count = await desk.queries.recurrences(case.site, action.cause, done, besides=case.complaint_id)
            if count:
                command = RecheckAction(case.complaint_id, action.id, count)
                reopened += bool((await desk.submit(command)).tells)
    return reopened
