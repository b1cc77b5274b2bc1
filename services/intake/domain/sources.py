"""What may a later export of the register that a complaint comes from still say about it?

What was changed here since is this register's to say; so is everything about a case that is worked on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.intake.domain.complaint import Complaint, Origin
from shared.lifecycle import Status

CLOSED_AT = "closed_at"
PAST = ("kind", "category", "type", "channel", "received_at", "promised_at", CLOSED_AT)
"""What decides who has it and by which clocks; nobody may move that under a case that is worked on."""
_MOST_EARLIER = 50
_CHANGED_BY = {
    "complaint.reclassified": ("kind", "category", "type"),
    "complaint.acknowledged": ("promised_at",),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A field that stays as it is here, though the row says something else, and why."""

    field: str
    why: str


CHANGED_HERE = "changed here since"
OLDER_EXPORT = "the row was so before a later one: an older export"


def changed_here(complaint: Complaint) -> frozenset[str]:
    """The names of the fields that somebody here has corrected, as the history tells them."""
    names: set[str] = set()
    for entry in complaint.history:
        if entry.what == "complaint.amended" and "source" not in entry.facts:
            names.update(entry.facts.get("changed", "").split(", "))
        names.update(_CHANGED_BY.get(entry.what, ()))
    return frozenset(names - {""})


def is_untouched(complaint: Complaint) -> bool:
    """Whether it is history of which nothing was begun here: still only placed, or ended where it was."""
    is_waiting = complaint.status in {Status.REGISTERED, Status.ASSIGNED}
    return complaint.imported and (is_waiting or complaint.ended_before)


def is_as_read(complaint: Complaint, row: str | None) -> bool:
    """Whether the row is the one that was read last, and nothing here can differ from it."""
    origin = complaint.origin
    is_same = origin is not None and row is not None and origin.row == row
    return is_same and is_untouched(complaint) and not changed_here(complaint)


def why_kept(complaint: Complaint, field: str) -> str | None:
    """Why this field is not the source's to change any more; None: it is."""
    changed = changed_here(complaint)
    # Whose complaint it is follows from how the customer is reached.
    if field in changed or (field == "customer_ref" and not changed.isdisjoint({"ref", "email", "phone"})):
        return CHANGED_HERE
    if field in PAST and not is_untouched(complaint):
        return f"it is handled here ({complaint.status})"
    if complaint.status in {Status.CLOSED, Status.DECLINED, Status.WITHDRAWN, Status.MERGED}:
        return None if complaint.ended_before else f"it has ended here ({complaint.status})"
    return None


def read_again(origin: Origin, row: str | None) -> Origin:
    """The origin with this row as the last that was read there."""
    if row is None or row == origin.row:
        return origin
    earlier = (*origin.earlier, origin.row) if origin.row is not None else origin.earlier
    return replace(origin, row=row, earlier=earlier[-_MOST_EARLIER:])
