"""Which status may follow which? The one transition table of a complaint (architecture.md section 2).

Routing asks it before it decides, intake asks it when it projects the events of others; whatever is
not in the table is `Rejected`. Rows that look odd are races between two services that are allowed to
happen: a customer withdraws while the desk closes, say, and both are true.
"""

from __future__ import annotations

from enum import StrEnum

from shared.errors import Conflict


class Status(StrEnum):
    """Where a complaint stands."""

    REGISTERED = "registered"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    PAUSED = "paused"
    INVESTIGATED = "investigated"
    PROPOSED = "proposed"
    ANSWERED = "answered"
    AGREED = "agreed"
    REFUSED = "refused"
    FULFILLED = "fulfilled"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    MERGED = "merged"
    """It is handled as part of another complaint; both stay readable."""


class Action(StrEnum):
    """What happened to it; the value is the event's name without its version."""

    ASSIGN = "complaint.assigned"
    ACCEPT = "complaint.accepted"
    PAUSE = "complaint.paused"
    RESUME = "complaint.resumed"
    RECLASSIFY = "complaint.reclassified"
    INVESTIGATE = "complaint.investigated"
    PROPOSE = "resolution.proposed"
    APPROVE = "resolution.approved"
    REJECT = "resolution.rejected"
    ANSWER = "resolution.answered"
    AGREE = "customer.replied:accepts"
    REFUSE = "customer.replied:refuses"
    FULFIL = "resolution.fulfilled"
    CLOSE = "complaint.closed"
    AMEND = "complaint.amended"
    ACKNOWLEDGE = "complaint.acknowledged"
    DECLINE = "complaint.declined"
    WITHDRAW = "complaint.withdrawn"
    REOPEN = "complaint.reopened"
    MERGE = "complaint.merged"
    ABSORB = "complaint.absorbed"


_S = Status
_A = Action
WORKING = (_S.ASSIGNED, _S.ACCEPTED, _S.INVESTIGATED, _S.PROPOSED, _S.REFUSED)
OPEN = (_S.REGISTERED, *WORKING, _S.PAUSED, _S.ANSWERED, _S.AGREED, _S.FULFILLED, _S.REOPENED)
ENDED = (_S.CLOSED, _S.DECLINED, _S.WITHDRAWN, _S.MERGED)


def _table() -> dict[tuple[Status, Action], Status]:
    rows: dict[tuple[Status, Action], Status] = {}

    def allow(action: Action, sources: tuple[Status, ...], target: Status | None = None) -> None:
        for source in sources:
            rows[(source, action)] = target if target is not None else source

    allow(_A.ASSIGN, (_S.REGISTERED, _S.ASSIGNED, _S.REOPENED), _S.ASSIGNED)
    allow(_A.ASSIGN, (_S.ACCEPTED, _S.PAUSED, _S.INVESTIGATED, _S.PROPOSED, _S.REFUSED, _S.ANSWERED))
    allow(_A.ACCEPT, (_S.ASSIGNED,), _S.ACCEPTED)
    allow(_A.PAUSE, (*WORKING, _S.ANSWERED), _S.PAUSED)
    allow(_A.RECLASSIFY, OPEN)
    allow(_A.INVESTIGATE, (_S.ACCEPTED, _S.INVESTIGATED, _S.REFUSED), _S.INVESTIGATED)
    allow(_A.PROPOSE, (_S.INVESTIGATED, _S.REFUSED, _S.PROPOSED), _S.PROPOSED)
    allow(_A.APPROVE, (_S.PROPOSED,))
    allow(_A.REJECT, (_S.PROPOSED,), _S.INVESTIGATED)
    allow(_A.ANSWER, (_S.PROPOSED,), _S.ANSWERED)
    allow(_A.AGREE, (_S.ANSWERED,), _S.AGREED)
    allow(_A.REFUSE, (_S.ANSWERED,), _S.REFUSED)
    allow(_A.FULFIL, (_S.AGREED,), _S.FULFILLED)
    allow(_A.CLOSE, (_S.FULFILLED,), _S.CLOSED)
    allow(_A.AMEND, OPEN)
    allow(_A.ACKNOWLEDGE, OPEN)
    # Registered is not accepted (INT-22, edge case 1): a complaint may be declined with a reason
    # until somebody has answered it.
    allow(_A.DECLINE, (_S.REGISTERED, _S.ASSIGNED, _S.ACCEPTED, _S.REOPENED), _S.DECLINED)
    allow(_A.WITHDRAW, OPEN, _S.WITHDRAWN)
    allow(_A.REOPEN, ENDED, _S.REOPENED)
    # Until the customer has an answer in hand: what was answered or agreed is brought to its own end.
    allow(_A.MERGE, (_S.REGISTERED, *WORKING, _S.PAUSED, _S.REOPENED), _S.MERGED)
    allow(_A.ABSORB, OPEN)
    # A desk may close in the very moment in which the customer withdraws.
    allow(_A.CLOSE, (_S.WITHDRAWN,), _S.CLOSED)
    return rows


TRANSITIONS: dict[tuple[Status, Action], Status] = _table()
CROSSED: dict[tuple[Status, Action], Status] = {
    # Intake may decline until somebody has answered, and hears of routing's steps a moment later.
    # What routing did in that moment is overtaken; after the customer's reply, which intake tells
    # itself, nothing can cross any more.
    (status, Action.DECLINE): Status.DECLINED
    for status in (_S.PAUSED, _S.INVESTIGATED, _S.PROPOSED, _S.ANSWERED)
} | {(_S.ANSWERED, Action.MERGE): Status.MERGED}
"""Steps that another service took by the table while ours were on the way to it; never asked for first."""


def may(status: Status, action: Action) -> bool:
    """Whether the table knows this step."""
    return (status, action) in TRANSITIONS


def step(status: Status, action: Action) -> Status:
    """The status after the action.

    Resuming is not here: what follows a pause is what stood before it, and only the case knows.
    Raises Conflict('status-forbids') for whatever the table does not hold.
    """
    try:
        return TRANSITIONS[(status, action)]
    except KeyError:
        allowed = sorted(a.value for s, a in TRANSITIONS if s is status)
        raise Conflict(
            "status-forbids",
            f"a complaint that is {status} cannot take {action.value}",
            field="status",
            remedy=f"From {status} these are possible: {', '.join(allowed) or 'none'}.",
        ) from None


def step_crossed(status: Status, action: Action) -> Status:
    """Like `step`, for what another service has decided already and this one hears late.

    Raises Conflict('status-forbids').
    """
    crossed = CROSSED.get((status, action))
    return crossed if crossed is not None else step(status, action)
