"""Cases at the smallest company that lives by one of the shipped profiles, and its people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.routing.domain.case import Case
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.decide_proposal import ApproveProposal
from services.routing.handlers.fulfil_resolution import FulfilResolution
from shared.deciding import Actor, Decision
from shared.policy.model import Rulebook
from tests.routing.builders import COMPLAINT, a_finding, a_proposal, do, hear, registered, replied
from tests.routing.papers import with_papers
from tests.shared.policy.organisations import rules_with

MONEY = ("compensation",)

company = rules_with


def everybody(rules: Rulebook, *ids: str, **changes: Any) -> Rulebook:
    """The rulebook with these people changed, e.g. `stand_in` or `absences`."""
    people = dict(rules.organisation.people)
    for one in ids:
        people[one] = replace(people[one], **changes)
    return replace(rules, organisation=replace(rules.organisation, people=people))


def as_person(person: str, *roles: str) -> Actor:
    return Actor(person, frozenset(roles or ("handler",)), frozenset({"*"}))


def the(role: str) -> Actor:
    return as_person("boss" if role == "general_manager" else f"the.{role}")


DESK = as_person("a.handler")
"""Somebody at the desk whom the organisation file does not name."""


class Company:
    """A case at this company, one step after the other."""

    def __init__(self, profile: str, rules: Rulebook | None = None, **given: Any) -> None:
        self.rules = rules or company(profile)
        self.last: Decision[Case] = hear(None, registered(**given), self.rules)

    @property
    def case(self) -> Case:
        assert self.last.state is not None
        return self.last.state

    def do(self, command: Any) -> Company:
        if isinstance(command, CloseCase):
            self.papers("close")
        self.last = do(self.case, command, self.rules)
        return self

    def papers(self, gate: str, remedies: tuple[str, ...] = ()) -> Company:
        """Everything on record that policy asks for before this step."""
        case = with_papers(self.case, self.rules, gate, remedies)
        if case is not self.case:
            self.last = Decision(case)
        return self

    def hear(self, data: Any) -> Company:
        self.last = hear(self.case, data, self.rules)
        return self

    def investigated(self, by: Actor = DESK, **found: Any) -> Company:
        self.do(AcceptCase(COMPLAINT, by)).papers("investigate")
        return self.do(a_finding(actor=by, **found))

    def proposed(self, *remedies: str, by: Actor = DESK, **offer: Any) -> Company:
        self.papers("propose", remedies or ("rework",))
        return self.do(a_proposal(actor=by, remedies=remedies or ("rework",), **offer))

    def signs(self, actor: Actor, *tests: str) -> Company:
        self.papers("decide")
        return self.do(ApproveProposal(COMPLAINT, actor, len(self.case.proposals), tests))

    def answered(self, by: Actor = DESK) -> Company:
        self.papers("answer")
        return self.do(AnswerCustomer(COMPLAINT, by))

    def agreed(self) -> Company:
        return self.hear(replied(in_round=self.case.round))

    def fulfilled(self, by: Actor = DESK, *attachments: str) -> Company:
        self.papers("fulfil")
        return self.do(FulfilResolution(COMPLAINT, by, attachments))
