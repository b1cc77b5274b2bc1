"""What may be done with a complaint in the register, and by whom?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.intake.handlers.acknowledge_complaint import AcknowledgeComplaint
from services.intake.handlers.amend_complaint import AmendComplaint, SealedChange
from services.intake.handlers.decline_complaint import DeclineComplaint
from services.intake.handlers.record_reply import CUSTOMER, RecordReply
from services.intake.handlers.reopen_complaint import ReopenComplaint
from services.intake.handlers.withdraw_complaint import WithdrawComplaint
from shared.errors import Conflict, Forbidden, NotFound, Rejected
from shared.events.intake import AmendedFacts, Flags
from shared.lifecycle import Status
from tests.intake.builders import (
    AGENT,
    COMPLAINT,
    DUE,
    NOW,
    a_complaint,
    accepted,
    an_actor,
    an_answered_complaint,
    an_event,
    answered,
    clock_started,
    do,
    done,
    hear,
    hear_all,
    paused,
    proposed,
    resumed,
)

DECLINE = DeclineComplaint(COMPLAINT, AGENT, "late")
WITHDRAW = WithdrawComplaint(COMPLAINT, AGENT)
REOPEN = ReopenComplaint(COMPLAINT, AGENT, "came-back")
ACKNOWLEDGE = AcknowledgeComplaint(COMPLAINT, AGENT, DUE)
AMEND = AmendComplaint(COMPLAINT, AGENT, order_ref="SH-4711")
AGREE = RecordReply(COMPLAINT, CUSTOMER, 1, accepts=True)
REFUSE = RecordReply(COMPLAINT, CUSTOMER, 1, accepts=False)
WHERE = {
    DECLINE: a_complaint(),
    WITHDRAW: a_complaint(),
    REOPEN: a_complaint(Status.CLOSED),
    ACKNOWLEDGE: a_complaint(),
    AMEND: a_complaint(),
    AGREE: an_answered_complaint(),
    REFUSE: an_answered_complaint(),
}


@pytest.mark.parametrize(
    ("command", "status", "told"),
    [
        (DECLINE, Status.DECLINED, "complaint.declined.v1"),
        (WITHDRAW, Status.WITHDRAWN, "complaint.withdrawn.v1"),
        (REOPEN, Status.REOPENED, "complaint.reopened.v1"),
        (ACKNOWLEDGE, Status.REGISTERED, "complaint.acknowledged.v1"),
        (AMEND, Status.REGISTERED, "complaint.amended.v1"),
        (AGREE, Status.AGREED, "customer.replied.v1"),
        (REFUSE, Status.REFUSED, "customer.replied.v1"),
    ],
)
def test_a_command_moves_the_status_is_told_once_and_stands_in_the_history(command, status, told):
    decision = do(WHERE[command], command, now=NOW + timedelta(hours=1))

    assert decision.state.status is status
    assert [event.type_name for event in decision.tells] == [told]
    assert decision.state.history[-1].what == told.removesuffix(".v1")
    assert decision.state.history[-1].by == command.actor.person


@pytest.mark.parametrize("command", WHERE)
def test_the_same_command_twice_changes_nothing(command):
    once = done(WHERE[command], command)

    twice = do(once, command)

    assert twice.state is once
    assert twice.tells == ()


@pytest.mark.parametrize("command", WHERE)
def test_a_complaint_that_does_not_exist_is_not_found(command):
    with pytest.raises(NotFound, match="unknown-complaint"):
        do(None, command)


@pytest.mark.parametrize("kind", [DeclineComplaint, WithdrawComplaint, ReopenComplaint])
def test_nobody_changes_a_complaint_outside_their_scope(kind):
    stranger = an_actor(sites=("ber1",))

    with pytest.raises(Forbidden, match="out-of-scope"):
        do(a_complaint(), kind(COMPLAINT, stranger, "late"))


def test_a_complaint_is_declined_only_for_a_reason_of_its_policy():
    with pytest.raises(Rejected) as caught:
        do(a_complaint(), DeclineComplaint(COMPLAINT, AGENT, "no-time"))

    assert (caught.value.code, caught.value.field) == ("unknown-reason", "reason_code")
    assert "agreed-beforehand" in (caught.value.remedy or "")


def test_a_customer_with_an_address_is_told_that_it_was_declined_and_why():
    (notice,) = do(a_complaint(reachable=True, sealed="k1.x"), DECLINE).notices

    assert (notice.template, notice.to, notice.values["reason"]) == ("complaint-declined", "customer", "late")
    assert do(a_complaint(reachable=True, imported=True), DECLINE).notices == ()


def test_what_was_answered_is_not_declined():
    with pytest.raises(Conflict, match="status-forbids"):
        do(an_answered_complaint(), DECLINE)


def test_only_what_has_ended_is_reopened():
    with pytest.raises(Conflict, match="status-forbids"):
        do(a_complaint(Status.ACCEPTED), REOPEN)


def test_reopening_forgets_the_reply_so_that_round_one_may_be_answered_again():
    agreed = done(an_answered_complaint(), AGREE)
    ended = done(agreed, WITHDRAW)

    reopened = done(ended, REOPEN)

    assert (reopened.reply, reopened.outcome) == (None, None)


def test_a_reply_needs_an_answer():
    with pytest.raises(Conflict, match="status-forbids"):
        do(a_complaint(Status.PROPOSED), AGREE)


def test_a_reply_belongs_to_the_round_that_was_answered():
    refused = done(an_answered_complaint(), REFUSE)
    again = hear(hear(refused, an_event(proposed(2), sequence=7)), an_event(answered(2), sequence=8))

    with pytest.raises(Conflict, match="already-replied"):
        do(again, AGREE)
    with pytest.raises(Conflict, match="wrong-round"):
        do(again, RecordReply(COMPLAINT, CUSTOMER, 3, accepts=True))

    assert done(again, RecordReply(COMPLAINT, CUSTOMER, 2, accepts=True)).status is Status.AGREED


def test_a_customer_does_not_change_their_mind_in_the_same_round():
    with pytest.raises(Conflict, match="already-replied"):
        do(done(an_answered_complaint(), AGREE), REFUSE)


def test_the_words_of_a_reply_travel_sealed():
    (told,) = do(an_answered_complaint(), RecordReply(COMPLAINT, CUSTOMER, 1, True, "k1.words")).tells

    assert told.sealed == "k1.words"


def test_without_a_date_the_promise_is_that_of_policy():
    complaint = hear(a_complaint(), an_event(clock_started()))

    (told,) = do(complaint, AcknowledgeComplaint(COMPLAINT, AGENT)).tells

    assert told.promised_at == DUE


def test_a_new_promise_is_told_anew():
    later = DUE + timedelta(days=1)
    promised = done(a_complaint(), ACKNOWLEDGE)

    assert done(promised, AcknowledgeComplaint(COMPLAINT, AGENT, later)).promised_at == later


def test_an_amendment_names_what_changed_and_only_that():
    complaint = a_complaint(order_ref="SH-1", flags=Flags(safety=True))
    command = AmendComplaint(COMPLAINT, AGENT, order_ref="SH-2", flags=Flags(safety=True))

    (told,) = do(complaint, command).tells

    assert told.changed == ("order_ref",)
    assert told.sealed is None
    assert told.facts == AmendedFacts(order_ref="SH-2")


def test_an_amendment_tells_the_new_facts_and_never_a_personal_one():
    change = SealedChange("old", "new", reachable=True, fields=("phone",))
    command = AmendComplaint(
        COMPLAINT, AGENT, flags=Flags(safety=True), accused_refs=("li.na",), personal=change
    )

    (told,) = do(a_complaint(sealed="old"), command).tells

    assert told.changed == ("flags", "accused_refs", "phone")
    assert told.facts == AmendedFacts(flags=Flags(safety=True), accused_refs=("li.na",))


def test_a_new_personal_part_is_told_sealed_and_by_the_names_of_its_fields():
    change = SealedChange("old", "new", reachable=True, fields=("phone",))

    decision = do(a_complaint(sealed="old"), AmendComplaint(COMPLAINT, AGENT, personal=change))

    assert (decision.state.sealed, decision.state.reachable) == ("new", True)
    assert (decision.tells[0].changed, decision.tells[0].sealed) == (("phone",), "new")


def test_two_who_change_the_personal_part_at_once_do_not_overwrite_each_other():
    change = SealedChange("old", "mine", reachable=True, fields=("phone",))

    with pytest.raises(Conflict, match="amended-meanwhile"):
        do(a_complaint(sealed="theirs"), AmendComplaint(COMPLAINT, AGENT, personal=change))


def test_what_has_ended_is_not_amended():
    with pytest.raises(Conflict, match="status-forbids"):
        do(a_complaint(Status.CLOSED), AMEND)


def test_history_is_kept_in_order_of_time():
    complaint = hear(a_complaint(), an_event(clock_started(), at=NOW + timedelta(hours=2)))

    withdrawn = done(complaint, WITHDRAW, now=NOW)

    assert [entry.at for entry in withdrawn.history] == sorted(entry.at for entry in withdrawn.history)


@pytest.mark.parametrize(("reply", "status"), [(AGREE, Status.AGREED), (REFUSE, Status.REFUSED)])
def test_a_customer_replies_to_an_answer_while_the_desk_waits(reply, status):
    """A pause for the customer must not keep the customer's own reply out (INF-06)."""
    waiting = hear_all(an_answered_complaint(), paused())

    replied = done(waiting, reply)

    assert (waiting.status, replied.status, replied.status_before_pause) == (Status.PAUSED, status, None)


def test_a_complaint_that_waits_for_something_else_takes_no_reply():
    waiting = hear_all(a_complaint(Status.ASSIGNED), accepted(), paused())

    with pytest.raises(Conflict, match="status-forbids"):
        do(waiting, AGREE)


def test_the_resuming_that_follows_a_reply_is_remembered_and_changes_nothing():
    replied = done(hear_all(an_answered_complaint(), paused()), AGREE)
    told = resumed().model_copy(update={"at": replied.reply.at, "by": "customer"})

    after = hear_all(replied, told)

    assert after.status is Status.AGREED
    (line,) = [entry for entry in after.history if entry.what == "complaint.resumed"]
    assert not line.out_of_table
