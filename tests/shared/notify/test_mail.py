"""What goes over the wire to a real mail server: one mailbox in the envelope, the same one in the header."""

from __future__ import annotations

import pytest

from shared.addresses import mailbox_of
from shared.errors import Rejected
from shared.ids import new_id
from shared.notify.channels import customer_channel, staff_channel
from shared.notify.mail import NO_SMTPUTF8, Mail, MailServer
from shared.notify.message import Message, render
from tests.shared.notify.desk import (
    a_letter,
    a_person,
    a_rulebook,
    an_alarm,
    dispatching,
    keep,
    outcomes,
    rows,
)
from tests.shared.test_addresses import INJECTED
from tests.support.smtp import smtp_server
from tests.support.waiting import eventually

LETTER = Message("About your message", "Dear customer\n")


def sent_by(smtp, sender: str, to: str = "li@customer.example") -> None:
    server = MailServer.from_url(smtp.url, sender=sender)
    assert Mail(server, mailbox_of(to)).send(LETTER, "key").kind == "sent"


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        ("kesu@localhost", "Kesu", "kesu@localhost"),
        ("Kundendienst <kesu@firma.example>", "Kundendienst", "kesu@firma.example"),
        ("Jörg Müller <kesu@müller.example>", "Jörg Müller", "kesu@xn--mller-kva.example"),
        ('"Müller, Jörg" <kesu@firma.example>', "Müller, Jörg", "kesu@firma.example"),
        ("客诉中心 <kesu@firma.example>", "客诉中心", "kesu@firma.example"),
    ],
)
def test_the_sender_of_the_setting_is_in_envelope_and_header(smtp, sender, name, address):
    sent_by(smtp, sender)

    (mail,) = smtp.mails
    (origin,) = mail.message["From"].addresses
    assert mail.sender == address
    assert (origin.display_name, origin.addr_spec) == (name, address)
    assert mail.message["Message-ID"].endswith(f"@{address.partition('@')[2]}>")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("li@customer.example", "li@customer.example"),
        ("o'hara+sale/2%x@customer.example", "o'hara+sale/2%x@customer.example"),
        ("info@müller.example", "info@xn--mller-kva.example"),
    ],
)
def test_envelope_and_header_name_the_same_one_mailbox(smtp, text, address):
    sent_by(smtp, "kesu@firma.example", text)

    (mail,) = smtp.mails
    (to,) = mail.message["To"].addresses
    assert mail.recipients == (address,)
    assert to.addr_spec == address


@pytest.mark.parametrize("text", INJECTED)
def test_what_could_be_read_as_another_address_has_no_channel(smtp, text):
    server = MailServer.from_url(smtp.url, sender="kesu@firma.example")

    assert customer_channel(text, server) is None or text.strip() == "a@b.example"
    assert not isinstance(staff_channel(text, server), Mail) or text.strip() == "a@b.example"


async def test_a_letter_that_was_sealed_with_an_injected_recipient_goes_to_nobody(database, smtp):
    complaint_id = new_id()
    letter = a_letter(complaint_id, "=?utf-8?q?victim=40evil.example=2C?=x@b.example")
    await keep(database, letter, complaint_id=complaint_id)

    async with dispatching(database, smtp.url):

        async def given_up() -> bool:
            return (await rows(database))[0]["gave_up_at"] is not None

        await eventually(given_up)

    assert not smtp.offered


async def test_without_smtputf8_a_local_part_in_another_script_is_undeliverable_at_once(database, smtp):
    complaint_id = new_id()
    await keep(database, a_letter(complaint_id, "jörg@müller.example"), complaint_id=complaint_id)

    async with dispatching(database, smtp.url):

        async def given_up() -> bool:
            return (await rows(database))[0]["gave_up_at"] is not None

        await eventually(given_up)

    assert await outcomes(database) == [("mail", "refused")]
    assert (await rows(database))[0]["last_error"] == f"mail: {NO_SMTPUTF8}"
    assert not smtp.offered


async def test_an_alarm_to_such_an_address_is_reported_at_once_too(database, smtp):
    told: list[str] = []
    rules = a_rulebook(a_person("wang.lei", "jörg@müller.example"))
    await keep(database, an_alarm())

    async with dispatching(
        database, smtp.url, rules=rules, on_undelivered=lambda waiting: told.append(waiting.to)
    ):
        await eventually(lambda: told)

    assert told[0] == "wang.lei"


@pytest.mark.loopback
def test_with_smtputf8_a_local_part_in_another_script_is_reached():
    with smtp_server(utf8=True) as smtp:
        sent_by(smtp, "Jörg <kesu@firma.example>", "jörg@müller.example")

        (mail,) = smtp.mails
    assert mail.recipients == ("jörg@xn--mller-kva.example",)
    (to,) = mail.message["To"].addresses
    assert (to.username, to.domain) == ("jörg", "xn--mller-kva.example")
    assert mail.message["From"].addresses[0].display_name == "Jörg"


def test_no_machine_is_asked_to_answer(smtp):
    sent_by(smtp, "kesu@firma.example")

    (mail,) = smtp.mails
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["X-Auto-Response-Suppress"] == "All"


def test_text_in_any_script_arrives_over_a_server_that_knows_seven_bits_only(smtp):
    server = MailServer.from_url(smtp.url, sender="kesu@firma.example")
    letter = Message("关于您的反馈" * 20, "您好\n" + "长" * 2000 + "\n.\nend\n")

    assert Mail(server, mailbox_of("li@customer.example")).send(letter, "key").kind == "sent"

    (mail,) = smtp.mails
    assert mail.subject == letter.subject
    assert mail.text.replace("\r\n", "\n") == letter.body


@pytest.mark.parametrize("sender", ["", "Kesu", "jörg@firma.example", "a@b.example, c@d.example"])
def test_a_sender_that_cannot_be_read_is_named_when_the_service_starts(sender):
    with pytest.raises(Rejected) as refused:
        MailServer.from_url("smtp://mail.example", sender=sender)
    assert refused.value.field == "KESU_MAIL_FROM"


@pytest.mark.parametrize(
    "sign", ["\r\nBcc: victim@evil.example\r\n", "\n\nCall 0900 now\n\n", "\x1b[2J", "\u2028", "\u202e"]
)
@pytest.mark.parametrize("field", ["name", "reason", "complaint_no", "department"])
def test_no_value_adds_a_line_or_a_header_to_a_letter(smtp, field, sign):
    values = {
        "complaint_no": "1",
        "name": "Li",
        "reason": "r",
        "link": "l",
        "company": "C",
        "department": "D",
    }
    plain = render("complaint-declined", "en", values)
    value = f"A{sign}B"
    letter = render("complaint-declined", "en", values | {field: value})
    server = MailServer.from_url(smtp.url, sender="kesu@firma.example")

    assert Mail(server, mailbox_of("li@customer.example")).send(letter, "key").kind == "sent"

    (mail,) = smtp.mails
    assert mail.recipients == ("li@customer.example",)
    assert mail.message["Bcc"] is None
    assert len(mail.text.splitlines()) == len(plain.body.splitlines())
    assert "\x1b" not in mail.text
    assert "\u202e" not in mail.text
