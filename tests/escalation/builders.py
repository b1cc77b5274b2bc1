"""Complaints, clocks, people and a rulebook with sensible defaults: a test says only what matters."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.escalation.domain.clock import Clock
from services.escalation.domain.ruling import Wish
from services.escalation.domain.sheet import ClockSheet
from services.escalation.handlers import COMMANDS, REACTIONS
from services.escalation.handlers.acknowledge_escalation import AcknowledgeEscalation
from services.escalation.handlers.decide_escalation import DecideEscalation
from services.escalation.handlers.extend_clock import ExtendClock
from shared.deciding import Actor, Context, Decision, Due, Event
from shared.events.base import EventData
from shared.events.intake import (
    ComplaintDeclined,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintWithdrawn,
    CustomerReplied,
)
from shared.events.routing import (
    Classification,
    ComplaintAccepted,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintPaused,
    ComplaintReclassified,
    ComplaintResumed,
    ResolutionAnswered,
    ResolutionFulfilled,
)
from shared.ids import derived_id
from shared.policy.model import (
    Absence,
    ClockRule,
    Department,
    Extension,
    Level,
    LimitRule,
    Organisation,
    Person,
    Profile,
    RouteRule,
    Rulebook,
    SeverityRule,
    Site,
    When,
)
from shared.worktime import Calendar, Target

# A Monday, 09:30 in Shanghai; the desk works 09:00 to 17:00 there.
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
COMPLAINT = UUID("01951111-0000-7000-8000-000000000000")
NUMBER = "SH01-2026-000001"

ANSWER = ClockRule(
    name="answer",
    starts_on="complaint.registered",
    meets_on=("resolution.answered",),
    limits=(
        LimitRule(Target.parse("4 wh"), When(severity=("critical",))),
        LimitRule(Target.parse("8 wh"), When(kind=("enquiry",))),
        LimitRule(Target.parse("24 wh"), When(kind=("complaint", "suggestion"))),
    ),
    warn_at_percent=(50, 75),
)
ACCEPTANCE = ClockRule(
    name="acceptance",
    starts_on="complaint.assigned",
    meets_on=("complaint.accepted",),
    limits=(LimitRule(Target.parse("2 wh")),),
)
NEXT_OFFER = ClockRule(
    name="next-offer",
    starts_on="customer.replied:refuses",
    meets_on=("resolution.answered",),
    limits=(LimitRule(Target.parse("16 wh")),),
    cancels_on=("complaint.withdrawn", "complaint.closed"),
)
LADDER = (
    Level(1, ("department.manager",), Target.parse("2 wh")),
    Level(2, ("site.manager", "quality-lead"), Target.parse("4 wh")),
    Level(3, ("director",)),
)


def a_person(person: str, **given) -> Person:
    return Person(**{"id": person, "name": person.title(), **given})


PEOPLE = (
    a_person("li", language="zh"),
    a_person("wang", language="zh"),
    a_person("quentin", language="en", roles=("quality-lead",)),
    a_person("dong", language="zh", roles=("director",)),
)


def away(person: str, *, stand_in: str | None = None, **given) -> Person:
    return a_person(person, stand_in=stand_in, absences=(Absence(NOW - DAY, NOW + 30 * DAY),), **given)


def a_calendar() -> Calendar:
    hours = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    return Calendar.from_mapping({"name": "desk", "timezone": "Asia/Shanghai", "weekly_hours": hours})


CALENDAR = a_calendar()


def a_rulebook(
    *people: Person,
    clocks: tuple[ClockRule, ...] = (ANSWER,),
    ladder: tuple[Level, ...] = LADDER,
    manager: str | None = "li",
    site_manager: str | None = "wang",
    **policy,
) -> Rulebook:
    """People given replace the standing ones of the same id."""
    known = {person.id: person for person in (*PEOPLE, *people)}
    site = Site(
        id="sh01",
        name={"zh": "上海", "en": "Shanghai"},
        timezone="Asia/Shanghai",
        calendar="desk",
        profile="test",
        manager=site_manager,
    )
    profile = Profile(
        profile="test",
        source="tests",
        kinds=("complaint", "enquiry", "suggestion"),
        routing=(RouteRule("rest", "sales"),),
        clocks=clocks,
        escalation=ladder,
        severity=(SeverityRule("danger", "critical", 1, When(flags=("safety",))),),
        version="v1",
        **{"extension": Extension(max=1), **policy},
    )
    return Rulebook(
        organisation=Organisation(
            name="Test",
            sites={"sh01": site, "bj01": replace(site, id="bj01")},
            departments={
                "sales": Department(id="sales", name={"en": "Sales"}, manager=manager),
                "quality": Department(id="quality", name={"en": "Quality"}, manager="quentin"),
            },
            people=known,
            calendars={"desk": CALENDAR},
        ),
        profiles={"test": profile},
    )


RULES = a_rulebook()
_numbers = itertools.count(1)


def a_context(now: datetime = NOW, rules: Rulebook = RULES) -> Context:
    def new_id() -> UUID:
        return derived_id(now, str(next(_numbers)))

    return Context(now, rules, new_id, lambda site: NUMBER)


def an_event(
    data: EventData,
    *,
    time: datetime = NOW,
    complaint: UUID = COMPLAINT,
    site: str = "sh01",
    sequence: int = 1,
) -> Event:
    return Event(
        id=derived_id(time, data.type_name, str(next(_numbers))),
        type=data.type_name,
        site=site,
        producer=data.producer,
        subject=complaint,
        time=time,
        sequence=sequence,
        correlation_id="test",
        traceparent=None,
        data=data,
    )


def complaint_of(number: int) -> UUID:
    return COMPLAINT if number == 1 else derived_id(NOW.replace(hour=number), str(number))


def registered(at: datetime = NOW, **given) -> ComplaintRegistered:
    return ComplaintRegistered(
        **{
            "complaint_no": NUMBER,
            "kind": "complaint",
            "category": "quality",
            "type": "surface",
            "channel": "phone",
            "received_at": at,
            "registered_at": at,
            "customer_ref": "ref",
            "language": "zh",
            **given,
        }
    )


def assigned(**given) -> ComplaintAssigned:
    return ComplaintAssigned(
        **{
            "complaint_no": NUMBER,
            "department": "sales",
            "rule": "rest",
            "policy_version": "v1",
            **given,
        }
    )


def accepted(at: datetime = NOW) -> ComplaintAccepted:
    return ComplaintAccepted(complaint_no=NUMBER, at=at, by="chen")


def paused(at: datetime = NOW, waiting_for: str = "customer") -> ComplaintPaused:
    return ComplaintPaused(complaint_no=NUMBER, at=at, by="chen", reason="sample", waiting_for=waiting_for)


def resumed(at: datetime = NOW) -> ComplaintResumed:
    return ComplaintResumed(complaint_no=NUMBER, at=at, by="chen")


def reclassified(to: str, at: datetime = NOW, before: str = "complaint") -> ComplaintReclassified:
    return ComplaintReclassified(
        complaint_no=NUMBER,
        at=at,
        by="chen",
        previous=Classification(kind=before, category="quality", type="surface"),
        current=Classification(kind=to, category="quality", type="surface"),
    )


def answered(at: datetime = NOW, turn: int = 1) -> ResolutionAnswered:
    return ResolutionAnswered(complaint_no=NUMBER, at=at, by="chen", round=turn, form="written")


def fulfilled(at: datetime = NOW) -> ResolutionFulfilled:
    return ResolutionFulfilled(complaint_no=NUMBER, at=at, by="chen", round=1)


def replied(at: datetime = NOW, *, accepts: bool = False, turn: int = 1) -> CustomerReplied:
    return CustomerReplied(complaint_no=NUMBER, at=at, round=turn, accepts=accepts)


def declined(at: datetime = NOW) -> ComplaintDeclined:
    return ComplaintDeclined(complaint_no=NUMBER, at=at, by="chen", reason_code="too-late")


def withdrawn(at: datetime = NOW) -> ComplaintWithdrawn:
    return ComplaintWithdrawn(complaint_no=NUMBER, at=at, by="customer")


def reopened(at: datetime = NOW) -> ComplaintReopened:
    return ComplaintReopened(complaint_no=NUMBER, at=at, by="chen", reason_code="again")


def closed(at: datetime = NOW) -> ComplaintClosed:
    return ComplaintClosed(
        complaint_no=NUMBER,
        outcome="agreed",
        valid=True,
        liability="own",
        received_at=NOW,
        closed_at=at,
    )


def hear(
    sheet: ClockSheet | None,
    data: EventData,
    *,
    now: datetime | None = None,
    rules: Rulebook = RULES,
) -> Decision[ClockSheet]:
    """What the service decides when it hears this; by default at the moment that the news names."""
    at = now or getattr(data, "at", None) or getattr(data, "closed_at", None) or NOW
    return REACTIONS[type(data)](sheet, an_event(data, time=at), a_context(at, rules))


def after(*news: EventData, rules: Rulebook = RULES) -> ClockSheet:
    """The sheet after all of these."""
    sheet: ClockSheet | None = None
    for data in news:
        sheet = hear(sheet, data, rules=rules).state
    assert sheet is not None
    return sheet


def fire(sheet: ClockSheet | None, now: datetime, rules: Rulebook = RULES) -> Decision[ClockSheet]:
    """What time does at that moment."""
    return COMMANDS[Due](sheet, Due(COMPLAINT), a_context(now, rules))


def acknowledge(
    sheet: ClockSheet, by: str = "li", now: datetime = NOW, rules: Rulebook = RULES, **given
) -> Decision[ClockSheet]:
    command = AcknowledgeEscalation(
        **{
            "complaint_id": COMPLAINT,
            "escalation_id": sheet.escalations[-1].id,
            "actor": a_manager(by),
            **given,
        }
    )
    return COMMANDS[AcknowledgeEscalation](sheet, command, a_context(now, rules))


def decide(
    sheet: ClockSheet | None,
    decision: str,
    by: str = "li",
    now: datetime = NOW,
    rules: Rulebook = RULES,
    **given,
) -> Decision[ClockSheet]:
    """What becomes of the case by this person's decision on its newest alarm."""
    assert sheet is not None
    wish = Wish(
        decision, **{name: given.pop(name) for name in ("department", "assignee", "sealed") if name in given}
    )
    command = DecideEscalation(
        **{
            "complaint_id": COMPLAINT,
            "escalation_id": sheet.escalations[-1].id,
            "actor": a_manager(by),
            "wish": wish,
            **given,
        }
    )
    return COMMANDS[DecideEscalation](sheet, command, a_context(now, rules))


def extend(
    sheet: ClockSheet | None, now: datetime = NOW, rules: Rulebook = RULES, **given
) -> Decision[ClockSheet]:
    command = ExtendClock(
        **{
            "complaint_id": COMPLAINT,
            "clock": "answer",
            "reason_code": "supplier-late",
            "actor": a_manager("dong"),
            **given,
        }
    )
    return COMMANDS[ExtendClock](sheet, command, a_context(now, rules))


def a_manager(person: str = "li", **given) -> Actor:
    return replace(Actor(person, frozenset({"manager"}), frozenset({"sh01"})), **given)


def the_clock(sheet: ClockSheet | None, name: str = "answer") -> Clock:
    """The newest clock of that name."""
    assert sheet is not None
    clock = sheet.clock_named(name)
    assert clock is not None
    return clock


def told(decision: Decision[ClockSheet]) -> list[str]:
    """The names of the events that were told."""
    return [data.type_name.removesuffix(".v1") for data in decision.tells]


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026 by the wall clock in Shanghai."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
