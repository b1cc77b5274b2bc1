"""Which complaints enter the register, and what is told about them?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from services.intake.domain.complaint import Origin
from services.intake.handlers.register_complaint import Receipt, register_complaint
from shared.errors import Forbidden, Rejected
from shared.events.intake import ComplaintRegistered, Kind
from shared.lifecycle import Status
from tests.intake.builders import (
    COMPLAINT,
    NOW,
    NUMBER,
    a_complaint,
    a_context,
    a_registration,
    a_rulebook,
    an_actor,
    do,
    done,
)


def test_a_complaint_gets_a_number_of_its_site_and_is_told():
    decision = do(None, a_registration())

    (told,) = decision.tells
    assert isinstance(told, ComplaintRegistered)
    assert decision.state.complaint_no == told.complaint_no == NUMBER
    assert decision.state.status is Status.REGISTERED
    assert decision.answer == Receipt(COMPLAINT, NUMBER, known=False)


@pytest.mark.parametrize(
    "channel",
    ["phone", "visit", "letter", "fax", "email", "chat", "return-of-goods", "in-person", "authority"],
)
def test_a_complaint_comes_in_by_whatever_channel_and_says_by_which(channel):
    decision = do(None, a_registration(channel=channel))

    (told,) = decision.tells
    assert told.channel == decision.state.channel == channel
    assert decision.state.history[0].facts["channel"] == channel


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("channel", ["visit", "phone", "letter"])
def test_every_kind_of_feedback_enters_the_register_with_a_number(kind, channel):
    context = a_context(rules=a_rulebook(kinds=get_args(Kind)))

    (told,) = register_complaint(None, a_registration(kind=kind, channel=channel), context).tells

    assert (told.kind, told.channel, told.complaint_no) == (kind, channel, NUMBER)


def test_what_is_told_holds_the_sealed_part_and_nothing_opened():
    (told,) = do(None, a_registration(sealed="k1.abc")).tells

    assert told.sealed == "k1.abc"
    assert told.history is False


def test_registering_twice_changes_nothing_and_answers_with_what_is_there():
    first = do(None, a_registration())

    second = do(first.state, a_registration(category="other"))

    assert second.state is first.state
    assert (second.tells, second.notices) == ((), ())
    assert second.answer == Receipt(COMPLAINT, NUMBER, known=True)


def test_without_a_date_it_counts_from_now():
    assert done(None, a_registration()).received_at == NOW


def test_a_site_that_lost_its_link_keeps_the_original_time():
    early = NOW - timedelta(hours=5)

    complaint = done(None, a_registration(received_at=early))

    assert (complaint.received_at, complaint.registered_at) == (early, NOW)


def test_without_a_language_it_takes_the_sites():
    assert done(None, a_registration()).language == "zh"
    assert done(None, a_registration(site="ber1")).language == "en"
    assert done(None, a_registration(language="fr")).language == "fr"


def test_a_customer_with_an_address_is_told_that_it_arrived():
    (notice,) = do(None, a_registration(reachable=True, sealed="k1.abc")).notices

    assert (notice.to, notice.template, notice.sealed) == ("customer", "complaint-acknowledged", "k1.abc")
    assert notice.values == {"complaint_no": NUMBER, "link": f"case:{COMPLAINT}"}


@pytest.mark.parametrize("given", [{"reachable": False}, {"imported": True}])
def test_nobody_is_written_to_without_an_address_or_about_the_past(given):
    assert do(None, a_registration(**given)).notices == ()


def test_an_imported_complaint_is_told_as_history():
    origin = Origin("cfpb", "1114255")
    decision = do(None, a_registration(imported=True, origin=origin, received_at=NOW - timedelta(days=9000)))

    assert decision.tells[0].history is True
    assert decision.state.origin == origin


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"site": "mars"}, "unknown-site", "site"),
        ({"kind": "praise"}, "unknown-kind", "kind"),
        ({"kind": "nonsense"}, "unknown-kind", "kind"),
        ({"received_at": NOW + timedelta(minutes=3)}, "received-in-future", "received_at"),
        ({"received_at": NOW - timedelta(days=3660)}, "received-too-long-ago", "received_at"),
        (
            {"received_at": datetime(1969, 12, 31, tzinfo=UTC), "imported": True},
            "received-too-long-ago",
            "received_at",
        ),
    ],
)
def test_what_cannot_be_true_is_rejected_with_its_field(given, code, field):
    with pytest.raises(Rejected) as caught:
        do(None, a_registration(**given))

    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.remedy


def test_a_clock_that_runs_a_little_ahead_is_forgiven():
    ahead = NOW + timedelta(minutes=2)

    assert done(None, a_registration(received_at=ahead)).received_at == ahead


def test_nobody_registers_for_a_site_outside_their_scope():
    with pytest.raises(Forbidden, match="out-of-scope"):
        do(None, a_registration(actor=an_actor(sites=("ber1",))))


def test_nobody_learns_of_a_complaint_outside_their_scope_by_guessing_its_id():
    with pytest.raises(Forbidden, match="out-of-scope"):
        do(a_complaint(), a_registration(site="sh01", actor=an_actor(sites=("ber1",))))


def test_a_complaint_that_is_refused_uses_up_no_number():
    taken = []
    counting = replace(a_context(), next_number=lambda site: taken.append(site) or NUMBER)

    with pytest.raises(Rejected):
        register_complaint(None, a_registration(kind="praise"), counting)

    assert taken == []


def test_what_had_ended_before_it_was_imported_enters_as_closed_with_its_own_dates():
    given = {"imported": True, "promised_at": NOW - timedelta(days=2), "closed_at": NOW - timedelta(days=1)}

    decision = do(None, a_registration(received_at=NOW - timedelta(days=5), **given))

    (told,) = decision.tells
    assert decision.state.status is Status.CLOSED
    assert (told.promised_at, told.closed_at) == (given["promised_at"], given["closed_at"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"closed_at": NOW}, "closed-not-history"),
        ({"closed_at": NOW + timedelta(days=1), "imported": True}, "closed-in-future"),
        ({"closed_at": NOW - timedelta(seconds=1), "imported": True}, "closed-before-received"),
    ],
)
def test_an_end_that_cannot_be_true_is_rejected(given, code):
    with pytest.raises(Rejected) as refused:
        do(None, a_registration(**given))

    assert (refused.value.code, refused.value.field) == (code, "closed_at")
