"""Complaints, commands and events with defaults: a test says only what matters to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from services.intake.domain.complaint import Complaint, Entry
from services.intake.handlers import COMMANDS, REACTIONS
from services.intake.handlers.register_complaint import RegisterComplaint
from shared.deciding import Actor, Context, Decision, Event
from shared.events import escalation, routing, surveys
from shared.events.base import EventData
from shared.ids import derived_id
from shared.lifecycle import Status
from shared.policy.model import Organisation, Profile, RouteRule, Rulebook, Site

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
COMPLAINT = UUID("01951111-0000-7000-8000-000000000001")
NUMBER = "SH01-2026-000001"
DUE = NOW + timedelta(days=3)


def an_actor(person: str = "agent.li", *roles: str, sites=("*",), departments=()) -> Actor:
    return Actor(person, frozenset(roles or ("agent",)), frozenset(sites), frozenset(departments or {"*"}))


AGENT = an_actor()


def a_site(name: str, timezone: str, language: str) -> Site:
    return Site(name, {"en": name}, timezone, "none", "test", language=language)


def a_rulebook(**profile) -> Rulebook:
    defaults = {
        "profile": "test",
        "source": "tests",
        "kinds": ("complaint", "enquiry"),
        "routing": (RouteRule("rest", "sales"),),
        "clocks": (),
        "escalation": (),
        "decline_reasons": ("late", "agreed-beforehand"),
    }
    sites = {
        "sh01": a_site("sh01", "Asia/Shanghai", "zh"),
        "ber1": a_site("ber1", "Europe/Berlin", "en"),
    }
    organisation = Organisation("Test", sites, {}, {}, {})
    return Rulebook(organisation, {"test": Profile(**{**defaults, **profile})})


RULES = a_rulebook()


def a_context(now: datetime = NOW, rules: Rulebook = RULES) -> Context:
    numbers = count(1)
    return Context(
        now=now,
        rules=rules,
        new_id=lambda: derived_id(now, "test"),
        next_number=lambda site: f"{site.upper()}-{now.year}-{next(numbers):06d}",
    )


def a_registration(**given) -> RegisterComplaint:
    defaults = {
        "complaint_id": COMPLAINT,
        "actor": AGENT,
        "site": "sh01",
        "kind": "complaint",
        "category": "product-quality",
        "type": "defect",
        "channel": "phone",
        "customer_ref": "c-1",
        "sealed": "sealed-person",
        "reachable": True,
    }
    return RegisterComplaint(**{**defaults, **given})


def a_complaint(status: Status = Status.REGISTERED, **given) -> Complaint:
    defaults = {
        "complaint_id": COMPLAINT,
        "complaint_no": NUMBER,
        "site": "sh01",
        "status": status,
        "kind": "complaint",
        "category": "product-quality",
        "type": "defect",
        "channel": "phone",
        "received_at": NOW - timedelta(hours=1),
        "registered_at": NOW - timedelta(hours=1),
        "customer_ref": "c-1",
        "language": "zh",
        "history": (Entry(NOW - timedelta(hours=1), "complaint.registered", "agent.li"),),
    }
    return Complaint(**{**defaults, **given})


def do(state: Complaint | None, command: object, *, rules: Rulebook = RULES, now=NOW) -> Decision[Complaint]:
    return COMMANDS[type(command)](state, command, a_context(now, rules))


def done(state: Complaint | None, command: object, **given) -> Complaint:
    complaint = do(state, command, **given).state
    assert complaint is not None
    return complaint


def an_event(data: EventData, *, sequence: int = 1, at: datetime | None = None, subject: UUID = COMPLAINT):
    time = at or NOW + timedelta(seconds=sequence)
    return Event(
        id=derived_id(time, data.type_name, data.producer, str(sequence)),
        type=data.type_name,
        site="sh01",
        producer=data.producer,
        subject=subject,
        time=time,
        sequence=sequence,
        correlation_id="test",
        traceparent=None,
        data=data,
    )


def hear(state: Complaint | None, event: Event) -> Complaint:
    complaint = REACTIONS[type(event.data)](state, event, a_context(event.time)).state
    assert complaint is not None
    return complaint


def hear_all(state: Complaint, *told: EventData) -> Complaint:
    for sequence, data in enumerate(told, start=1):
        state = hear(state, an_event(data, sequence=sequence))
    return state


def assigned(department: str = "quality", **given) -> routing.ComplaintAssigned:
    defaults = {"complaint_no": NUMBER, "department": department, "rule": "quality", "policy_version": "p1"}
    return routing.ComplaintAssigned(**{**defaults, **given})


def accepted() -> routing.ComplaintAccepted:
    return routing.ComplaintAccepted(complaint_no=NUMBER, at=NOW, by="li.na")


def paused() -> routing.ComplaintPaused:
    return routing.ComplaintPaused(
        complaint_no=NUMBER, at=NOW, by="li.na", reason="sample", waiting_for="customer"
    )


def resumed() -> routing.ComplaintResumed:
    return routing.ComplaintResumed(complaint_no=NUMBER, at=NOW, by="li.na")


def reclassified(kind: str = "enquiry") -> routing.ComplaintReclassified:
    return routing.ComplaintReclassified.model_validate(
        {
            "complaint_no": NUMBER,
            "at": NOW,
            "by": "li.na",
            "from": {"kind": "complaint", "category": "product-quality", "type": "defect"},
            "to": {"kind": kind, "category": "technical", "type": "how-to"},
        }
    )


def investigated() -> routing.ComplaintInvestigated:
    return routing.ComplaintInvestigated(
        complaint_no=NUMBER, at=NOW, by="li.na", liability="own", valid=True, cause_code="worn-tool"
    )


def proposed(round_: int = 1) -> routing.ResolutionProposed:
    return routing.ResolutionProposed(
        complaint_no=NUMBER, at=NOW, by="li.na", round=round_, remedies=("replace",)
    )


def approved(round_: int = 1) -> routing.ResolutionApproved:
    return routing.ResolutionApproved(
        complaint_no=NUMBER, at=NOW, by="zhao.min", round=round_, role="manager"
    )


def answered(round_: int = 1) -> routing.ResolutionAnswered:
    return routing.ResolutionAnswered(complaint_no=NUMBER, at=NOW, by="li.na", round=round_, form="written")


def fulfilled(round_: int = 1) -> routing.ResolutionFulfilled:
    return routing.ResolutionFulfilled(complaint_no=NUMBER, at=NOW, by="li.na", round=round_)


def closed() -> routing.ComplaintClosed:
    return routing.ComplaintClosed(
        complaint_no=NUMBER,
        outcome="settled",
        valid=True,
        liability="own",
        received_at=NOW,
        closed_at=NOW,
    )


def action_opened() -> routing.ActionOpened:
    return routing.ActionOpened(complaint_no=NUMBER, action_id="a-1", discipline="D5", department="technical")


def clock_started(clock: str = "answer", due_at: datetime = DUE) -> escalation.ClockStarted:
    return escalation.ClockStarted(
        complaint_no=NUMBER,
        clock=clock,
        due_at=due_at,
        started_at=NOW,
        target="3 wd",
        policy_version="p1",
    )


def clock_breached(clock: str = "answer") -> escalation.ClockBreached:
    return escalation.ClockBreached(
        complaint_no=NUMBER, clock=clock, due_at=DUE, fired_at=DUE, lag_seconds=0.2
    )


def clock_met(clock: str = "answer", *, late: bool = False) -> escalation.ClockMet:
    return escalation.ClockMet(complaint_no=NUMBER, clock=clock, due_at=DUE, at=NOW, late=late)


def clock_paused(clock: str = "answer") -> escalation.ClockPaused:
    return escalation.ClockPaused(
        complaint_no=NUMBER, clock=clock, due_at=DUE, at=NOW, waiting_for="customer"
    )


def escalation_raised() -> escalation.EscalationRaised:
    return escalation.EscalationRaised(
        complaint_no=NUMBER,
        escalation_id="e-1",
        clock="answer",
        level=1,
        to=("li.na",),
        cause="breached",
    )


def survey_invited() -> surveys.SurveyInvited:
    return surveys.SurveyInvited(
        complaint_no=NUMBER,
        survey="after-case",
        form_no="F-1",
        respondent_ref="c-1",
        channel="email",
        at=NOW,
        expires_at=DUE,
    )


def survey_answered(score: float = 80) -> surveys.SurveyAnswered:
    return surveys.SurveyAnswered(
        complaint_no=NUMBER, survey="after-case", form_no="F-1", at=NOW, score=score, satisfied=True
    )


TO_ANSWERED = (assigned(), accepted(), investigated(), proposed(), approved(), answered())


def an_answered_complaint() -> Complaint:
    return hear_all(a_complaint(), *TO_ANSWERED)
