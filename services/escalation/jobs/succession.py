"""Can somebody still answer every open alarm? Asked whenever the organisation is another one."""

from __future__ import annotations

import asyncio

import structlog

from services.escalation.domain.alarming import is_forsaken
from services.escalation.handlers.tell_successors import TellSuccessors
from services.escalation.store.queries import Scope, SheetQueries
from shared.database.transaction import FAILURES
from shared.errors import KesuError
from shared.host.desk import Desk

log = structlog.get_logger("kesu.escalation")
_LOOK_SECONDS = 1.0
_PAGE = 200


async def keep_answerable(_settings: object, desk: Desk[SheetQueries]) -> None:
    """Look through the open alarms when the organisation has changed; what fails is tried again."""
    seen = ""
    while True:
        version = desk.rules().organisation.version
        if version != seen:
            try:
                told = await look_through(desk)
            except (*FAILURES, KesuError) as error:
                log.warning("alarms.not_looked", error=type(error).__name__)
            else:
                seen = version
                if told:
                    log.info("alarms.told_again", count=told)
        await asyncio.sleep(_LOOK_SECONDS)


async def look_through(desk: Desk[SheetQueries]) -> int:
    """Tell the successors of all alarms that nobody can answer any more; how many complaints had such."""
    told, after = 0, None
    while page := await desk.queries.alarmed(Scope(), is_open=True, after=after, limit=_PAGE):
        after = page[-1].complaint_id
        for sheet in page:
            if any(is_forsaken(one, desk.rules()) for one in sheet.escalations):
                told += bool((await desk.submit(TellSuccessors(sheet.complaint_id))).tells)
        await asyncio.sleep(0)
    return told
