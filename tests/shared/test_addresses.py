"""Does every text name exactly one mailbox, or none?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import addresses
from shared.addresses import Mailbox, Sender, is_mailbox, mailbox_of, sender_of, valid_email
from shared.errors import Rejected

INJECTED = (
    "=?utf-8?q?victim=40evil.example=2C?=x@b.example",
    "=?utf-8?b?dmljdGltQGV2aWwuZXhhbXBsZSw=?=@b.example",
    "x=?utf-8?q?=2Cy=40c.example?=@b.example",
    "group:a@b.example",
    "group:a@b.example;",
    "a(comment)@b.example",
    "a@b.example(comment)",
    "a@b.example\\",
    "a@b.example]",
    "a@[127.0.0.1]",
    '"a,c@d.example"@b.example',
    '"a b"@b.example',
    "<a@b.example>",
    "Name <a@b.example>",
    "a@b.example,c@d.example",
    "a@b.example;c@d.example",
    "a@b.example c@d.example",
    "a@b.example\n",
    "a@b.example\r\nBcc: c@d.example",
    "a\x00@b.example",
    "a\x7f@b.example",
    "a\u202eb@c.example",
    "a\u2028@b.example",
    "@hub.example:a@b.example",
    "a@b@c.example",
    "mailto:a@b.example",
    "json://u@127.0.0.1/x.y",
    "a..b@c.example",
    ".a@c.example",
    "",
    "@",
    "x" * 65 + "@b.example",
    "x@" + "b" * 300 + ".example",
)
"""Each was, or could be, read by some parser as another mailbox than it looks like."""


@pytest.mark.parametrize("text", INJECTED)
def test_what_could_be_read_as_another_address_is_none(text):
    assert not is_mailbox(text)
    for door in (valid_email, mailbox_of):
        with pytest.raises(Rejected) as refused:
            door(text)
        assert refused.value.code == "bad-email"
        assert len(text) < 2 or text not in refused.value.sentence()


@pytest.mark.parametrize(
    ("text", "kept", "local", "domain"),
    [
        ("Wang.Fang@Customer.example", "Wang.Fang@customer.example", "Wang.Fang", "customer.example"),
        ("info@müller.example", "info@müller.example", "info", "xn--mller-kva.example"),
        ("info@xn--mller-kva.example", "info@müller.example", "info", "xn--mller-kva.example"),
        ("jörg@müller.example", "jörg@müller.example", "jörg", "xn--mller-kva.example"),
        ("o'hara+sale/2%x@c.example", "o'hara+sale/2%x@c.example", "o'hara+sale/2%x", "c.example"),
        ("用户@例子.广告", "用户@例子.广告", "用户", "xn--fsqu00a.xn--4rr70v"),
    ],
)
def test_a_mailbox_goes_over_the_wire_with_its_domain_in_ascii(text, kept, local, domain):
    assert valid_email(text) == kept
    assert mailbox_of(text) == Mailbox(local, domain)
    assert mailbox_of(text).needs_smtputf8 is not local.isascii()


@pytest.mark.parametrize("text", ["a@localhost", "a@mail", "a@1.2.3.4", "a@127.0.0.1"])
def test_a_customers_address_has_a_public_domain(text):
    with pytest.raises(Rejected):
        valid_email(text)


def test_the_companys_own_addresses_may_stand_under_names_of_its_own_network():
    assert is_mailbox("kesu@localhost")
    assert is_mailbox("li.na@mail.factory.local")


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("kesu@localhost", Sender("", Mailbox("kesu", "localhost"))),
        ("Kundendienst <kesu@firma.example>", Sender("Kundendienst", Mailbox("kesu", "firma.example"))),
        ("Jörg Müller <k@müller.example>", Sender("Jörg Müller", Mailbox("k", "xn--mller-kva.example"))),
        ('"Müller, Jörg" <k@firma.example>', Sender("Müller, Jörg", Mailbox("k", "firma.example"))),
        ("客诉 <k@firma.example>", Sender("客诉", Mailbox("k", "firma.example"))),
    ],
)
def test_a_sender_may_have_a_name_in_any_script(text, sender):
    assert sender_of(text) == sender


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Kesu",
        "jörg@firma.example",
        "A\r\nBcc: c@d.example <a@b.example>",
        "=?utf-8?q?x?= <a@b.example>",
        "Kesu <a@b.example>, c@d.example",
        "Kesu <=?utf-8?q?c=40d.example=2C?=x@b.example>",
    ],
)
def test_a_sender_that_is_not_one_mailbox_is_refused_with_the_setting(text):
    with pytest.raises(Rejected) as refused:
        sender_of(text)
    assert (refused.value.code, refused.value.field) == ("bad-sender", "KESU_MAIL_FROM")


@given(st.from_regex(addresses._PLAIN, fullmatch=True))
def test_what_is_plain_is_what_the_library_makes_of_it(text):
    try:
        known = addresses._validated(text, public=True)
    except Rejected:
        assert not addresses._is_plain(text)
    else:
        assert not addresses._is_plain(text) or known.normalized == text == str(mailbox_of(text))


@pytest.mark.parametrize("text", INJECTED)
def test_nothing_that_could_be_read_otherwise_is_plain(text):
    assert not addresses._is_plain(text)


@pytest.mark.parametrize(
    "text", ["a@b.invalid", "a@b.onion", "a@xn--a.example", "a@b.c--d", "a" * 65 + "@b.example"]
)
def test_what_the_library_refuses_is_not_plain(text):
    assert not addresses._is_plain(text)
