"""Is there any path to the end without consent, fulfilment and signature? A machine looks for one.

Random commands and replies from people of every role drive cases at companies that live by the shipped
profiles. A ledger that hears nothing but the events keeps its own account of what must hold.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.routing.domain.case import Case, Option
from services.routing.domain.placing import TRIAGE_DESK
from services.routing.handlers.accept_case import AcceptCase, ConfirmInPerson
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.choose_mode import ChooseMode
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.conclude_review import ConcludeReview
from services.routing.handlers.decide_proposal import ApproveProposal, RejectProposal
from services.routing.handlers.decide_visit import DecideVisit
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.keeping import AsRead
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.recuse_person import RecusePerson
from services.routing.handlers.resume_case import ResumeCase
from services.routing.store.tables import STORE
from shared.deciding import Actor
from shared.errors import Rejected
from shared.events import routing as told
from shared.events.base import EventData
from shared.events.intake import CustomerReplied, Flags
from shared.lifecycle import Status
from shared.policy.model import Rulebook
from tests.routing.builders import (
    COMPLAINT,
    RULES,
    a_finding,
    a_proposal,
    declined,
    do,
    hear,
    registered,
    reopened,
    replied,
    withdrawn,
)
from tests.routing.companies import DESK, Company, company
from tests.routing.test_authority import PAPERS, a_claim, cny

PROFILES = (
    "steel-trader", "food-manufacturer", "machinery-manufacturer", "law-firm", "lubricant-distributor",
    "generic-1-3", "restaurant", "",
)  # fmt: skip
"""Those with the longest chains, in-person steps and closers of their own; empty: no authority is named."""
SPARE = dict.fromkeys(PROFILES, "boss") | {
    "": "zhou",
    "steel-trader": "head.of.sales",
    "generic-1-3": "head.of.quality",
}
"""Whom the complaint is about where the machine shows that the end can be reached."""
TOKENS = (("handler",), ("handler", "manager"), ("director",), ("admin",))
CHOICE = st.integers(0, 10_000)
MONEY = (None, None, cny("5"), cny("50000"), cny("50001"))
NAMES = (
    ("business", "quality"),
    ("business", "price"),
    ("product-safety", "x"),
    ("quality", "crack"),
    ("m", "n"),
)
REMEDIES = (("rework",), ("refund",), ("gift",), ("replace", "compensation"))


SEARCH = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def rules_of(profile: str) -> Rulebook:
    return company(profile) if profile else RULES


class Ledger:
    """What happened according to the events alone, kept apart from the case that is examined."""

    def __init__(self, rules: Rulebook) -> None:
        self.rules = rules
        self.recused: set[str] = set()
        self.offered: told.ResolutionProposed | None = None
        self.signers: list[tuple[str, str]] = []
        self.answered: int | None = None
        self.consented: int | None = None
        self.fulfilled: int | None = None
        self.closed = 0

    def hear(self, event: EventData) -> None:
        assert getattr(event, "by", None) not in self.recused, "a person complained about acted"
        match event:
            case told.ComplaintAssigned():
                self.recused |= set(event.recused)
                assert event.department in {*self.rules.organisation.departments, TRIAGE_DESK}, "no owner"
                assert event.assignee not in self.recused
            case told.ResolutionProposed():
                self.offered, self.signers = event, []
            case told.ResolutionApproved():
                self.signers.append((event.by, event.role))
            case told.ResolutionAnswered():
                self.answered = event.round
                self.check_signatures()
            case told.ResolutionFulfilled():
                assert self.consented == event.round, "done before the customer agreed"
                self.fulfilled = event.round
                self.check_signatures()
            case told.ComplaintClosed():
                assert self.consented == event.rounds, "closed without consent"
                assert self.fulfilled == event.rounds, "closed before it was fulfilled"
                self.closed += 1

    def consent(self, reply: CustomerReplied) -> None:
        if reply.accepts and reply.round == self.answered:
            self.consented = reply.round

    def check_signatures(self) -> None:
        assert self.offered is not None
        needed = self.offered.signatures or 0
        people = {person for person, _ in self.signers if person != self.offered.by}
        assert len(people) >= needed, "not every signature, or one person signed twice"
        if self.offered.compensation is not None:
            assert needed, "money without a signature"


class AnyHands(RuleBasedStateMachine):
    """A case in the hands of everybody who might touch it."""

    @initialize(
        profile=st.sampled_from(PROFILES), name=st.sampled_from(NAMES), danger=st.booleans(), who=CHOICE
    )
    def arrives(self, profile: str, name: tuple[str, str], danger: bool, who: int) -> None:
        self.rules = rules_of(profile)
        self.people = sorted(self.rules.organisation.people)
        accused = self.people[who % len(self.people)]
        given = {
            "category": name[0],
            "type": name[1],
            "flags": Flags(safety=danger),
            "accused_refs": (accused,),
        }
        self.ledger = Ledger(self.rules)
        decision = hear(None, registered(customer_grade="high", **given), self.rules)
        self.case: Case = self.settle(decision)

    def settle(self, decision: Any) -> Case:
        for event in decision.tells:
            self.ledger.hear(event)
        assert decision.state is not None
        return decision.state

    def actor(self, who: int) -> Actor:
        person = [*self.people, "a.handler"][who % (len(self.people) + 1)]
        roles = TOKENS[0] if who % 3 else TOKENS[who // 3 % len(TOKENS)]
        return Actor(person, frozenset(roles), frozenset({"*"}))

    def give(self, command: Any) -> bool:
        try:
            self.case = self.settle(do(self.case, command, self.rules))
        except Rejected:
            return False
        return True

    def listen(self, event: EventData) -> None:
        try:
            decision = hear(self.case, event, self.rules)
        except Rejected:
            return
        if isinstance(event, CustomerReplied):
            self.ledger.consent(event)
        self.case = self.settle(decision)

    def teardown(self) -> None:
        case = getattr(self, "case", None)
        if case is not None:
            assert STORE.decode(STORE.encode(case)) == case, "wherever it went, it survives its document"

    # The way as it is meant, taken by anybody.

    @rule(who=CHOICE)
    def accepts(self, who: int) -> None:
        self.give(AcceptCase(COMPLAINT, self.actor(who)))

    @rule(who=CHOICE)
    def confirms(self, who: int) -> None:
        self.give(ConfirmInPerson(COMPLAINT, self.actor(who)))

    @rule(who=CHOICE, liability=st.sampled_from(("own", "own", "unclear", "customer")))
    def investigates(self, who: int, liability: str) -> None:
        self.give(a_finding(actor=self.actor(who), liability=liability, evidence=("r-1",)))

    @rule(who=CHOICE, pays=st.sampled_from(MONEY), remedies=st.sampled_from(REMEDIES), more=st.booleans())
    def proposes(self, who: int, pays: Any, remedies: tuple[str, ...], more: bool) -> None:
        others = (Option(("refund",), cny("7")), Option(("answer",))) if more else ()
        self.give(a_proposal(pays, actor=self.actor(who), remedies=remedies, others=others))

    @rule(who=CHOICE, number=st.integers(0, 2), as_admin=st.booleans())
    def signs(self, who: int, number: int, as_admin: bool) -> None:
        actor = self.actor(who)
        if as_admin:
            actor = Actor(actor.person, frozenset({"admin"}), actor.sites)
        wanted = len(self.case.proposals) - number
        self.give(ApproveProposal(COMPLAINT, actor, wanted, self.tests()))

    @precondition(lambda self: self.case.status is Status.PROPOSED)
    @rule()
    def everybody_tries_to_sign(self) -> None:
        for person in self.people:
            actor = Actor(person, frozenset({"handler"}), frozenset({"*"}))
            self.give(ApproveProposal(COMPLAINT, actor, len(self.case.proposals), self.tests()))

    @rule(who=CHOICE)
    def answers(self, who: int) -> None:
        self.give(AnswerCustomer(COMPLAINT, self.actor(who)))

    @rule(agrees=st.booleans(), back=st.integers(0, 1))
    def customer_replies(self, agrees: bool, back: int) -> None:
        self.listen(replied(accepts=agrees, in_round=max(1, self.case.round - back)))

    @rule(who=CHOICE)
    def fulfils(self, who: int) -> None:
        self.give(FulfilResolution(COMPLAINT, self.actor(who), (*PAPERS, "settlement-agreement")))

    @rule(who=CHOICE)
    def closes(self, who: int) -> None:
        self.give(CloseCase(COMPLAINT, self.actor(who)))

    @precondition(lambda self: self.case.status in {Status.AGREED, Status.FULFILLED})
    @rule()
    def everybody_tries_to_end_it(self) -> None:
        for person in [*self.people, "a.handler"] * 2:  # who pays may come after who closes
            actor = Actor(person, frozenset({"handler"}), frozenset({"*"}))
            self.give(FulfilResolution(COMPLAINT, actor, (*PAPERS, "settlement-agreement")))
            for review in self.case.reviews:
                self.give(ConcludeReview(COMPLAINT, actor, review.kind, "done"))
            self.give(CloseCase(COMPLAINT, actor))

    @rule(pays=st.sampled_from(MONEY))
    def everybody_tries_the_next_step(self, pays: Any) -> None:
        """Else chance alone would hardly ever lead a case past its first signature."""
        for person in [*self.people, "a.handler"]:
            actor, case = Actor(person, frozenset({"handler", "director"}), frozenset({"*"})), self.case
            step: dict[Status, Any] = {
                Status.ASSIGNED: AcceptCase(COMPLAINT, actor),
                Status.ACCEPTED: a_finding(actor=actor, evidence=("r-1",)),
                Status.REFUSED: a_proposal(pays, actor=actor),
                Status.INVESTIGATED: a_proposal(pays, actor=actor),
                Status.ANSWERED: AnswerCustomer(COMPLAINT, actor),
                Status.PROPOSED: ApproveProposal(COMPLAINT, actor, len(case.proposals), self.tests()),
            }
            self.give(ConfirmInPerson(COMPLAINT, actor))
            if case.status in step:
                self.give(step[case.status])
            self.give(AnswerCustomer(COMPLAINT, actor))

    # Detours.

    @rule(who=CHOICE)
    def sends_back(self, who: int) -> None:
        self.give(RejectProposal(COMPLAINT, self.actor(who), len(self.case.proposals), "no"))

    @rule(who=CHOICE)
    def pauses(self, who: int) -> None:
        self.give(PauseCase(COMPLAINT, self.actor(who), "parts", "customer"))

    @rule(who=CHOICE)
    def resumes(self, who: int) -> None:
        self.give(ResumeCase(COMPLAINT, self.actor(who)))

    @rule(who=CHOICE, where=CHOICE)
    def hands_over(self, who: int, where: int) -> None:
        departments = sorted(self.rules.organisation.departments)
        order = ReassignCase(COMPLAINT, self.actor(who), departments[where % len(departments)], "why")
        self.give(order)

    @rule(who=CHOICE, name=st.sampled_from(NAMES))
    def reclassifies(self, who: int, name: tuple[str, str]) -> None:
        self.give(ReclassifyCase(COMPLAINT, self.actor(who), "complaint", *name))

    @rule(who=CHOICE, mode=st.sampled_from(("expedited", "deferred", "ordinary")))
    def chooses_a_mode(self, who: int, mode: Any) -> None:
        self.give(ChooseMode(COMPLAINT, self.actor(who), mode, "bad-credit"))

    @rule(who=CHOICE, visits=st.booleans())
    def decides_on_a_visit(self, who: int, visits: bool) -> None:
        tests = dict.fromkeys(self.rules.profile_of("sh01").site_survey.tests, visits)
        self.give(DecideVisit(COMPLAINT, self.actor(who), visits, tests))

    @rule(who=CHOICE, whom=CHOICE)
    def recuses(self, who: int, whom: int) -> None:
        if len(self.case.recused) < 3:
            order = RecusePerson(COMPLAINT, self.actor(who), self.people[whom % len(self.people)])
            self.give(order)

    @rule(event=st.sampled_from((withdrawn(), declined(), reopened(), registered())))
    def something_happens_at_the_register(self, event: EventData) -> None:
        self.listen(event)

    @rule(who=CHOICE, behind=st.integers(1, 3))
    def somebody_acts_on_what_was(self, who: int, behind: int) -> None:
        actor = self.actor(who)
        stale = AsRead(COMPLAINT, actor, self.case.version - behind, CloseCase(COMPLAINT, actor))
        assert not self.give(stale), "what was read before is not what is"

    def tests(self) -> tuple[str, ...]:
        rows = self.rules.profile_of("sh01").approval
        return tuple(test for row in rows for sign in row.sign for test in sign.tests)

    @invariant()
    def somebody_has_it(self) -> None:
        case = getattr(self, "case", None)
        if case is None:
            return
        assert case.department in {*self.rules.organisation.departments, TRIAGE_DESK}
        assert case.placement.assignee not in case.recused

    @invariant()
    def whoever_signed_could(self) -> None:
        case = getattr(self, "case", None)
        if case is None:
            return
        for signature in case.signatures:
            proposal = case.proposals[signature.proposal - 1]
            assert signature.by != proposal.by


def test_no_path_closes_without_consent_and_fulfilment_or_pays_without_a_signature():
    """CLS-01, CLS-14, APR-13, RCS-01: nor lets a recused person act, nor leaves a case without an owner."""
    run_state_machine_as_test(AnyHands, settings=SEARCH)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_machine_does_reach_the_end_under_every_profile(profile):
    """A machine that closes nothing would prove nothing."""
    machine = AnyHands()
    heads = sorted(rules_of(profile).organisation.people)
    machine.arrives(profile, ("business", "price"), danger=False, who=heads.index(SPARE[profile]))
    paid = cny("5")
    hands = machine.people
    people = {person: Actor(person, frozenset({"handler", "director"}), frozenset({"*"})) for person in hands}
    for actor in people.values():
        machine.give(AcceptCase(COMPLAINT, actor))
        machine.give(ConfirmInPerson(COMPLAINT, actor))
        machine.give(a_finding(actor=actor))
    machine.give(a_proposal(paid, actor=DESK, remedies=("compensation",)))
    for actor in [*people.values(), *people.values()]:
        machine.give(ApproveProposal(COMPLAINT, actor, 1, machine.tests()))
    for actor in people.values():
        machine.give(AnswerCustomer(COMPLAINT, actor))
    machine.customer_replies(agrees=True, back=0)
    machine.everybody_tries_to_end_it()

    assert machine.ledger.closed == 1, machine.case.status
    assert machine.ledger.signers


def test_an_administrator_signs_nothing_whatever_the_profile():
    """APR-02."""
    steel = a_claim()
    root = Actor("the.deputy_general_manager", frozenset({"auditor"}), frozenset({"*"}))

    with pytest.raises(Rejected):
        steel.signs(root)


def test_history_is_no_way_around_either():
    """A case imported as history is closed only by being taken up again, in a round of its own."""
    shop = Company("generic-1-3", history=True).hear(withdrawn()).hear(reopened())

    assert (shop.case.status, shop.case.round, shop.case.agreed_round) == (Status.ASSIGNED, 2, None)
