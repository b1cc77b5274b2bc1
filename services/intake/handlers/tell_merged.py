"""What does the customer of a merged complaint hear? How the matter ended, about their own complaint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.intake.domain.complaint import Complaint, Entry, note
from services.intake.handlers.notices import to_customer, to_desk
from shared.deciding import Context, Decision, Notice
from shared.lettering import SUITE
from shared.lifecycle import Status

ERRAND = "tell-merged"
News = Literal["answered", "closed", "declined", "withdrawn"]
_TOLD = "customer.told"


@dataclass(frozen=True, slots=True)
class TellMerged:
    """What became, in this round, of the complaint that it goes on as."""

    complaint_id: UUID
    into_no: str
    news: News
    round: int


def tell_merged(state: Complaint | None, command: TellMerged, context: Context) -> Decision[Complaint]:
    """The complaint with a letter to its own customer; told before, or not merged any more: unchanged.

    If the other customer withdrew, this one did not: the desk is told, which can reopen it.
    """
    if state is None or state.status is not Status.MERGED:
        return Decision(state)
    facts = {"into_no": command.into_no, "news": command.news, "round": str(command.round)}
    if any(entry.what == _TOLD and entry.facts == facts for entry in state.history):
        return Decision(state)
    occasion = f"{command.into_no}:{command.round}"
    if command.news == "withdrawn":
        notices = to_desk(state, "merged-withdrawn", occasion, context, into_no=command.into_no)
    else:
        notices = to_customer(state, f"merged-{command.news}", occasion, into_no=command.into_no)
    return Decision(note(state, Entry(context.now, _TOLD, "intake", facts)), notices=notices)


def telling_merged(complaint: Complaint, occasion: str) -> tuple[Notice, ...]:
    """The errand that tells the customers of all complaints merged into this one, if there are any."""
    if not complaint.absorbed and complaint.merged_into is None:
        return ()
    key = f"{ERRAND}:{complaint.complaint_id}:{occasion}"
    return (Notice(key=key, to=SUITE, template=ERRAND, language=""),)
