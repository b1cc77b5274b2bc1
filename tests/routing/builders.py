"""Cases, events, people and a rulebook with sensible defaults: a test says only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.offering import Amount
from services.routing.handlers import COMMANDS, REACTIONS
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.decide_proposal import ApproveProposal
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.investigate_case import InvestigateCase
from services.routing.handlers.propose_resolution import ProposeResolution
from shared.deciding import Actor, Context, Decision, Event
from shared.events.base import EventData
from shared.events.escalation import ClockBreached
from shared.events.intake import (
    ComplaintDeclined,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintWithdrawn,
    CustomerReplied,
    Flags,
)
from shared.ids import derived_id
from shared.policy.model import (
    Absence,
    Department,
    Organisation,
    Person,
    Profile,
    RouteRule,
    Rulebook,
    SeverityRule,
    Site,
    When,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
COMPLAINT = UUID("01951111-0000-7000-8000-000000000002")
NUMBER = "SH01-2026-000001"
ROUTING = (
    RouteRule("conduct", "board", When(flags=("staff_conduct",))),
    RouteRule(
        "safety",
        "quality",
        When(flags=("safety",)),
        assist=("sales",),
        inform=("site.manager", "department.manager"),
    ),
    RouteRule("refunds", "billing", When(category=("refund",))),
    RouteRule("serious", "quality", When(severity=("serious",))),
    RouteRule("rest", "sales"),
)
SEVERITY = (
    SeverityRule("danger", "critical", 1, When(flags=("safety",))),
    SeverityRule("law", "serious", 2, When(flags=("legal",))),
)
DEPARTMENTS = {
    "sales": ("chen", "li", "zhou"),
    "quality": ("qian",),
    "billing": ("sun",),
    "board": ("zhao",),
    "desk": ("desk-one",),
    "archive": (),
}
MANAGERS = {"sales": "li", "quality": "qian"}


def a_person(who: str, **given) -> Person:
    return Person(**{"id": who, "name": who.title(), **given})


def away(who: str, *, stand_in: str | None = None) -> Person:
    day = timedelta(days=1)
    return a_person(who, stand_in=stand_in, absences=(Absence(NOW - day, NOW + day),))


def a_rulebook(
    *people: Person,
    routing: tuple[RouteRule, ...] = ROUTING,
    severity: tuple[SeverityRule, ...] = SEVERITY,
    triage_desk: str | None = "desk",
) -> Rulebook:
    everybody = {m: a_person(m) for members in DEPARTMENTS.values() for m in members}
    everybody |= {"wang": a_person("wang", roles=("manager",))}
    everybody |= {person.id: person for person in people}
    organisation = Organisation(
        name="Test",
        sites={
            "sh01": Site(
                "sh01",
                {"en": "Shanghai"},
                "Asia/Shanghai",
                "cn",
                "test",
                manager="wang",
                triage_desk=triage_desk,
            )
        },
        departments={
            name: Department(name, {"en": name}, manager=MANAGERS.get(name), members=members)
            for name, members in DEPARTMENTS.items()
        },
        people=everybody,
        calendars={},
    )
    profile = Profile(
        profile="test",
        source="tests",
        kinds=("complaint",),
        routing=routing,
        clocks=(),
        escalation=(),
        severity=severity,
        version="policy-1",
    )
    return Rulebook(organisation, {"test": profile})


RULES = a_rulebook()


def a_context(rules: Rulebook = RULES, now: datetime = NOW) -> Context:
    return Context(
        now=now,
        rules=rules,
        new_id=lambda: derived_id(now, "test"),
        next_number=lambda site: NUMBER,
    )


def an_event(data: EventData, *, complaint: UUID = COMPLAINT, site: str = "sh01", sequence: int = 1) -> Event:
    return Event(
        id=derived_id(NOW, type(data).type_name, str(complaint), str(sequence)),
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
        "received_at": NOW - timedelta(hours=1),
        "registered_at": NOW,
        "customer_ref": "c-1",
        "language": "zh",
        "flags": Flags(),
        "sealed": "sealed-contact",
    }
    return ComplaintRegistered(**{**defaults, **given})


def withdrawn() -> ComplaintWithdrawn:
    return ComplaintWithdrawn(complaint_no=NUMBER, at=NOW, by="customer")


def declined() -> ComplaintDeclined:
    return ComplaintDeclined(complaint_no=NUMBER, at=NOW, by="agent", reason_code="too-late")


def reopened() -> ComplaintReopened:
    return ComplaintReopened(complaint_no=NUMBER, at=NOW, by="agent", reason_code="came-back")


def replied(*, accepts: bool = True, in_round: int = 1) -> CustomerReplied:
    return CustomerReplied(complaint_no=NUMBER, at=NOW, round=in_round, accepts=accepts)


def breached(clock: str = "answer") -> ClockBreached:
    return ClockBreached(complaint_no=NUMBER, clock=clock, due_at=NOW, fired_at=NOW, lag_seconds=0.1)


def an_actor(person: str = "chen", *roles: str, sites=("sh01",), departments=()) -> Actor:
    return Actor(person, frozenset(roles or ("handler",)), frozenset(sites), frozenset(departments or {"*"}))


HANDLER = an_actor("chen")
MANAGER = an_actor("li", "manager")
DIRECTOR = an_actor("zhao", "director")


def hear(case: Case | None, data: EventData, rules: Rulebook = RULES, **where) -> Decision[Case]:
    return REACTIONS[type(data)](case, an_event(data, **where), a_context(rules))


def do(case: Case | None, command: object, rules: Rulebook = RULES) -> Decision[Case]:
    return COMMANDS[type(command)](case, command, a_context(rules))


def an_assigned_case(rules: Rulebook = RULES, **given) -> Case:
    case = hear(None, registered(**given), rules).state
    assert case is not None
    return case


def an_accepted_case(**given) -> Case:
    return after(an_assigned_case(**given), AcceptCase(COMPLAINT, HANDLER))


def an_investigated_case(**given) -> Case:
    return after(an_accepted_case(**given), a_finding())


def a_proposed_case(compensation: Amount | None = None, **given) -> Case:
    return after(an_investigated_case(**given), a_proposal(compensation))


def an_answered_case(compensation: Amount | None = None, **given) -> Case:
    case = a_proposed_case(compensation, **given)
    if compensation is not None:
        case = after(case, ApproveProposal(COMPLAINT, DIRECTOR, 1))
    return after(case, AnswerCustomer(COMPLAINT, HANDLER, "written"))


def an_agreed_case(compensation: Amount | None = None, **given) -> Case:
    case = hear(an_answered_case(compensation, **given), replied()).state
    assert case is not None
    return case


def a_fulfilled_case(compensation: Amount | None = None, **given) -> Case:
    return after(an_agreed_case(compensation, **given), FulfilResolution(COMPLAINT, HANDLER))


def after(case: Case | None, command: object) -> Case:
    decided = do(case, command).state
    assert decided is not None
    return decided


def a_finding(**given) -> InvestigateCase:
    defaults = {"liability": "own", "valid": True, "cause_code": "worn-tool"}
    return InvestigateCase(**{"complaint_id": COMPLAINT, "actor": HANDLER, **defaults, **given})


def a_proposal(compensation: Amount | None = None, **given) -> ProposeResolution:
    command = ProposeResolution(COMPLAINT, HANDLER, ("replacement",), compensation)
    return replace(command, **given)


def euros(amount: str = "120.50") -> Amount:
    return Amount(Decimal(amount), "EUR")
