"""What is on the complaint handling sheet? All from the customer's words to the end (INT-01, CLS-01)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.routing.domain.case import Case
from services.routing.domain.offering import Proposal
from services.routing.pages.paper import Field, Grid, Paper, Section
from services.routing.pages.record_sheet import kept_records
from services.routing.pages.records import HANDLING, form_of, record_of, title_of
from services.routing.pages.wording import BLANK, Wording
from shared.policy.model import Rulebook

NAME = "handling-sheet"
Personal = Mapping[str, object]


def handling_sheet(
    case: Case, rules: Rulebook, words: Wording, personal: Personal | None, now: datetime
) -> Paper:
    """The sheet; without `personal` the customer's own words and contacts are left closed."""
    record = record_of(case, rules, HANDLING)
    return Paper(
        name=NAME,
        title=title_of(record, words, "title.handling-sheet"),
        number=case.complaint_no,
        language=words.language,
        company=rules.organisation.name,
        form=form_of(case, rules, record, words),
        fields=(*_facts(case, words), *customer_fields(personal, words)),
        sections=(
            _content(personal, words),
            _finding(case, words),
            _proposals(case, words),
            _signatures(case, words),
            _outcome(case, words),
            _actions(case, words),
            *kept_records(case, rules, words),
        ),
        signatures=(words.say("sign.handler"), words.say("sign.head"), words.say("sign.gm")),
        printed=words.moment(now),
    )


def customer_fields(personal: Personal | None, words: Wording) -> tuple[Field, ...]:
    """Who the customer is, or that the reader may not know."""
    if personal is None:
        return (Field(words.say("field.customer"), words.say("word.closed")),)
    return tuple(
        Field(words.say(f"field.{key}"), str(personal[key]))
        for key in ("name", "phone", "email", "address")
        if personal.get(key)
    )


def _facts(case: Case, words: Wording) -> tuple[Field, ...]:
    facts, placement = case.facts, case.placement
    return (
        Field(words.say("field.number"), case.complaint_no),
        Field(words.say("field.received"), words.moment(case.received_at)),
        Field(words.say("field.kind"), words.code("kind", facts.kind)),
        Field(words.say("field.type"), f"{facts.category} / {facts.type}"),
        Field(words.say("field.channel"), words.code("channel", facts.channel)),
        Field(words.say("field.severity"), words.code("severity", placement.severity)),
        Field(words.say("field.department"), words.department(placement.department)),
        Field(words.say("field.assignee"), words.person(placement.assignee)),
        Field(words.say("field.status"), words.code("status", case.status.value)),
    )


def _content(personal: Personal | None, words: Wording) -> Section:
    if personal is None:
        return Section(words.say("section.content"), paragraphs=(words.say("word.closed"),))
    told = [str(personal["narrative"])] if personal.get("narrative") else []
    if personal.get("desired_outcome"):
        told.append(words.say("paper.wish", wish=personal["desired_outcome"]))
    return Section(words.say("section.content"), paragraphs=tuple(told))


def _finding(case: Case, words: Wording) -> Section:
    finding = case.finding
    if finding is None:
        return Section(words.say("section.finding"), paragraphs=(words.say("word.not-yet"),))
    return Section(
        words.say("section.finding"),
        fields=(
            Field(words.say("field.liability"), words.code("liability", finding.liability)),
            Field(words.say("field.valid"), words.yes(finding.valid)),
            Field(words.say("field.cause"), finding.cause_code),
            Field(words.say("field.by"), f"{words.person(finding.by)} {words.moment(finding.at)}"),
        ),
    )


def _proposals(case: Case, words: Wording) -> Section:
    columns = ("number", "round", "remedies", "compensation", "by", "at")
    return Section(
        words.say("section.proposals"),
        grid=Grid(
            tuple(words.say(f"field.{one}") for one in columns),
            tuple(_proposal_row(one, words) for one in case.proposals),
        ),
    )


def _proposal_row(proposal: Proposal, words: Wording) -> tuple[str, ...]:
    return (
        str(proposal.number),
        str(proposal.round),
        words.remedies(proposal.remedies),
        words.money(proposal.compensation),
        words.person(proposal.by),
        words.moment(proposal.at),
    )


def _signatures(case: Case, words: Wording) -> Section:
    columns = ("proposal", "decision", "role", "by", "at")
    rows = tuple(
        (
            str(one.proposal),
            words.say("word.approved" if one.approves else "word.rejected"),
            one.role,
            words.person(one.by),
            words.moment(one.at),
        )
        for one in case.signatures
    )
    return Section(
        words.say("section.signatures"), grid=Grid(tuple(words.say(f"field.{one}") for one in columns), rows)
    )


def _outcome(case: Case, words: Wording) -> Section:
    verdict = case.verdicts[-1] if case.verdicts else None
    agreed = case.agreed_round == case.round
    done = case.fulfilled_round == case.round
    return Section(
        words.say("section.outcome"),
        fields=(
            Field(words.say("field.agreed"), words.yes(agreed)),
            Field(words.say("field.refusals"), str(case.refusals)),
            Field(words.say("field.fulfilled"), words.yes(done)),
            Field(words.say("field.ended"), words.moment(case.ended_at)),
            Field(words.say("field.opinion"), f"{verdict.score:g}" if verdict is not None else BLANK),
        ),
    )


def _actions(case: Case, words: Wording) -> Section:
    columns = ("action", "step", "department", "owner", "due", "state")
    rows = tuple(
        (
            one.id,
            f"{one.discipline} {words.code('step', one.step)}",
            words.department(one.department),
            words.person(one.owner),
            words.moment(one.due_at),
            words.code("state", one.state.value),
        )
        for one in case.actions
    )
    return Section(
        words.say("section.actions"), grid=Grid(tuple(words.say(f"field.{one}") for one in columns), rows)
    )
