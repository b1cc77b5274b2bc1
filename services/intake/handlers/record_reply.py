"""Does the customer agree to the answer?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.intake.domain.complaint import Complaint, Entry, Reply, note
from services.intake.handlers.scope import require_complaint
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict
from shared.events.intake import CustomerReplied
from shared.lifecycle import Action, step

CUSTOMER = Actor("customer", frozenset({"customer"}), frozenset({"*"}))
"""Whoever holds the secret of a case link; it opens one complaint, whatever its site."""


@dataclass(frozen=True, slots=True)
class RecordReply:
    """What the customer says to the answer of a round; `sealed` holds the words."""

    complaint_id: UUID
    actor: Actor
    round: int
    accepts: bool
    sealed: str | None = None


def record_reply(state: Complaint | None, command: RecordReply, context: Context) -> Decision[Complaint]:
    """The complaint agreed or refused; the same reply to the same round again: unchanged.

    An answered complaint that waits takes the reply as well: whoever waits for the customer has it.
    Raises Conflict('already-replied'), Conflict('wrong-round'), Conflict('status-forbids').
    Source: INF-02, INF-03, CLS-01.
    """
    complaint = require_complaint(state, command.complaint_id, command.actor)
    given = complaint.reply
    if given is not None and given.round == command.round:
        if given.accepts == command.accepts:
            return Decision(complaint)
        raise Conflict("already-replied", f"round {given.round} has its reply", field="accepts")
    status = step(complaint.toward_customer, Action.AGREE if command.accepts else Action.REFUSE)
    _same_round(complaint, command.round)
    facts = {"round": str(command.round), "accepts": "yes" if command.accepts else "no"}
    reply = Reply(command.round, command.accepts, context.now, command.sealed)
    entry = Entry(context.now, "customer.replied", command.actor.person, facts)
    replied = note(replace(complaint, status=status, status_before_pause=None, reply=reply), entry)
    return Decision(replied, tells=(_told(complaint, reply),))


def _same_round(complaint: Complaint, round_: int) -> None:
    if round_ != complaint.round:
        raise Conflict(
            "wrong-round",
            f"the answer that waits for a reply is that of round {complaint.round}",
            field="round",
            remedy="Read the latest answer, then reply to that.",
        )


def _told(complaint: Complaint, reply: Reply) -> CustomerReplied:
    return CustomerReplied(
        complaint_no=complaint.complaint_no,
        at=reply.at,
        round=reply.round,
        accepts=reply.accepts,
        sealed=reply.sealed,
    )
