"""Invitations, events and a rulebook with sensible defaults: a test says only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.surveys.domain.invitation import Form, Invitation
from services.surveys.handlers import COMMANDS, REACTIONS
from services.surveys.handlers.score_answer import AnswerSurvey
from shared.deciding import Actor, Context, Decision, Due, Event
from shared.events.base import EventData
from shared.events.intake import (
    ComplaintAmended,
    ComplaintDeclined,
    ComplaintMerged,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintWithdrawn,
)
from shared.events.routing import ComplaintClosed
from shared.ids import derived_id
from shared.policy.model import Grade, Organisation, Profile, Rulebook, Site, SurveyRule
from shared.worktime import Calendar, Target

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
COMPLAINT = UUID("01951111-0000-7000-8000-000000000004")
NUMBER = "SH01-2026-000001"
ALWAYS = Calendar("always", "UTC", (((0, 1440),),) * 7)
SCALE = (
    Grade("very-satisfied", 100, {"zh": "非常满意", "en": "Very satisfied"}),
    Grade("satisfied", 80, {"zh": "满意", "en": "Satisfied"}),
    Grade("basically-satisfied", 60, {"zh": "基本满意", "en": "Basically satisfied"}),
    Grade("dissatisfied", 30, {"zh": "不满意", "en": "Dissatisfied"}),
    Grade("very-dissatisfied", 0, {"zh": "非常不满意", "en": "Very dissatisfied"}),
)


def a_survey(**given) -> SurveyRule:
    rule = SurveyRule(
        name="after-case",
        scale=SCALE,
        satisfied_from=60,
        remind_after=Target.parse("5 d"),
        expires_after=Target.parse("10 d"),
        question={"zh": "您满意吗？", "en": "Are you satisfied?"},
    )
    return replace(rule, **given)


def a_rulebook(survey: SurveyRule | None = None, *, asks: bool = True) -> Rulebook:
    sites = {name: Site(name, {"en": name}, "Asia/Shanghai", "always", "test") for name in ("sh01", "hh01")}
    profile = Profile(
        profile="test",
        source="tests",
        kinds=("complaint", "enquiry"),
        routing=(),
        clocks=(),
        escalation=(),
        survey=(survey or a_survey()) if asks else None,
        version="policy-1",
    )
    organisation = Organisation("Test", sites, {}, {}, {"always": ALWAYS})
    return Rulebook(organisation, {"test": profile})


RULES = a_rulebook()


def a_context(now: datetime = NOW, rules: Rulebook = RULES) -> Context:
    return Context(now, rules, lambda: derived_id(now, "test"), lambda _site: NUMBER)


def an_event(data: EventData, *, complaint: UUID = COMPLAINT, site: str = "sh01", sequence=1) -> Event:
    return Event(
        id=derived_id(NOW, data.type_name, str(complaint), str(sequence)),
        type=data.type_name,
        site=site,
        producer=data.producer,
        subject=complaint,
        time=NOW,
        sequence=sequence,
        correlation_id="test",
        traceparent=None,
        data=data,
    )


def registered(**given) -> ComplaintRegistered:
    defaults = {
        "complaint_no": NUMBER,
        "kind": "complaint",
        "category": "quality",
        "type": "defect",
        "channel": "phone",
        "received_at": NOW - DAY,
        "registered_at": NOW - DAY,
        "customer_ref": "c-1",
        "language": "zh",
        "sealed": "sealed-contact",
    }
    return ComplaintRegistered(**{**defaults, **given})


def amended(sealed: str | None = "new-contact") -> ComplaintAmended:
    return ComplaintAmended(complaint_no=NUMBER, at=NOW, by="a", changed=("email",), sealed=sealed)


def closed(closed_at: datetime = NOW, **given) -> ComplaintClosed:
    defaults = {
        "complaint_no": NUMBER,
        "outcome": "agreed",
        "valid": True,
        "liability": "own",
        "received_at": NOW - DAY,
        "closed_at": closed_at,
    }
    return ComplaintClosed(**{**defaults, **given})


def withdrawn(at: datetime = NOW) -> ComplaintWithdrawn:
    return ComplaintWithdrawn(complaint_no=NUMBER, at=at, by="customer")


def declined(at: datetime = NOW) -> ComplaintDeclined:
    return ComplaintDeclined(complaint_no=NUMBER, at=at, by="agent", reason_code="late")


def merged(at: datetime = NOW) -> ComplaintMerged:
    other = UUID("01951111-0000-7000-8000-0000000000ff")
    return ComplaintMerged(
        complaint_no=NUMBER,
        at=at,
        by="li",
        reason_code="duplicate",
        into_id=other,
        into_no="SH01-2026-000009",
    )


def reopened(at: datetime = NOW) -> ComplaintReopened:
    return ComplaintReopened(complaint_no=NUMBER, at=at, by="agent", reason_code="came-back")


CUSTOMER = Actor("customer", frozenset({"customer"}), frozenset({"sh01"}))


def an_answer(grade: str = "satisfied", **given) -> AnswerSurvey:
    command = AnswerSurvey(COMPLAINT, CUSTOMER, f"{NUMBER}-S1", grade)
    return replace(command, **given)


def hear(
    state: Invitation | None, data: EventData, *, now: datetime = NOW, rules: Rulebook = RULES
) -> Decision[Invitation]:
    return REACTIONS[type(data)](state, an_event(data), a_context(now, rules))


def do(
    state: Invitation | None, command: object, *, now: datetime = NOW, rules: Rulebook = RULES
) -> Decision[Invitation]:
    return COMMANDS[type(command)](state, command, a_context(now, rules))


def wake(state: Invitation | None, now: datetime) -> Decision[Invitation]:
    return do(state, Due(COMPLAINT), now=now)


def a_waiting_one(**given) -> Invitation:
    return _state(hear(None, registered(**given)))


def an_invited_one(rules: Rulebook = RULES, **given) -> Invitation:
    return _state(hear(a_waiting_one(**given), closed(), rules=rules))


def an_answered_one(grade: str = "satisfied", **given) -> Invitation:
    return _state(do(an_invited_one(), an_answer(grade, **given), now=NOW + DAY))


def an_expired_one() -> Invitation:
    return _state(wake(an_invited_one(), NOW + 10 * DAY))


def form_of(state: Invitation | None) -> Form:
    assert state is not None
    assert state.form is not None
    return state.form


def _state(decision: Decision[Invitation]) -> Invitation:
    assert decision.state is not None
    return decision.state
