"""Who else has to hear what became of a complaint? The customers of all that were merged into it."""

from __future__ import annotations

from collections.abc import Mapping

from services.intake.handlers.tell_merged import News, TellMerged
from services.intake.store.queries import ComplaintQueries
from shared.host.desk import Desk
from shared.lifecycle import Status
from shared.notify.table import Waiting

_NEWS: Mapping[Status, News] = {
    Status.ANSWERED: "answered",
    Status.AGREED: "answered",
    Status.FULFILLED: "answered",
    Status.CLOSED: "closed",
    Status.DECLINED: "declined",
    Status.WITHDRAWN: "withdrawn",
}


async def tell(desk: Desk[ComplaintQueries], waiting: Waiting) -> None:
    """Give each of them the command that writes to its customer; what was told before changes nothing.

    Asked of the complaint that the chain of mergers ends in, as it stands now.
    """
    complaint = await desk.queries.by_id(waiting.complaint_id)
    if complaint is None:
        return
    survivor = await desk.queries.survivor(complaint)
    news = _NEWS.get(survivor.toward_customer)
    if news is None:
        return
    for merged in await desk.queries.merged_into(survivor):
        await desk.submit(TellMerged(merged.complaint_id, survivor.complaint_no, news, survivor.round))
