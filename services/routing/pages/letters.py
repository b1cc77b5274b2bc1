"""What do the reply letter and the settlement agreement say? Only what has every signature (APR-13)."""

from __future__ import annotations

from datetime import datetime

from services.routing.domain.case import Case
from services.routing.domain.offering import Proposal
from services.routing.domain.signing import require_signed
from services.routing.pages.handling_sheet import Personal, customer_fields
from services.routing.pages.paper import Field, Paper, Section
from services.routing.pages.records import AGREEMENT, LETTER, form_of, record_of, title_of
from services.routing.pages.wording import Wording
from shared.policy.model import Rulebook

REPLY = "reply-letter"
SETTLEMENT = "settlement-agreement"


def reply_letter(case: Case, rules: Rulebook, words: Wording, personal: Personal, now: datetime) -> Paper:
    """The written answer: an apology, or an explanation that rests on evidence (INF-09, DSP-07).

    Raises Conflict('no-proposal' or 'signature-missing').
    """
    proposal = require_signed(case)
    record = record_of(case, rules, LETTER)
    name = str(personal.get("name") or words.say("letter.customer"))
    reason = _template(case, rules)
    paragraphs = [
        words.say("letter.dear", name=name),
        words.say("letter.thanks", number=case.complaint_no, received=words.day(case.received_at)),
        words.say(f"letter.{reason}"),
        words.say("letter.offer", remedies=words.remedies(proposal.remedies)),
    ]
    if proposal.compensation is not None:
        paragraphs.append(words.say("letter.money", money=words.money(proposal.compensation)))
    paragraphs += [
        words.say("letter.answer"),
        words.say("letter.close"),
        f"{rules.organisation.name}\n{words.day(now)}",
    ]
    return Paper(
        name=REPLY,
        title=title_of(record, words, "title.reply-letter"),
        number=case.complaint_no,
        language=words.language,
        company=rules.organisation.name,
        form=form_of(case, rules, record, words),
        sections=(Section("", paragraphs=tuple(paragraphs)),),
        printed=words.moment(now),
    )


def settlement_agreement(
    case: Case, rules: Rulebook, words: Wording, personal: Personal, now: datetime
) -> Paper:
    """The agreement that both sides sign before goods or money leave the house (DSP-16).

    Raises Conflict('no-proposal' or 'signature-missing').
    """
    proposal = require_signed(case)
    record = record_of(case, rules, AGREEMENT)
    return Paper(
        name=SETTLEMENT,
        title=title_of(record, words, "title.settlement-agreement"),
        number=case.complaint_no,
        language=words.language,
        company=rules.organisation.name,
        form=form_of(case, rules, record, words),
        fields=(
            Field(words.say("field.company"), rules.organisation.name),
            *customer_fields(personal, words),
            Field(words.say("field.number"), case.complaint_no),
            Field(words.say("field.received"), words.moment(case.received_at)),
            Field(words.say("field.type"), f"{case.facts.category} / {case.facts.type}"),
        ),
        sections=(Section(words.say("section.terms"), paragraphs=_terms(proposal, words)),),
        signatures=(words.say("sign.company"), words.say("sign.customer")),
        printed=words.moment(now),
    )


def _terms(proposal: Proposal, words: Wording) -> tuple[str, ...]:
    terms = [words.say("terms.remedies", remedies=words.remedies(proposal.remedies))]
    if proposal.compensation is not None:
        terms.append(words.say("terms.money", money=words.money(proposal.compensation)))
    terms += [words.say("terms.settled"), words.say("terms.rights"), words.say("terms.copies")]
    return tuple(f"{number}. {term}" for number, term in enumerate(terms, start=1))


def _template(case: Case, rules: Rulebook) -> str:
    """`apology` or `explanation`, by whose fault it was; nobody's yet: an apology for the trouble."""
    if case.finding is None:
        return "apology"
    return rules.profile_of(case.site).liability_of(case.finding.liability).template
