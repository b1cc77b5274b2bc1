"""Which one mailbox does a text name? Exactly one, which no reader of mail can take for another.

The syntax is judged by email-validator; nobody is asked over the network whether the mailbox exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import email_validator
from email_validator import EmailNotValidError, ValidatedEmail
from typing_extensions import override

from shared.errors import Rejected

MOST_CHARACTERS = 254
"""RFC 5321, section 4.5.3.1.3, without the angle brackets."""
_REMEDY = "Write one address and nothing else, like name@company.example."
# RFC 2047: whoever reads such a word in a header decodes it, and it may hold a comma and another address.
_ENCODED_WORD = re.compile(r"=\?|\?=")
_PLAIN = re.compile(
    r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII
)
_LONGEST_LOCAL = 64
_RESERVED = frozenset({"arpa", "invalid", "onion"})
_NAMED = re.compile(r"([^<>]*?)\s*<([^<>]*)>")
# A company's own mail server may well stand under one of these; whether it can be reached is for the
# mail server to say. The library documents this list as the place to change that.
for _name in ("local", "localhost", "test"):
    if _name in email_validator.SPECIAL_USE_DOMAIN_NAMES:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(_name)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address as it goes over the wire; the domain in ASCII (punycode), the local part as it is."""

    local: str
    domain: str

    @override
    def __str__(self) -> str:
        """Local part, @, domain."""
        return f"{self.local}@{self.domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only mail servers with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a letter is from: the name that is shown, may be empty, and the mailbox."""

    name: str
    mailbox: Mailbox


def valid_email(text: str) -> str:
    """The customer's address, with its domain in the customer's own script; it must have a public form.

    Raises Rejected('bad-email').
    """
    return text if _is_plain(text) else _validated(text, public=True).normalized


def mailbox_of(text: str) -> Mailbox:
    """The mailbox, for an envelope and a header. Raises Rejected('bad-email')."""
    if _is_plain(text):
        local, _, domain = text.partition("@")
        return Mailbox(local, domain)
    return _mailbox(_validated(text, public=False))


def is_mailbox(text: str) -> bool:
    """Whether `mailbox_of` gives one."""
    try:
        mailbox_of(text)
    except Rejected:
        return False
    return True


def sender_of(text: str) -> Sender:
    """What `address` or `Name <address>` says, the name in any script. Raises Rejected('bad-sender').

    The local part is ASCII: other people's servers must be able to send a letter back.
    """
    named = _NAMED.fullmatch(text.strip())
    name, address = named.groups() if named else ("", text.strip())
    if name.startswith('"') and name.endswith('"'):
        name = name[1:-1].replace('\\"', '"')
    if not name.isprintable() or _ENCODED_WORD.search(name):
        raise _bad_sender("the name is no plain text of one line")
    try:
        mailbox = mailbox_of(address)
    except Rejected as error:
        raise _bad_sender(error.detail) from error
    if mailbox.needs_smtputf8:
        raise _bad_sender("the part before the @ is not ASCII")
    return Sender(name, mailbox)


def _is_plain(text: str) -> bool:
    """Whether it is what nearly all addresses are; the library agrees, at thirty times the cost."""
    local, _, domain = text.partition("@")
    return (
        _PLAIN.fullmatch(text) is not None
        and len(text) <= MOST_CHARACTERS
        and len(local) <= _LONGEST_LOCAL
        and "--" not in domain
        and domain.rpartition(".")[2] not in _RESERVED
    )


def _validated(text: str, *, public: bool) -> ValidatedEmail:
    try:
        found = email_validator.validate_email(
            text,
            allow_smtputf8=True,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
            check_deliverability=False,
            globally_deliverable=public,
        )
    except EmailNotValidError as error:
        # The library's sentence may repeat the text, and an address belongs in no log.
        raise _bad_email("it is no mail address") from error
    if _ENCODED_WORD.search(found.local_part):
        raise _bad_email("its local part holds an encoded word")
    return found


def _mailbox(found: ValidatedEmail) -> Mailbox:
    return Mailbox(found.local_part, found.ascii_domain or found.domain)


def _bad_email(detail: str) -> Rejected:
    return Rejected("bad-email", detail, field="email", remedy=_REMEDY)


def _bad_sender(detail: str) -> Rejected:
    return Rejected(
        "bad-sender",
        f"the sender of mails cannot be read: {detail}",
        field="KESU_MAIL_FROM",
        remedy="Write kesu@company.example or Customer Service <kesu@company.example>.",
    )
