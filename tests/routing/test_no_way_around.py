"""Is there any path to the end without consent, fulfilment and signature? A machine looks for one.

Random commands and replies from people of every role drive cases at companies that live by the shipped
profiles. Cases begin anywhere on their way, and after every step everybody around the case tries everything.
A ledger that hears nothing but the events keeps its own account of what must hold (`ledger.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from services.routing.domain.case import Case, Goods
from services.routing.domain.offering import Option, Signature
from services.routing.domain.recording import lacking
from services.routing.handlers.accept_case import AcceptCase, ConfirmInPerson
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.choose_mode import ChooseMode
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.conclude_review import ConcludeReview
from services.routing.handlers.decide_proposal import ApproveProposal, RejectProposal
from services.routing.handlers.decide_visit import DecideVisit
from services.routing.handlers.describe_goods import DescribeGoods
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.keeping import AsRead
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.propose_resolution import ProposeResolution
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.recuse_person import RecusePerson
from services.routing.handlers.resume_case import ResumeCase
from services.routing.store.tables import STORE
from shared.deciding import Actor, Decision
from shared.errors import Rejected
from shared.events.base import EventData
from shared.events.escalation import EscalationDecided
from shared.events.intake import AmendedFacts, ComplaintAmended, Flags
from shared.lifecycle import Status
from shared.policy.model import Rulebook
from tests.routing.builders import (
    COMPLAINT,
    NOW,
    NUMBER,
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
from tests.routing.ledger import STEPS, Ledger
from tests.routing.papers import anybody, signing, writing
from tests.routing.test_authority import PAPERS, a_claim, by_type, cny

BY_TYPE = "by type"
"""A company of our own where another type of complaint needs another signature."""
PROFILES = (
    "steel-trader", "food-manufacturer", "machinery-manufacturer", "law-firm", "lubricant-distributor",
    "generic-1-3", "restaurant", "heavy-machinery", "mall-service-desk", "", BY_TYPE,
)  # fmt: skip
"""Those with the longest chains, in-person steps and closers of their own; empty: no authority is named."""
SPARE = dict.fromkeys(PROFILES, "boss") | {
    "": "zhou",
    BY_TYPE: "zhou",
    "steel-trader": "head.of.sales",
    "generic-1-3": "head.of.quality",
}
"""Whom the complaint is about where the machine shows that the end can be reached."""
TOKENS = (("handler",), ("handler", "director"), ("handler", "manager"), ("director",), ("admin",))
EVERY_TOKEN = frozenset({"handler", "manager", "director"})
CHOICE = st.integers(0, 10_000)
MONEY = (cny("5"), None, cny("50000"), cny("50001"))
NAMES = (
    ("business", "quality"),
    ("business", "price"),
    ("product-safety", "x"),
    ("quality", "crack"),
    ("m", "n"),
    ("technical-service", "in-warranty"),
    ("goods", "stock"),
)
REMEDIES = (
    ("rework",), ("refund",), ("gift",), ("replace", "compensation"), ("advice",), ("exchange",), ("discount",),
)  # fmt: skip
BEARERS = (None, None, "customer", "company")
REASONS = (None, "key-account")
BEFORE = Goods(phase="before-delivery", paid=cny("7"), deposit=cny("5"))
GOODS = (
    Goods(),
    Goods(covered_until=date(2027, 1, 1), proof=True),
    Goods(covered_until=date(2026, 1, 1), proof=False),
    Goods(sold_on=date(2024, 5, 5)),
    BEFORE,
    replace(BEFORE, covered_until=date(2027, 1, 1)),
)
ALL_PAPERS = (*PAPERS, "settlement-agreement", "proof-of-purchase")
DEPTHS = (
    "arrived", "investigated", "proposed", "one signature", "tampered", "own signature", "answered", "answered again",
    "agreed", "fulfilled", "closed", "renamed in a pause",
)  # fmt: skip
"""How far a case has come where the machine takes it up."""
AS_FAR_AS = {
    "tampered": "one signature",
    "own signature": "proposed",
    "answered again": "answered",
    "renamed in a pause": "signed",
}
WAY = (
    "arrived",
    "investigated",
    "proposed",
    "one signature",
    "signed",
    "answered",
    "agreed",
    "fulfilled",
    "closed",
)

SEARCH = settings(
    max_examples=350,
    stateful_step_count=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink takes minutes; what fails is short
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)


def rules_of(profile: str) -> Rulebook:
    return by_type() if profile == BY_TYPE else company(profile) if profile else RULES


def by(person: str, *roles: str) -> Actor:
    return Actor(person, frozenset(roles) or EVERY_TOKEN, frozenset({"*"}))


class Life:
    """A case and the account that is kept of it, at a company; may be forked to see what would be."""

    def __init__(self, rules: Rulebook, **given: Any) -> None:
        event = registered(customer_grade="high", **given)
        self.rules = rules
        self.ledger = Ledger(rules, event.accused_refs)
        self.ledger.arrive(event)
        self.people = sorted(rules.organisation.people)
        self.tests = tuple(
            test for row in rules.profile_of("sh01").approval for sign in row.sign for test in sign.tests
        )
        self.case: Case = self._settle(hear(None, event, rules), None)

    def fork(self) -> Life:
        other: Life = object.__new__(Life)
        other.__dict__.update(self.__dict__)
        other.ledger = self.ledger.fork()
        return other

    def _settle(self, decision: Decision[Case], actor: Actor | None) -> Case:
        for event in decision.tells:
            self.ledger.hear(event, actor)
        self.ledger.asked(decision.notices)
        assert decision.state is not None
        self.ledger.check(decision.state)
        return decision.state

    def give(self, command: Any) -> str:
        """The code of the refusal; empty: it was done."""
        actor = command.actor
        try:
            decision = do(self.case, command, self.rules)
        except Rejected as refused:
            if self._has_signed(command):
                assert refused.code == "already-signed"
            return refused.code
        assert actor.person not in self.ledger.recused, "a person complained about did something"
        inner = command.command if isinstance(command, AsRead) else command
        if isinstance(inner, RecusePerson):
            self.ledger.recuse(inner.person)
        if isinstance(inner, DescribeGoods):
            self.ledger.describe(inner.goods)
        if isinstance(inner, DecideVisit):
            self.ledger.visited |= inner.visits
        self.case = self._settle(decision, actor)
        return ""

    def listen(self, event: EventData) -> None:
        try:
            decision = hear(self.case, event, self.rules)
        except Rejected:
            return
        self.ledger.happen(event)
        if isinstance(event, EscalationDecided) and event.by in self.ledger.recused:
            assert decision.state is not None
            assert decision.state.placement == self.case.placement, "a person complained about gave an order"
        self.case = self._settle(decision, None)

    def _has_signed(self, command: Any) -> bool:
        """Whether this is a second signature of somebody on what is on the table."""
        return (
            isinstance(command, ApproveProposal)
            and self.case.status is Status.PROPOSED
            and command.proposal == len(self.case.proposals)
            and command.actor.person in self.ledger.signers
        )

    def around(self) -> tuple[str, ...]:
        """Everybody who has or would like a hand in it, first those whose hands matter most."""
        ledger, organisation = self.ledger, self.rules.organisation
        row = ledger.row
        named = {role for roles in ledger.chain for role in roles} | {*(row.pay + row.close if row else ())}
        led = organisation.departments.get(self.case.department)
        found = [self.case.placement.assignee, led.manager if led else None, *sorted(ledger.recused)]
        found += [ledger.offer.by if ledger.offer else None, DESK.person]
        found += [one for one in self.people if named.intersection(organisation.people[one].roles)]
        found += ["boss"] if "boss" in organisation.people else ["zhao", "li"]
        return tuple(dict.fromkeys(one for one in found if one))

    # What one person can do about it.

    def steps(self, actor: Actor) -> Iterator[Any]:
        """The way as it is meant."""
        number = len(self.case.proposals)
        yield AcceptCase(COMPLAINT, actor)
        yield ConfirmInPerson(COMPLAINT, actor)
        yield a_finding(actor=actor, evidence=("r-1",))
        yield ApproveProposal(COMPLAINT, actor, number, self.tests)
        yield AnswerCustomer(COMPLAINT, actor)
        yield FulfilResolution(COMPLAINT, actor, ALL_PAPERS)
        for review in self.case.reviews:
            yield ConcludeReview(COMPLAINT, actor, review.kind, "done")
        yield CloseCase(COMPLAINT, actor)

    def detours(self, actor: Actor) -> Iterator[Any]:
        tests = dict.fromkeys(self.rules.profile_of("sh01").site_survey.tests, True)
        yield RejectProposal(COMPLAINT, actor, len(self.case.proposals), "no")
        yield a_proposal(cny("5"), actor=actor, remedies=("compensation",))
        yield PauseCase(COMPLAINT, actor, "parts", "customer")
        yield ResumeCase(COMPLAINT, actor)
        yield ReassignCase(COMPLAINT, actor, self.case.department, "why")
        yield ChooseMode(COMPLAINT, actor, "expedited", "important")
        yield DecideVisit(COMPLAINT, actor, True, tests)
        yield RecusePerson(COMPLAINT, actor, self.case.placement.assignee or self.people[0])
        yield DescribeGoods(COMPLAINT, actor, GOODS[len(actor.person) % len(GOODS)])

    def writes(self, gate: str, remedies: tuple[str, ...] = ()) -> None:
        """What policy asks to be on record before this step, each by whoever may."""
        kinds = self.rules.profile_of("sh01").records
        people = [DESK.person, *self.people]
        for code, kind in kinds.items():
            if kind.needed_before not in STEPS[: STEPS.index(gate) + 1]:
                continue
            if all(lack.record != code for lack in lacking(self.case, gate, self.rules, remedies)):
                continue
            next((True for one in people if not self.give(writing(code, kind, anybody(one)))), False)
            for signer in people:
                for signature in signing(self.case, code, kind, anybody(signer)):
                    self.give(signature)

    def everybody(self, *wanted: type) -> None:
        """Everybody tries these steps, with every token but an administrator's."""
        for person in [*self.people, DESK.person]:
            for command in self.steps(by(person)):
                if isinstance(command, wanted):
                    self.give(command)

    def goes_to(self, depth: str, proposer: str, pays: Any, remedies: tuple[str, ...]) -> None:
        """As far as it can be brought by those who may, with this person's proposal."""
        offer = a_proposal(pays, actor=by(proposer), remedies=remedies, others=(Option(("answer",)),))
        again = depth == "answered again"
        self._goes(WAY.index(AS_FAR_AS.get(depth, depth)), offer)
        if depth == "renamed in a pause":
            self._renames_in_a_pause()
        if depth in {"tampered", "own signature"}:
            self._tamper()
        if again:
            self.listen(replied(accepts=False, in_round=self.case.round))
            self._goes(WAY.index("answered"), offer)

    def _goes(self, far: int, offer: ProposeResolution) -> None:
        if far >= WAY.index("investigated"):
            self.everybody(AcceptCase, ConfirmInPerson)
            self.writes("investigate")
            self.everybody(type(a_finding()))
        if far >= WAY.index("proposed"):
            self._proposes(offer)
        if far >= WAY.index("one signature"):
            self.writes("decide")
            self._signs(1)
        if far >= WAY.index("signed"):
            self._signs(len(self.people))
        if far >= WAY.index("answered"):
            self.writes("answer")
            self.everybody(AnswerCustomer)
        if far >= WAY.index("agreed"):
            self.listen(replied(in_round=self.case.round))
        if far >= WAY.index("fulfilled"):
            self.writes("fulfil")
            self.everybody(FulfilResolution)
        if far >= WAY.index("closed"):
            self.writes("close")
            self.everybody(ConcludeReview, CloseCase)
            self.everybody(CloseCase)

    def _proposes(self, offer: ProposeResolution) -> None:
        self.writes("propose", offer.remedies)
        if self.case.status is not Status.PROPOSED and self.give(offer):
            self.give(replace(offer, actor=DESK, compensation=cny("5")))

    def _signs(self, most: int) -> None:
        given = 0
        for person in [*self.people, *self.people]:
            if given < most:
                command = ApproveProposal(COMPLAINT, by(person), len(self.case.proposals), self.tests)
                given += not self.give(command)

    def _renames_in_a_pause(self) -> None:
        """What was signed for one matter turns out to be another while nobody may sign."""
        everybody = [by(person) for person in (*self.people, DESK.person)]
        for make in (
            lambda actor: PauseCase(COMPLAINT, actor, "parts", "customer"),
            lambda actor: ReclassifyCase(COMPLAINT, actor, "complaint", "quality", "crack"),
            lambda actor: ResumeCase(COMPLAINT, actor),
        ):
            next((actor for actor in everybody if not self.give(make(actor))), None)

    def _tamper(self) -> None:
        """A document in which the proposer signed, and somebody twice: none of it counts."""
        proposal, known = self.case.proposal, self.case.signatures
        if proposal is not None and self.case.status is Status.PROPOSED:
            own = Signature(proposal.number, True, proposal.by, "x", NOW)
            self.case = replace(self.case, signatures=(*known, *known, own))


class AnyHands(RuleBasedStateMachine):
    """A case in the hands of everybody who might touch it."""

    @initialize(
        profile=st.sampled_from(PROFILES),
        depth=st.sampled_from(DEPTHS),
        name=st.sampled_from(NAMES),
        danger=st.booleans(),
        pays=st.sampled_from(MONEY),
        remedies=st.sampled_from(REMEDIES),
        accused=CHOICE,
        proposer=CHOICE,
        goods=st.sampled_from(GOODS),
    )
    def arrives(self, profile, depth, name, danger, pays, remedies, accused, proposer, goods) -> None:
        rules = rules_of(profile)
        people = sorted(rules.organisation.people)
        flags = {"category": name[0], "type": name[1], "flags": Flags(safety=danger)}
        about = (people[accused % len(people)],) if accused % 3 else ()
        self.life = Life(rules, accused_refs=about, **flags)
        self.life.give(DescribeGoods(COMPLAINT, DESK, goods))
        self.life.goes_to(depth, [*people, DESK.person][proposer % (len(people) + 1)], pays, remedies)

    def actor(self, who: int) -> Actor:
        around = self.life.around()
        return by(around[who % len(around)], *TOKENS[who // 100 % len(TOKENS)])

    def give(self, command: Any) -> None:
        self.life.give(command)

    def teardown(self) -> None:
        life = getattr(self, "life", None)
        if life is not None:
            case = life.case
            assert STORE.decode(STORE.encode(case)) == case, "wherever it went, it survives its document"

    @invariant()
    def nobody_can_do_what_must_not_be_done(self) -> None:
        """After every step everybody around tries everything, each on a case of their own."""
        life: Life | None = getattr(self, "life", None)
        if life is None:
            return
        for number, person in enumerate(life.around()):
            roles = EVERY_TOKEN if number % 2 else TOKENS[0]
            actor = by(person, *roles)
            for command in life.steps(actor):
                life.fork().give(command)
            for command in life.detours(actor) if person in life.ledger.recused else ():
                life.fork().give(command)
        for person in life.around()[:2]:
            life.fork().give(a_proposal(cny("5"), actor=by(person), remedies=("compensation",)))
        for agrees in (True, False):
            for back in (-1, 0, 1):
                life.fork().listen(replied(accepts=agrees, in_round=max(1, life.case.round - back)))

    # The way as it is meant, taken by anybody.

    @rule(who=CHOICE, which=CHOICE)
    def takes_a_step(self, who: int, which: int) -> None:
        steps = tuple(self.life.steps(self.actor(who)))
        self.give(steps[which % len(steps)])

    @rule(who=CHOICE, liability=st.sampled_from(("own", "own", "unclear", "customer")))
    def investigates(self, who: int, liability: str) -> None:
        self.give(a_finding(actor=self.actor(who), liability=liability, evidence=("r-1",)))

    @rule(
        who=CHOICE,
        pays=st.sampled_from(MONEY),
        remedies=st.sampled_from(REMEDIES),
        more=st.booleans(),
        bearer=st.sampled_from(BEARERS),
        reason=st.sampled_from(REASONS),
    )
    def proposes(self, who: int, pays: Any, remedies: Any, more: bool, bearer: Any, reason: Any) -> None:
        others = (Option(("refund",), cny("7")), Option(("answer",))) if more else ()
        given = {"remedies": remedies, "others": others, "cost_bearer": bearer, "reason_code": reason}
        self.give(a_proposal(pays, actor=self.actor(who), **given))

    @rule(who=CHOICE, goods=st.sampled_from(GOODS))
    def describes_the_goods(self, who: int, goods: Goods) -> None:
        self.give(DescribeGoods(COMPLAINT, self.actor(who), goods))

    @rule(who=CHOICE, number=st.integers(0, 2))
    def signs(self, who: int, number: int) -> None:
        wanted = len(self.life.case.proposals) - number
        self.give(ApproveProposal(COMPLAINT, self.actor(who), wanted, self.life.tests))

    @rule(who=CHOICE, which=CHOICE, half=st.booleans(), again=st.booleans())
    def writes_on_a_record(self, who: int, which: int, half: bool, again: bool) -> None:
        kinds = {code: one for code, one in self.life.rules.profile_of("sh01").records.items() if one.fields}
        if kinds:
            code = sorted(kinds)[which % len(kinds)]
            only = [kinds[code].fields[0].code] if half else []
            item = "again" if again else ""
            self.give(writing(code, kinds[code], self.actor(who), only=only, item=item))

    @rule(who=CHOICE, which=CHOICE)
    def signs_a_record(self, who: int, which: int) -> None:
        found = self.life.case.records
        if found:
            code = found[which % len(found)].kind
            kind = self.life.rules.profile_of("sh01").records[code]
            for signature in signing(self.life.case, code, kind, self.actor(who)):
                self.give(signature)

    @rule(agrees=st.booleans(), back=st.integers(0, 1))
    def customer_replies(self, agrees: bool, back: int) -> None:
        self.life.listen(replied(accepts=agrees, in_round=max(1, self.life.case.round - back)))

    @rule(pays=st.sampled_from(MONEY), who=CHOICE, far=st.sampled_from(DEPTHS))
    def it_goes_on(self, pays: Any, who: int, far: str) -> None:
        """Else chance alone would hardly ever lead a case past its first signature."""
        if far not in {"tampered", "own signature", "renamed in a pause"}:
            self.life.goes_to(far, self.actor(who).person, pays, ("compensation",) if pays else ("rework",))

    # Detours.

    @rule(who=CHOICE, which=CHOICE)
    def takes_a_detour(self, who: int, which: int) -> None:
        ways = tuple(self.life.detours(self.actor(who)))
        self.give(ways[which % len(ways)])

    @rule(who=CHOICE, where=CHOICE)
    def hands_over(self, who: int, where: int) -> None:
        departments = sorted(self.life.rules.organisation.departments)
        self.give(ReassignCase(COMPLAINT, self.actor(who), departments[where % len(departments)], "why"))

    @rule(who=CHOICE, name=st.sampled_from(NAMES))
    def reclassifies(self, who: int, name: tuple[str, str]) -> None:
        self.give(ReclassifyCase(COMPLAINT, self.actor(who), "complaint", *name))

    @rule(who=CHOICE, mode=st.sampled_from(("expedited", "deferred", "ordinary")))
    def chooses_a_mode(self, who: int, mode: Any) -> None:
        self.give(ChooseMode(COMPLAINT, self.actor(who), mode, "bad-credit"))

    @rule(who=CHOICE, whom=CHOICE)
    def recuses(self, who: int, whom: int) -> None:
        if len(self.life.case.recused) < 3:
            around = self.life.around()
            person = around[whom % len(around)]
            self.give(RecusePerson(COMPLAINT, self.actor(who), person))

    @rule(event=st.sampled_from((withdrawn(), declined(), reopened(), reopened(), registered())))
    def something_happens_at_the_register(self, event: EventData) -> None:
        self.life.listen(event)

    @rule(whom=CHOICE, nobody=st.booleans(), flags=st.sampled_from((None, Flags(), Flags(safety=True))))
    def the_register_is_corrected(self, whom: int, nobody: bool, flags: Flags | None) -> None:
        people = self.life.people
        accused = () if nobody else (people[whom % len(people)],)
        facts = AmendedFacts(flags=flags, accused_refs=accused if whom % 2 else None)
        self.life.listen(
            ComplaintAmended(complaint_no=NUMBER, at=NOW, by="agent", changed=("flags",), facts=facts)
        )

    @rule(who=CHOICE, decision=st.sampled_from(("take_over", "reassign")))
    def an_alarm_is_decided_on(self, who: int, decision: Any) -> None:
        people = [one for one in self.life.around() if one in self.life.people]
        order = {"escalation_id": f"e-{who}", "clock": "answer", "level": 1, "decision": decision}
        self.life.listen(
            EscalationDecided(complaint_no=NUMBER, at=NOW, by=people[who % len(people)], **order)
        )

    @rule(who=CHOICE, behind=st.integers(-1, 3))
    def somebody_acts_on_what_was(self, who: int, behind: int) -> None:
        life, actor = self.life, self.actor(who)
        for command in (*life.steps(actor), *life.detours(actor)):
            stale = AsRead(COMPLAINT, actor, life.case.version - behind, command)
            code = life.fork().give(stale)
            assert behind == 0 or code == "changed-meanwhile", "what was read before is not what is"
            assert behind or code == life.fork().give(command)


@pytest.mark.slow
def test_no_path_closes_without_consent_and_fulfilment_or_pays_without_a_signature():
    """CLS-01, CLS-14, APR-13, RCS-01: nor lets a recused person act, nor leaves a case without an owner."""
    run_state_machine_as_test(AnyHands, settings=SEARCH)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_machine_does_reach_the_end_under_every_profile(profile):
    """A machine that closes nothing would prove nothing."""
    life = Life(rules_of(profile), category="business", type="price", accused_refs=(SPARE[profile],))
    life.goes_to("closed", DESK.person, cny("5"), ("compensation",))

    assert life.ledger.closed == 1, life.case.status
    assert life.ledger.signers


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
