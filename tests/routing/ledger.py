"""What must hold of a case, according to nothing but what was asked, what was told and the shipped policy?

A second account of the rules, written apart from the code it examines: it reads the rows of a profile and the
organisation file as data, and none of the domain's own predicates.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

from services.routing.domain.case import Case
from shared.deciding import Actor, Notice
from shared.events import routing as told
from shared.events.base import EventData
from shared.events.intake import (
    ComplaintAmended,
    ComplaintDeclined,
    ComplaintReopened,
    ComplaintWithdrawn,
    CustomerReplied,
)
from shared.lifecycle import Status
from shared.policy.model import Rulebook
from shared.policy.settling import ApprovalRule, SettlementWhen

Roles = tuple[str, ...]
DESK_OF_LAST_RESORT = "triage-desk"
BY_TOKEN = ("director",)
"""Who signs for money where the profile names no authority."""
ENDS = {Status.CLOSED, Status.DECLINED, Status.WITHDRAWN}
AFTER_ANSWER = {Status.ANSWERED, Status.AGREED, Status.FULFILLED}
AFTER_CONSENT = {Status.AGREED, Status.FULFILLED}


class Ledger:
    """One case from the outside. Every value is immutable, so that a copy is a fork."""

    def __init__(self, rules: Rulebook, accused: Iterable[str], kind_of_matter: str = "") -> None:
        self.rules = rules
        self.accused = frozenset(accused)
        self.set_aside: frozenset[str] = frozenset()
        self.is_open = True
        self.round = 1
        self.department = ""
        self.type = kind_of_matter
        self.severity = ""
        self.offer: told.ResolutionProposed | None = None
        self.row: ApprovalRule | None = None
        self.chain: tuple[Roles, ...] = ()
        self.signers: tuple[str, ...] = ()
        self.waits = False
        self.answered = self.consented = self.fulfilled = self.closed = 0

    @property
    def recused(self) -> frozenset[str]:
        return self.accused | self.set_aside

    def fork(self) -> Ledger:
        return copy.copy(self)

    # What others have done.

    def recuse(self, person: str) -> None:
        self.set_aside |= {person}
        self._forget_the_recused()

    def happen(self, event: EventData) -> None:
        """Something that the register told and routing took."""
        match event:
            case CustomerReplied() if self.is_open and self.waits and event.round == self.answered:
                self.waits = False
                if event.accepts:
                    self.consented = event.round
                else:
                    self.round, self.offer = self.round + 1, None
            case ComplaintAmended() if self.is_open and event.facts and event.facts.accused_refs is not None:
                self.accused = frozenset(event.facts.accused_refs)
                self._forget_the_recused()
            case ComplaintWithdrawn() | ComplaintDeclined():
                self.is_open = False
            case ComplaintReopened() if not self.is_open:
                self.is_open, self.round, self.offer, self.waits = True, self.round + 1, None, False
            case _:
                pass

    # What routing told.

    def hear(self, event: EventData, actor: Actor | None) -> None:
        assert getattr(event, "by", None) not in self.recused, "a person complained about acted"
        match event:
            case told.ComplaintReclassified():
                self.type = event.current.type
            case told.ComplaintAssigned():
                self._assigned(event)
            case told.ResolutionProposed():
                self._proposed(event)
            case told.ResolutionApproved():
                self._signed(event, actor)
            case told.ResolutionRejected():
                assert self.offer is not None
                assert event.by != self.offer.by, "sent back by the proposer"
                self.offer = None
            case told.ResolutionAnswered():
                self._check_signatures(event.round)
                assert self.row == self._row_of(self.offer), "signed for what it was taken for before"
                self.answered, self.waits = event.round, True
            case told.ResolutionFulfilled():
                self._fulfilled(event)
            case told.ComplaintClosed():
                self._closed(event, actor)
            case _:
                pass

    def asked(self, notices: Iterable[Notice]) -> None:
        """Whom routing wrote to."""
        for one in notices:
            assert one.to not in self.recused, f"{one.template} to a person complained about"
            if one.template == "proposal-to-sign":
                assert self.offer is not None
                assert one.to not in {self.offer.by, *self.signers}, "asked to sign twice or for oneself"

    def check(self, case: Case) -> None:
        """What must be true of a case after every step."""
        assert case.round == self.round
        assert set(case.recused) == self.recused
        assert (case.status not in ENDS) == self.is_open
        if case.status in AFTER_ANSWER:
            self._check_signatures(case.round)
        if case.status in AFTER_CONSENT:
            assert self.consented == case.round, "agreed without the customer"
        if case.status is Status.FULFILLED:
            assert self.fulfilled == case.round
        if self.is_open:
            self._check_owner(case)

    def _check_owner(self, case: Case) -> None:
        organisation, person = self.rules.organisation, case.placement.assignee
        assert case.department == self.department, "it moved and nobody was told"
        assert person is None or person in organisation.people
        assert person not in self.recused, "the case is with whom it is about"
        desk = organisation.departments.get(case.department)
        assert person or desk is not None or case.department == DESK_OF_LAST_RESORT, "nobody has it"

    def _assigned(self, event: told.ComplaintAssigned) -> None:
        assert event.assignee not in self.recused
        assert set(event.recused) == self.recused
        self.department, self.severity = event.department, event.severity

    def _proposed(self, event: told.ResolutionProposed) -> None:
        assert event.round == self.round
        kind = _kind_of(event)
        self.row = self._row_of(event)
        if self.row is not None:
            self.chain = tuple(sign.by for sign in self.row.sign)
        else:
            self.chain = () if kind == "none" else (BY_TOKEN,)
        assert kind == "none" or self.chain, "something is given without a signature"
        assert event.signatures == (len(self.chain) or None)
        self.offer, self.signers = event, ()

    def _row_of(self, offer: told.ResolutionProposed | None) -> ApprovalRule | None:
        """The row of authority that is about this offer by what the case is now."""
        assert offer is not None
        rows = self.rules.profile_of("sh01").approval
        return next((row for row in rows if self._is_about(row.when, _kind_of(offer))), None)

    def _is_about(self, when: SettlementWhen, kind: str) -> bool:
        others = (when.liability, when.kind, when.category, when.flags)
        assert not any(others), "this account knows no such row"
        about = kind in when.compensation or not when.compensation
        named = self.type in when.type or not when.type
        return about and named and (self.severity in when.severity or not when.severity)

    def _signed(self, event: told.ResolutionApproved, actor: Actor | None) -> None:
        assert self.offer is not None
        assert actor is not None
        assert event.by == actor.person
        assert event.by not in {self.offer.by, *self.signers}, "signed twice or for oneself"
        wanted = self.chain[len(self.signers)]
        assert event.role in wanted
        if self.row is None:
            assert "director" in actor.roles
        elif event.by not in self._holders(event.role):
            barred = {self.offer.by, *self.signers} | self.recused
            held = self._holders(event.role)
            assert event.in_place_of in barred if held else event.in_place_of is None, "no right to sign"
        self.signers = (*self.signers, event.by)
        assert event.missing == len(self.chain) - len(self.signers)

    def _fulfilled(self, event: told.ResolutionFulfilled) -> None:
        assert self.consented == event.round == self.round, "done before the customer agreed"
        self._check_signatures(event.round)
        if self.row is not None and self.row.pay:
            assert self.offer is not None
            assert event.by != self.offer.by, "who proposed it pays"
            self._check_standing(event.by, self.row.pay, spent=self.offer.by)
        self.fulfilled = event.round

    def _closed(self, event: told.ComplaintClosed, actor: Actor | None) -> None:
        assert self.is_open, "it was over before"
        assert self.consented == event.rounds == self.round, "closed without consent"
        assert self.fulfilled == event.rounds, "closed before it was fulfilled"
        self._check_signatures(event.rounds)
        assert actor is not None
        if self.row is not None and "handler" not in self.row.close:
            self._check_standing(actor.person, self.row.close)
        self.is_open, self.closed = False, self.closed + 1

    def _check_signatures(self, in_round: int) -> None:
        assert self.offer is not None, "nothing is on offer"
        assert self.offer.round == in_round, "what was offered before is answered now"
        assert len(set(self.signers)) == len(self.chain), "not every signature of the chain"
        assert self.offer.by not in self.signers

    def _check_standing(self, person: str, roles: Roles, spent: str = "") -> None:
        """That the person holds one of the roles, or that a holder may not act and somebody else does."""
        held = {one for role in roles for one in self._holders(role)}
        assert person in held or spent in held or held <= self.recused, f"{person} is none of {roles}"

    def _holders(self, role: str) -> set[str]:
        organisation = self.rules.organisation
        if role == "department.manager":
            led = organisation.departments.get(self.department)
            return {led.manager} if led and led.manager else set()
        return {one.id for one in organisation.people.values() if role in one.roles}

    def _forget_the_recused(self) -> None:
        """What they signed counts no longer, unless the customer has been answered already."""
        if self.offer is not None and self.answered != self.round:
            self.signers = tuple(one for one in self.signers if one not in self.recused)


def _kind_of(offer: told.ResolutionProposed) -> str:
    return "money" if offer.compensation else "goods" if "gift" in offer.remedies else "none"
