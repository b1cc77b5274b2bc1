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
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintWithdrawn,
    CustomerReplied,
    Flags,
)
from shared.lifecycle import Status
from shared.policy.model import Rulebook
from shared.policy.records import RecordWhen
from shared.policy.settling import ApprovalRule, SettlementWhen

Roles = tuple[str, ...]
DESK_OF_LAST_RESORT = "triage-desk"
BY_TOKEN = ("director",)
"""Who signs for money where the profile names no authority."""
ENDS = {Status.CLOSED, Status.DECLINED, Status.WITHDRAWN}
AFTER_ANSWER = {Status.ANSWERED, Status.AGREED, Status.FULFILLED}
AFTER_CONSENT = {Status.AGREED, Status.FULFILLED}


STEPS = ("investigate", "propose", "decide", "answer", "fulfil", "close")
"""In which order a case comes to the steps that records are needed before."""


def raised_of(flags: Flags) -> frozenset[str]:
    return frozenset(name for name, raised in flags.model_dump().items() if raised)


class Ledger:
    """One case from the outside. Every value is immutable, so that a copy is a fork."""

    def __init__(self, rules: Rulebook, accused: Iterable[str]) -> None:
        self.rules = rules
        self.accused = frozenset(accused)
        self.set_aside: frozenset[str] = frozenset()
        self.is_open = True
        self.round = 1
        self.department = ""
        self.severity = ""
        self.offer: told.ResolutionProposed | None = None
        self.row: ApprovalRule | None = None
        self.chain: tuple[Roles, ...] = ()
        self.signers: tuple[str, ...] = ()
        self.waits = False
        self.answered = self.consented = self.fulfilled = self.closed = 0
        self.facts: dict[str, str] = {}
        self.flags: frozenset[str] = frozenset()
        self.liability = ""
        self.visited = False
        self.papers: tuple[told.CaseRecorded, ...] = ()
        """The newest version of every record, as it was told."""
        self.names: tuple[tuple[str, str, int, str, str], ...] = ()
        """Under which record, item and version which role was signed for by whom."""

    @property
    def recused(self) -> frozenset[str]:
        return self.accused | self.set_aside

    def arrive(self, event: ComplaintRegistered) -> None:
        """What the register told of it first."""
        self.facts = {
            "kind": event.kind,
            "category": event.category,
            "type": event.type,
            "grade": event.customer_grade,
        }
        self.flags = raised_of(event.flags)

    def fork(self) -> Ledger:
        return copy.copy(self)

    # What others have done.

    def recuse(self, person: str) -> None:
        if person not in self.recused:
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
            case ComplaintAmended() if self.is_open and event.facts:
                if event.facts.flags is not None:
                    self.flags = raised_of(event.facts.flags)
                if event.facts.accused_refs is not None:
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
            case told.ComplaintAssigned():
                self._assigned(event)
            case told.ComplaintReclassified(current=now):
                self.facts |= {"kind": now.kind, "category": now.category, "type": now.type}
            case told.CaseRecorded():
                self._recorded(event)
            case told.ComplaintInvestigated():
                self._check_records("investigate")
                self.liability = event.liability
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
                self._check_records("answer")
                self.answered, self.waits = event.round, True
            case told.ResolutionFulfilled():
                self._fulfilled(event)
            case told.ComplaintClosed():
                self._closed(event, actor)
            case _:
                pass

    def _recorded(self, event: told.CaseRecorded) -> None:
        assert self.is_open, "written after the end"
        if event.step == "signed":
            assert event.role is not None
            self.names += ((event.record, event.item or "", event.version, event.role, event.by),)
        else:
            others = (one for one in self.papers if (one.record, one.item) != (event.record, event.item))
            self.papers = (*others, event)

    def _check_records(self, gate: str) -> None:
        """No way leads past a step without the records of that step and of those before it."""
        due = STEPS[: STEPS.index(gate) + 1]
        for code, kind in self.rules.profile_of("sh01").records.items():
            if kind.needed_before not in due or not self._is_about_record(kind.when):
                continue
            written = [one for one in self.papers if one.record == code]
            assert written, f"{gate} without {code}"
            for paper in written:
                assert paper.by not in self.recused, f"{code} is by a person complained about"
                assert not kind.each_round or paper.round == self.round, f"{code} is of a former round"
                filled = {*paper.values, *(text.field for text in paper.texts)}
                assert {one.code for one in kind.fields if one.required} <= filled, f"{code} is not complete"
                about = (code, paper.item or "", paper.version)
                signed = {
                    role for *what, role, by in self.names if (*what,) == about and by not in self.recused
                }
                assert set(kind.signed_by) <= signed, f"{code} is not signed"

    def _is_about_record(self, when: RecordWhen) -> bool:
        asked = {part: getattr(when, part) for part in ("kind", "category", "type", "grade")}
        if any(words and self.facts[part] not in words for part, words in asked.items()):
            return False
        assert not when.channel
        assert not when.site
        offered = set(self.offer.remedies) if self.offer is not None else set()
        return (
            (not when.severity or self.severity in when.severity)
            and (not when.flags or bool(self.flags.intersection(when.flags)))
            and (not when.remedies or bool(offered.intersection(when.remedies)))
            and (not when.liability or self.liability in when.liability)
            and (when.visited is None or when.visited == self.visited)
            and all(
                any(
                    paper.values.get(way.split(".")[1]) in answers
                    for paper in self.papers
                    if paper.record == way.split(".")[0]
                )
                for way, answers in when.answers.items()
            )
        )

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
        kind = "money" if event.compensation else "goods" if "gift" in event.remedies else "none"
        rows = self.rules.profile_of("sh01").approval
        self.row = next((row for row in rows if self._is_about(row.when, kind)), None)
        if self.row is not None:
            self.chain = tuple(sign.by for sign in self.row.sign)
        else:
            self.chain = () if kind == "none" else (BY_TOKEN,)
        assert kind == "none" or self.chain, "something is given without a signature"
        assert event.signatures == (len(self.chain) or None)
        self.offer, self.signers = event, ()
        self._check_records("propose")

    def _is_about(self, when: SettlementWhen, kind: str) -> bool:
        others = (when.liability, when.kind, when.category, when.type, when.flags)
        assert not any(others), "this account knows no such row"
        about = kind in when.compensation or not when.compensation
        return about and (self.severity in when.severity or not when.severity)

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
        self._check_records("decide")
        self.signers = (*self.signers, event.by)
        assert event.missing == len(self.chain) - len(self.signers)

    def _fulfilled(self, event: told.ResolutionFulfilled) -> None:
        assert self.consented == event.round == self.round, "done before the customer agreed"
        self._check_signatures(event.round)
        if self.row is not None and self.row.pay:
            assert self.offer is not None
            assert event.by != self.offer.by, "who proposed it pays"
            self._check_standing(event.by, self.row.pay, spent=self.offer.by)
        self._check_records("fulfil")
        self.fulfilled = event.round

    def _closed(self, event: told.ComplaintClosed, actor: Actor | None) -> None:
        assert self.is_open, "it was over before"
        assert self.consented == event.rounds == self.round, "closed without consent"
        assert self.fulfilled == event.rounds, "closed before it was fulfilled"
        self._check_signatures(event.rounds)
        self._check_records("close")
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
