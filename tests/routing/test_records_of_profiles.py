"""Does each shipped profile hold a case until the record is there that its source asks for?

One line for each record: the rows that it comes from, a complaint that it is about, and the step that waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.routing.domain.case import Case, Goods
from services.routing.domain.offering import Amount
from services.routing.domain.recording import lacking
from services.routing.handlers.accept_case import AcceptCase, ConfirmInPerson
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.decide_proposal import ApproveProposal
from services.routing.handlers.decide_visit import DecideVisit
from services.routing.handlers.describe_goods import DescribeGoods
from services.routing.handlers.fulfil_resolution import FulfilResolution
from shared.errors import Rejected
from shared.events.intake import Flags
from shared.policy.model import Rulebook
from shared.policy.records import GATES
from tests.routing.builders import COMPLAINT, a_finding, a_proposal, do, hear, registered, replied
from tests.routing.companies import company
from tests.routing.papers import anybody, with_papers

QUALITY = {"category": "quality", "type": "defect"}
BUSINESS = {"category": "business", "type": "quality"}
SERVICE = {"category": "technical-service", "type": "in-warranty"}
REPAIR = {"category": "after-sales", "type": "repair"}
GRAVE = {"flags": Flags(reputation=True)}
NEW = Goods(covered_until=date(2030, 1, 1), proof=True)
"""Within warranty, so that what may be offered does not depend on what nobody knows."""
ALL_TESTS = ("customer-accepts", "no-malicious-claim-expected", "cost-minimal", "measures-fit-cause", "tell-the-authority")  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What is asked of which complaint."""

    rows: str
    profile: str
    record: str
    gate: str
    fields: tuple[str, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = "rework"
    signed_by: tuple[str, ...] = ()
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    visited: bool = False

    def __str__(self) -> str:
        return f"{self.rows}:{self.profile}:{self.record}"


ASKED = (
    Asked("INV-04", "food-manufacturer", "investigation-sheet", "propose", ("plan", "steps")),
    Asked("SEV-04", "food-manufacturer", "capa-request", "close", ("result", "severity", "measures")),
    Asked("DSP-02", "food-manufacturer", "returned-goods", "close", ("warehoused-on", "production-told-on", "opinion", "treatment"), remedy="replace", signed_by=("technical_manager",)),
    Asked("INV-05", "law-firm", "verification", "propose", ("matter-genuine", "papers-genuine", "details")),
    Asked("SEV-06 SAF-03", "law-firm", "meeting-minute", "decide", ("meeting", "held-on", "decision", "authority"), GRAVE, signed_by=("partner_in_charge",)),
    Asked("INV-06 RTE-17", "bakery-chain", "inspection", "propose", ("batch", "data", "cause", "together-with"), {"category": "complaint", "type": "quality"}),
    Asked("RTE-17", "bakery-chain", "tracking", "close", ("responsible", "carried-out-on", "fed-back-on"), {"category": "complaint", "type": "quality"}),
    Asked("TYP-14", "bakery-chain", "prepared-answer", "answer", ("answer",), {"category": "opinion", "type": "taste"}),
    Asked("INV-08", "steel-trader", "visit-appointment", "propose", ("time", "place", "manner", "accompanied-by", "vehicle-ordered"), BUSINESS, visited=True),
    Asked("INV-09", "steel-trader", "survey-report", "propose", ("feeding-time", "storage", "transport", "problem", "next-step", "scale", "other-suppliers"), BUSINESS, visited=True),
    Asked("INV-13 RTE-21", "steel-trader", "objection-report", "decide", ("opinion", "measures", "appraisal"), BUSINESS, "refund"),
    Asked("DSP-13", "steel-trader", "warehouse-slip", "fulfil", ("warehoused-on", "quantity"), BUSINESS, "return"),
    Asked("DSP-13", "steel-trader", "contract-change", "fulfil", ("contract", "changed-on"), BUSINESS, "price-allowance"),
    Asked("DSP-14", "steel-trader", "nonconforming", "close", ("evaluation", "warehoused-on", "gm-told-on"), BUSINESS, "return"),
    Asked("RTE-37", "steel-trader", "capa-slip", "close", ("cause", "need", "responsible", "supervised-by")),
    Asked("DSP-09 INF-21", "machinery-manufacturer", "repair-order", "close", ("work", "done-on", "opinion"), REPAIR, "repair", signed_by=("customer",)),
    Asked("CLS-06", "machinery-manufacturer", "repair-file", "close", ("filed-on",), REPAIR, "repair"),
    Asked("INV-14", "machinery-manufacturer", "fault-confirmation", "close", ("anomaly",), REPAIR, "repair"),
    Asked("INV-14", "machinery-manufacturer", "problem-feedback", "close", ("problem", "issued-on"), REPAIR, "repair", answers={"fault-confirmation": {"anomaly": "yes"}}),
    Asked("RTE-11", "machinery-manufacturer", "liaison-note", "propose", ("verified-with", "to", "matter", "issued-on"), REPAIR),
    Asked("RTE-36", "machinery-manufacturer", "capa-input", "close", ("information", "entered-on"), QUALITY),
    Asked("RTE-06", "project-equipment", "work-plan", "investigate", ("request", "background", "way", "method", "moment")),
    Asked("RTE-07", "project-equipment", "outcome-report", "close", ("outcome", "business-told-on", "units-told-on", "leaders-told-on", "service", "improvement")),
    Asked("RTE-07", "project-equipment", "service-instruction", "close", ("unit", "task", "executed-on"), answers={"outcome-report": {"service": "yes"}}),
    Asked("RTE-35", "project-equipment", "service-improvement", "close", ("task", "due-on"), answers={"outcome-report": {"improvement": "delivery"}}),
    Asked("RTE-35", "project-equipment", "product-improvement", "close", ("task", "due-on"), answers={"outcome-report": {"improvement": "product"}}),
    Asked("RTE-22", "property-management", "complaint-record", "close", ("handling", "followed-up-on", "copy-sent-on"), {"category": "management", "type": "cleaning"}),
    Asked("RTE-23", "property-management", "leftover-work", "answer", ("problem", "larger-impact", "developer-told-on", "follow-up"), {"category": "developer", "type": "leftover-work"}),
    Asked("RTE-23 SEV-08", "property-management", "written-report", "answer", ("report", "sent-on", "passed-on"), {"category": "developer", "type": "leftover-work"}, answers={"leftover-work": {"larger-impact": "yes"}}),
    Asked("RTE-24", "property-management", "duty-log", "propose", ("matter", "influence"), {"category": "surroundings", "type": "noise"}),
    Asked("RTE-24 SEV-08", "property-management", "special-report", "answer", ("report", "to", "sent-on"), {"category": "surroundings", "type": "noise"}, answers={"duty-log": {"influence": "large"}}),
    Asked("RTE-24", "property-management", "publication", "close", ("where", "published-on"), {"category": "surroundings", "type": "noise"}),
    Asked("RTE-27", "heavy-machinery", "service-notice", "investigate", ("request", "product", "sent-by", "people", "major"), SERVICE),
    Asked("RTE-28", "heavy-machinery", "posting-list", "investigate", ("names",), SERVICE),
    Asked("RTE-28", "heavy-machinery", "posting-approval", "investigate", ("agreed-with", "approved-on"), SERVICE),
    Asked("INV-19", "heavy-machinery", "external-quality", "propose", ("nature", "cause", "remedy"), SERVICE),
    Asked("RTE-29", "heavy-machinery", "technical-notice", "close", ("result", "completed-on", "reported-on"), SERVICE, signed_by=("handler", "department.manager")),
    Asked("INV-20", "heavy-machinery", "special-meeting", "close", ("problems", "opinions", "reported-to", "filed-on"), SERVICE, answers={"service-notice": {"major": "yes"}}),
    Asked("INV-21", "lubricant-distributor", "wish-record", "propose", ("besides-money",)),
    Asked("INV-18 SEV-10", "lubricant-distributor", "end-user-check", "propose", ("end-user", "checked-on", "knowledge"), {"customer_grade": "dealer"}),
    Asked("SEV-05", "mall-service-desk", "assessment", "propose", ("core", "severity", "expectation")),
    Asked("DSP-26", "ready-mix-concrete", "nonconformity", "propose", ("evaluation", "disposition")),
    Asked("INV-15", "packaging-manufacturer", "feedback-sheet", "propose", ("traced-since", "cause", "responsible", "ordered-on"), {"category": "product", "type": "quality"}),
    Asked("DSP-27 DSP-28", "packaging-manufacturer", "property-report", "fulfil", ("report", "what", "told-on", "settlement"), {"category": "customer-property", "type": "damaged"}),
    Asked("INV-17", "merchant-basic", "cause-inquiry", "propose", ("root-cause", "staff-heard-on")),
    Asked("TYP-16", "merchant-basic", "key-point", "investigate", ("point",)),
    Asked("RTE-30", "merchant-basic", "special-group", "propose", ("members", "task"), GRAVE),
)  # fmt: skip
VOLUNTARY = {("machinery-manufacturer", "order-message"), ("steel-trader", "result-to-customer")}
"""RTE-12 and INF-12: kept, and no step waits for them."""


class Way:
    """A complaint on its way; whoever may takes each step."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.rules: Rulebook = company(asked.profile)
        self.case = _state(hear(None, registered(**asked.about), self.rules))
        self._step(AcceptCase)
        self._step(ConfirmInPerson)
        self._step(lambda complaint, actor: DescribeGoods(complaint, actor, NEW))
        if asked.visited:
            tests = dict.fromkeys(self.rules.profile_of("sh01").site_survey.tests, True)
            self._step(lambda complaint, actor: DecideVisit(complaint, actor, True, tests))

    def goes(self, gate: str) -> None:
        """Takes every step before this one, each with its papers."""
        for one in GATES[: GATES.index(gate)]:
            self.papers(one, self.asked.record)
            self.knock(one)

    def papers(self, gate: str, besides: str = "") -> None:
        self.case = with_papers(
            self.case, self.rules, gate, (self.asked.remedy,), besides=besides, answers=self.asked.answers
        )

    def knock(self, gate: str) -> set[tuple[str, str | None]]:
        """Why whoever tries is refused; the step is taken if somebody may."""
        refusals: set[tuple[str, str | None]] = set()
        if gate == "fulfil":
            self.case = _state(hear(self.case, replied(in_round=self.case.round), self.rules))
        make = getattr(self, f"_{gate}")
        for _ in range(len(self.rules.organisation.people) if gate == "decide" else 1):
            refusals |= self._step(make)
        return refusals

    def _step(self, make: Callable[..., Any]) -> set[tuple[str, str | None]]:
        refusals: set[tuple[str, str | None]] = set()
        for person in ("a.handler", *sorted(self.rules.organisation.people)):
            try:
                self.case = _state(do(self.case, make(COMPLAINT, anybody(person)), self.rules))
            except Rejected as no:
                refusals.add((no.code, no.field))
            else:
                break
        return refusals

    def _investigate(self, _: Any, actor: Any) -> Any:
        return a_finding(actor=actor, liability="own", evidence=("r-1",))

    def _propose(self, _: Any, actor: Any) -> Any:
        return a_proposal(_paid(self.asked.remedy), actor=actor, remedies=(self.asked.remedy,))

    def _decide(self, complaint: Any, actor: Any) -> Any:
        return ApproveProposal(complaint, actor, len(self.case.proposals), ALL_TESTS)

    def _answer(self, complaint: Any, actor: Any) -> Any:
        return AnswerCustomer(complaint, actor)

    def _fulfil(self, complaint: Any, actor: Any) -> Any:
        papers = {paper for row in self.rules.profile_of("sh01").approval for paper in row.attachments}
        return FulfilResolution(complaint, actor, tuple(sorted(papers)))

    def _close(self, complaint: Any, actor: Any) -> Any:
        return CloseCase(complaint, actor)


def _paid(remedy: str) -> Any:
    return Amount(Decimal(5), "CNY") if remedy in {"refund", "price-allowance", "compensation"} else None


def _state(decision: Any) -> Case:
    assert decision.state is not None
    return decision.state


def held_for(refusals: set[tuple[str, str | None]]) -> set[str]:
    """The records that a step was refused for."""
    return {str(name).split(".")[1] for code, name in refusals if code.startswith("record-")}


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_a_case_waits_for_the_record_that_the_source_of_its_profile_asks_for(asked: Asked):
    way = Way(asked)
    way.goes(asked.gate)
    way.papers(asked.gate, asked.record)
    kind = way.rules.profile_of("sh01").records[asked.record]
    status = way.case.status

    held = held_for(way.knock(asked.gate))

    assert asked.record in held, (status, held)
    assert tuple(one.code for one in kind.fields if one.required) == asked.fields
    assert kind.signed_by == asked.signed_by
    assert {"zh", "en"} <= set(kind.name)
    way.papers(asked.gate)
    assert lacking(way.case, asked.gate, way.rules, (asked.remedy,)) == ()
    assert held_for(way._step(getattr(way, f"_{asked.gate}"))) == set()


@pytest.mark.parametrize(
    "asked", [one for one in ASKED if one.about or one.answers or one.remedy != "rework"], ids=str
)
def test_a_record_is_not_asked_of_other_cases(asked: Asked):
    """Of one that is about something else, answered otherwise, or settled in another way."""
    about = {"category": "x", "type": "y"} if asked.about else {}
    other = replace(asked, about=about, answers={}, remedy="rework", visited=False)
    way = Way(other)
    way.goes(asked.gate)
    way.papers(asked.gate, asked.record)

    assert asked.record not in {
        one.record for one in lacking(way.case, asked.gate, way.rules, (other.remedy,))
    }


def test_every_record_with_fields_that_is_shipped_is_in_this_table():
    shipped = {
        (name, code)
        for name in {one.profile for one in ASKED}
        for code, kind in company(name).profile_of("sh01").records.items()
        if kind.fields
    }

    assert shipped == {(one.profile, one.record) for one in ASKED} | VOLUNTARY
