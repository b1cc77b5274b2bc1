"""Has everybody who has a case still their place in the organisation? Asked whenever it is another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog

from services.routing.domain.case import Case
from services.routing.domain.placing import TRIAGE_DESK
from services.routing.domain.succession import orphaned_actions, what_left
from services.routing.handlers.hand_down import HandDown
from services.routing.store.queries import CaseQueries, Holding
from shared.clock import monotonic
from shared.database.transaction import FAILURES
from shared.errors import KesuError
from shared.host.desk import Desk
from shared.lifecycle import Status
from shared.policy.model import Rulebook

log = structlog.get_logger("kesu.routing")
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 5.0
"""Once more soon after a change: what was being decided by the former organisation is written by then."""
_AT_LEAST_EVERY_SECONDS = 60.0
"""The safety net: another replica may have gone by the former organisation for some seconds."""
_PAGE = 200


async def keep_manned(_settings: object, desk: Desk[CaseQueries]) -> None:
    """Look through the open cases when the organisation has changed; what fails is tried again."""
    seen, next_look = "", 0.0
    while True:
        version = desk.rules().organisation.version
        if version != seen or monotonic() >= next_look:
            try:
                moved = await look_through(desk, is_other=version != seen)
            except (*FAILURES, KesuError) as error:
                log.warning("succession.not_looked", error=type(error).__name__)
            else:
                next_look = monotonic() + (_AGAIN_SECONDS if version != seen else _AT_LEAST_EVERY_SECONDS)
                seen = version
                if moved:
                    log.info("succession.moved", count=moved)
        await asyncio.sleep(_LOOK_SECONDS)


async def look_through(desk: Desk[CaseQueries], *, is_other: bool = True) -> int:
    """Hand down what has been left behind; how many cases are in other hands since.

    `is_other`: the organisation has just changed, so that signatures may be those of other people.
    """
    moved = 0
    async for case in _left_behind(desk, is_other=is_other):
        after = (await desk.submit(HandDown(case.complaint_id), bulk=True)).state
        moved += after is not None and after.placement != case.placement
    return moved


async def _left_behind(desk: Desk[CaseQueries], *, is_other: bool) -> AsyncIterator[Case]:
    """Open cases that may need other hands, each decided upon again under the lock."""
    queries = desk.queries
    for holding in await queries.holdings():
        after = None
        # Most hands are still there: their cases are not even read.
        while is_suspect(holding, desk.rules()) and (
            page := await queries.held(holding, after=after, limit=_PAGE)
        ):
            after = page[-1].complaint_id
            for case in page:
                if what_left(case, desk.rules()) is not None:
                    yield case
    after = None
    while page := await queries.signing_or_acting(after=after, limit=_PAGE):
        after = page[-1].complaint_id
        for case in page:
            if (is_other and case.status is Status.PROPOSED) or orphaned_actions(case, desk.rules()):
                yield case
        await asyncio.sleep(0)


def is_suspect(holding: Holding, rules: Rulebook) -> bool:
    """Whether some case in these hands may need others."""
    organisation = rules.organisation
    person = rules.person(holding.assignee) if holding.assignee is not None else None
    is_away = holding.assignee is not None and (person is None or not person.works_at(holding.site))
    return is_away or holding.department not in (TRIAGE_DESK, *organisation.departments)
