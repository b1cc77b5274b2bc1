"""Who can take by now what nobody could take? Asked whenever policy, capacity or presence has changed."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from services.routing.domain.placing import (
    NOBODY_MAY_SIGN,
    is_left_behind,
    is_stranded,
    matter_of,
    place,
    why_stranded,
)
from services.routing.domain.signing import whose_turn
from services.routing.handlers.place_again import PlaceAgain
from services.routing.store.queries import CaseQueries
from shared.clock import monotonic
from shared.database.transaction import FAILURES
from shared.errors import KesuError
from shared.host.desk import Desk
from shared.policy.model import Rulebook

log = structlog.get_logger("kesu.routing")
_LOOK_SECONDS = 1.0
_AT_LEAST_EVERY_SECONDS = 60.0
"""The safety net: whatever may have changed unseen."""
_PAGE = 200
Situation = tuple[object, ...]


async def keep_trying(_settings: object, desk: Desk[CaseQueries]) -> None:
    """Try all of them again when the situation is another one than at the last time."""
    seen: Situation = ()
    tried = 0.0
    while True:
        now = desk.clock.now()
        situation = situation_of(desk.rules(), now)
        if situation != seen or monotonic() - tried >= _AT_LEAST_EVERY_SECONDS:
            try:
                placed = await try_again(desk)
            except (*FAILURES, KesuError) as error:
                log.warning("stranded.not_tried", error=type(error).__name__)
            else:
                seen, tried = situation, monotonic()
                if placed:
                    log.info("stranded.placed", count=placed)
        await asyncio.sleep(_LOOK_SECONDS)


def situation_of(rules: Rulebook, now: datetime) -> Situation:
    """What decides whether somebody can take a case: policy, organisation, who is there and free."""
    people = rules.organisation.people.values()
    return (
        rules.organisation.version,
        tuple(sorted((profile.profile, profile.version) for profile in rules.profiles.values())),
        frozenset(person.id for person in people if not rules.is_there(person.id, now)),
        frozenset(
            person.id
            for person in people
            if person.capacity is not None and rules.workload.of(person.id) >= person.capacity
        ),
    )


async def try_again(desk: Desk[CaseQueries]) -> int:
    """Place what can be placed by now, oldest first; how many found somebody."""
    placed, after = 0, None
    while page := await desk.queries.stranded(after=after, limit=_PAGE):
        for case in page:
            if why_stranded(case) == NOBODY_MAY_SIGN:
                if whose_turn(case, desk.rules(), desk.clock.now()):
                    await desk.submit(PlaceAgain(case.complaint_id), bulk=True)
                continue
            # Decided here first, without a transaction: most of those that wait go on waiting. The rules
            # are asked anew for each, because the one before may have taken the last free place.
            found = place(matter_of(case), desk.rules(), desk.clock.now())
            has_news = found.reason != case.placement.reason and not is_left_behind(case)
            if not is_stranded(found) or has_news:
                await desk.submit(PlaceAgain(case.complaint_id), bulk=True)
                placed += not is_stranded(found)
        after = page[-1].complaint_id
        await asyncio.sleep(0)
    return placed
