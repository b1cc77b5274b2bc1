"""How does a later export of the same register correct or end what it brought before?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.intake.domain.acceptance import known_kind, plausible_due, plausible_end, plausible_moment
from services.intake.domain.complaint import Complaint, Entry, note
from services.intake.domain.sources import CLOSED_AT, OLDER_EXPORT, PAST, Kept, read_again, why_kept
from services.intake.handlers.amend_complaint import OPEN_FIELDS, SealedChange, tell_amended, unless_meanwhile
from services.intake.handlers.register_complaint import RegisterComplaint
from services.intake.handlers.scope import require_complaint
from shared.deciding import Actor, Context, Decision
from shared.events.intake import Product
from shared.lifecycle import Status


@dataclass(frozen=True, slots=True)
class BringUpToDate:
    """This is what its row says now; fields that are not `said` stay as they are.

    `personal` is what changes of the sealed part, `contested` what differs there and was changed here.
    """

    complaint_id: UUID
    actor: Actor
    row: RegisterComplaint
    said: frozenset[str]
    personal: SealedChange | None = None
    contested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """What the row changed, by name, and what it could not; `closes`: it ended the complaint."""

    complaint_no: str
    changed: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    closes: bool = False


def bring_up_to_date(
    state: Complaint | None, command: BringUpToDate, context: Context
) -> Decision[Complaint]:
    """The complaint as its source has it now, told with the names of what changed.

    What was changed or begun here stays, and so does everything if the row is of an older export than the
    last; the answer says which. Raises what `register_complaint` raises for dates and kind, and
    Conflict('amended-meanwhile').
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    origin, row = complaint.origin, command.row.origin
    if origin is not None and row is not None and row.row in origin.earlier:
        update = Update(complaint.complaint_no, kept=(Kept("row", OLDER_EXPORT),))
        return Decision(complaint, answer=update)
    news = _news(complaint, command)
    kept = [Kept(name, why) for name in news if (why := why_kept(complaint, name)) is not None]
    kept += [Kept(name, why_kept(complaint, name) or "") for name in command.contested]
    changes = {name: value for name, value in news.items() if all(one.field != name for one in kept)}
    _check_dates(complaint, changes, context)
    personal = unless_meanwhile(complaint, command.personal)
    names = (*changes, *personal)
    told_facts = dict(changes)
    if personal and command.personal is not None:
        changes |= {"sealed": command.personal.after, "reachable": command.personal.reachable}
    if origin is not None and row is not None:
        changes["origin"] = read_again(origin, row.row)
    closes = CLOSED_AT in told_facts and not complaint.ended_before
    if closes:
        changes["status"] = Status.CLOSED
    after = replace(complaint, **changes)
    update = Update(complaint.complaint_no, names, tuple(kept), closes)
    if not names:
        return Decision(after if after != complaint else complaint, answer=update)
    facts = {"changed": ", ".join(names), "source": origin.source if origin is not None else ""}
    entry = Entry(context.now, "complaint.amended", command.actor.person, facts)
    told = tell_amended(complaint, command.actor, context, names, told_facts, changes.get("sealed"))
    return Decision(note(after, entry), tells=(told,), answer=update)


def _news(complaint: Complaint, command: BringUpToDate) -> dict[str, Any]:
    """The open fields of which the row says something else, with what it says."""
    row = command.row
    wanted = {name: getattr(row, name) for name in (*OPEN_FIELDS, *PAST) if name in command.said}
    if wanted.get("product") is not None:
        wanted["product"] = _merged(complaint.product, wanted["product"])
    # That somebody is not complained about is for people here to say.
    wanted["accused_refs"] = tuple(dict.fromkeys((*complaint.accused_refs, *wanted.get("accused_refs", ()))))
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(complaint, name)
    }


def _merged(known: Product | None, said: Product) -> Product:
    """The product with what the row says; what it leaves out stays."""
    return (known or Product()).model_copy(update=said.model_dump(exclude_none=True))


def _check_dates(complaint: Complaint, changes: dict[str, Any], context: Context) -> None:
    if "kind" in changes:
        known_kind(changes["kind"], complaint.site, context.rules)
    received_at = changes.get("received_at", complaint.received_at)
    if "received_at" in changes:
        plausible_moment(received_at, context.now, history=True)
    if not {"received_at", "promised_at", CLOSED_AT}.isdisjoint(changes):
        plausible_due(changes.get("promised_at", complaint.promised_at), received_at)
        ended_at = changes.get(CLOSED_AT, complaint.closed_at)
        ended_at = plausible_end(ended_at, received_at, context.now, history=True)
        if CLOSED_AT in changes:
            changes[CLOSED_AT] = ended_at
            if ended_at == complaint.closed_at:
                del changes[CLOSED_AT]
