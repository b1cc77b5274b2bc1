"""Who waited for whom, and how long? Every second of a complaint's life belongs to exactly one party.

A fold over marks, each the moment of a piece of news, in whatever order they were heard. Waiting for
ourselves is the department's own time: a pause that waits for nobody outside hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.escalation.domain.sheet import ClockSheet, Mark
from shared.changing import changed

OUTSIDE = frozenset({"customer", "supplier", "authority"})
CUSTOMER = "customer"
ASSIGNED = "complaint.assigned"
PAUSED = "complaint.paused"
RESUMED = "complaint.resumed"
ANSWERED = "resolution.answered"
REPLIED = "customer.replied"
REOPENED = "complaint.reopened"
ENDINGS = frozenset({"complaint.declined", "complaint.withdrawn", "complaint.closed", "complaint.merged"})
MARKED = frozenset({ASSIGNED, PAUSED, RESUMED, ANSWERED, REPLIED, REOPENED}) | ENDINGS
"""The news that hand the case on."""


@dataclass(frozen=True, slots=True)
class Share:
    """A span in which it was this party's turn; from `since` to before `until`."""

    party: str
    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class _Hand:
    """In whose hands the case lies."""

    own: str
    outside: str | None = None
    asked: bool = False
    """The customer has an answer and has not said anything about it."""
    is_open: bool = True

    @property
    def party(self) -> str:
        if self.outside is not None:
            return self.outside
        return CUSTOMER if self.asked else self.own

    def after(self, mark: Mark) -> _Hand:
        what = mark.what
        if what == ASSIGNED:
            return changed(self, own=f"department:{mark.party}")
        if what == PAUSED:
            return changed(self, outside=mark.party if mark.party in OUTSIDE else None)
        if what == RESUMED:
            return changed(self, outside=None)
        if what in (ANSWERED, REPLIED):
            return changed(self, outside=None, asked=what == ANSWERED)
        return changed(self, outside=None, asked=False, is_open=what not in ENDINGS)


def marked(sheet: ClockSheet, names: Iterable[str], at: datetime, party: str) -> tuple[Mark, ...]:
    """The sheet's marks with this piece of news; one that was heard before is not added."""
    fresh = (Mark(at, name, party) for name in names if name in MARKED)
    return (*sheet.marks, *(mark for mark in fresh if mark not in sheet.marks))


def shares(sheet: ClockSheet, until: datetime) -> tuple[Share, ...]:
    """The life so far as spans without gaps or overlaps; time in which it was closed is no part of it.

    Neighbouring spans of one party are one.
    """
    found: list[Share] = []
    for share in _spans(sheet, until):
        if found and found[-1].party == share.party and found[-1].until == share.since:
            found[-1] = changed(found[-1], until=share.until)
        elif share.since < share.until:
            found.append(share)
    return tuple(found)


def totals(spans: Iterable[Share]) -> dict[str, timedelta]:
    """How long it was each party's turn, in the order in which they first had it."""
    sums: dict[str, timedelta] = {}
    for share in spans:
        sums[share.party] = sums.get(share.party, timedelta()) + share.length
    return sums


def _spans(sheet: ClockSheet, until: datetime) -> Iterator[Share]:
    hand, since = _Hand(f"site:{sheet.site}"), sheet.received_at
    for mark in sorted(sheet.marks, key=lambda mark: mark.at):
        at = min(max(mark.at, since), max(until, since))
        if hand.is_open:
            yield Share(hand.party, since, at)
        hand, since = hand.after(mark), at
    if hand.is_open:
        yield Share(hand.party, since, max(until, since))
