"""Is there any path to the end without consent, fulfilment and signature? Random walks look for one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.decide_proposal import ApproveProposal, RejectProposal
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.resume_case import ResumeCase
from shared.deciding import Decision
from shared.errors import Rejected
from shared.events import routing as told
from shared.events.base import EventData
from shared.events.intake import CustomerReplied
from tests.routing.builders import (
    COMPLAINT,
    a_finding,
    a_proposal,
    an_actor,
    an_assigned_case,
    declined,
    do,
    euros,
    hear,
    registered,
    reopened,
    replied,
    withdrawn,
)

ACCUSED = "zhou"
PEOPLE = {
    "chen": ("handler",),
    "li": ("manager",),
    "zhao": ("director",),
    "wang": ("handler", "manager", "director"),
    ACCUSED: ("handler", "manager", "director", "admin"),
    "root": ("admin",),
}
actors = st.sampled_from([an_actor(person, *roles) for person, roles in PEOPLE.items()])
money = st.sampled_from([None, euros("5"), euros("50000")])
numbers = st.integers(1, 4)
routine = st.one_of(
    st.builds(AcceptCase, st.just(COMPLAINT), actors),
    st.builds(lambda actor: a_finding(actor=actor), actors),
    st.builds(lambda actor, pays: a_proposal(pays, actor=actor), actors, money),
    st.builds(ApproveProposal, st.just(COMPLAINT), actors, numbers),
    st.builds(AnswerCustomer, st.just(COMPLAINT), actors, st.just("written")),
    st.builds(lambda accepts, number: replied(accepts=accepts, in_round=number), st.booleans(), numbers),
    st.builds(FulfilResolution, st.just(COMPLAINT), actors),
    st.builds(CloseCase, st.just(COMPLAINT), actors),
)
detours = st.one_of(
    st.builds(RejectProposal, st.just(COMPLAINT), actors, numbers, st.just("no")),
    st.builds(PauseCase, st.just(COMPLAINT), actors, st.just("parts"), st.just("supplier")),
    st.builds(ResumeCase, st.just(COMPLAINT), actors),
    st.builds(
        ReassignCase, st.just(COMPLAINT), actors, st.sampled_from(["sales", "quality"]), st.just("why")
    ),
    st.builds(
        ReclassifyCase,
        st.just(COMPLAINT),
        actors,
        st.just("complaint"),
        st.sampled_from(["refund", "x"]),
        st.just("t"),
    ),
    st.sampled_from([withdrawn(), declined(), reopened(), registered()]),
)
IN_ORDER = st.tuples(
    st.builds(AcceptCase, st.just(COMPLAINT), actors),
    st.builds(lambda actor: a_finding(actor=actor), actors),
    st.builds(lambda actor, pays: a_proposal(pays, actor=actor), actors, money),
)
walks = st.tuples(IN_ORDER, st.lists(st.one_of(routine, routine, detours), min_size=5, max_size=60)).map(
    lambda parts: [*parts[0], *parts[1]]
)


def attempt(case, message) -> Decision | None:
    try:
        if isinstance(message, EventData):
            return hear(case, message)
        return do(case, message)
    except Rejected:
        return None


class Ledger:
    """What happened according to the events alone, kept apart from the case that is examined."""

    def __init__(self) -> None:
        self.offered: told.ResolutionProposed | None = None
        self.signers: list[str] = []
        self.answered: int | None = None
        self.consented: int | None = None
        self.fulfilled: int | None = None

    def hear(self, event: EventData) -> None:
        assert getattr(event, "by", None) != ACCUSED, "a person complained about acted"
        match event:
            case told.ComplaintAssigned():
                assert event.assignee != ACCUSED
                assert event.department, "a case without an owner"
            case told.ResolutionProposed():
                self.offered, self.signers = event, []
            case told.ResolutionApproved():
                self.signers.append(event.by)
            case told.ResolutionAnswered():
                self.answered = event.round
                self.check_signature()
            case told.ResolutionFulfilled():
                assert self.consented == event.round, "done before the customer agreed"
                self.fulfilled = event.round
                self.check_signature()
            case told.ComplaintClosed():
                assert self.consented == event.rounds, "closed without consent"
                assert self.fulfilled == event.rounds, "closed before it was fulfilled"

    def consent(self, reply: CustomerReplied) -> None:
        if reply.accepts and reply.round == self.answered:
            self.consented = reply.round

    def check_signature(self) -> None:
        assert self.offered is not None
        if self.offered.compensation is not None:
            assert [s for s in self.signers if s != self.offered.by], "money without a signature"
            for signer in self.signers:
                assert "director" in PEOPLE[signer]


@settings(max_examples=250, deadline=None)
@given(walks)
def test_no_path_closes_without_consent_and_fulfilment_or_pays_without_a_signature(walk):
    case, ledger = an_assigned_case(accused_refs=(ACCUSED,)), Ledger()

    for message in walk:
        decision = attempt(case, message)
        if decision is None:
            continue
        if isinstance(message, CustomerReplied):
            ledger.consent(message)
        for event in decision.tells:
            ledger.hear(event)
        case = decision.state


def test_the_walks_do_reach_the_end():
    case, closed = an_assigned_case(accused_refs=(ACCUSED,)), []
    handler, director = an_actor("chen"), an_actor("zhao", "director")
    walk = [
        AcceptCase(COMPLAINT, handler),
        a_finding(actor=handler),
        a_proposal(euros("5"), actor=handler),
        ApproveProposal(COMPLAINT, director, 1),
        AnswerCustomer(COMPLAINT, handler, "written"),
        replied(),
        FulfilResolution(COMPLAINT, handler),
        CloseCase(COMPLAINT, handler),
    ]
    ledger = Ledger()

    for message in walk:
        decision = attempt(case, message)
        assert decision is not None, message
        if isinstance(message, CustomerReplied):
            ledger.consent(message)
        for event in decision.tells:
            ledger.hear(event)
            closed += [event] if isinstance(event, told.ComplaintClosed) else []
        case = decision.state

    assert len(closed) == 1
