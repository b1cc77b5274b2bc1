"""What does the desk send to have a step taken? One body per step, each names its command."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from typing_extensions import override

from services.routing.domain.case import Amount
from services.routing.handlers.answer_customer import AnswerCustomer, AnswerForm
from services.routing.handlers.decide_proposal import ApproveProposal, RejectProposal
from services.routing.handlers.investigate_case import InvestigateCase
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.propose_resolution import ProposeResolution
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.reclassify_case import ReclassifyCase
from shared.deciding import Actor
from shared.events.intake import Kind
from shared.events.routing import Liability, WaitingFor
from shared.host.fields import Body, Code, Line


class Order(Body):
    """A step that somebody wants taken."""

    @abstractmethod
    def command(self, complaint_id: UUID, actor: Actor) -> object:
        """What the handlers understand."""


class Investigation(Order):
    """What was found; `cause_code` is a code, free text belongs to intake's sealed notes."""

    liability: Liability
    valid: bool
    cause_code: Code

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> InvestigateCase:
        return InvestigateCase(complaint_id, actor, self.liability, self.valid, self.cause_code)


class Compensation(Body):
    """Money that would be paid."""

    amount: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=4)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Offer(Order):
    """What the company would do."""

    remedies: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10)]
    compensation: Compensation | None = None

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> ProposeResolution:
        money = self.compensation
        paid = Amount(money.amount, money.currency) if money is not None else None
        return ProposeResolution(complaint_id, actor, self.remedies, paid)


class Approval(Order):
    """Signed or sent back; `proposal` is the number of the proposal that was read."""

    proposal: Annotated[int, Field(ge=1, le=10_000)]
    decision: Literal["approve", "reject"]
    reason_code: Code | None = None

    @model_validator(mode="after")
    def _with_reason(self) -> Self:
        if self.decision == "reject" and self.reason_code is None:
            msg = "a rejection needs a reason_code"
            raise ValueError(msg)
        return self

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> ApproveProposal | RejectProposal:
        if self.decision == "reject" and self.reason_code is not None:
            return RejectProposal(complaint_id, actor, self.proposal, self.reason_code)
        return ApproveProposal(complaint_id, actor, self.proposal)


class Reply(Order):
    """The answer's form; without it the one that policy asks for."""

    form: AnswerForm | None = None

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> AnswerCustomer:
        return AnswerCustomer(complaint_id, actor, self.form)


class Waiting(Order):
    """Why it pauses, and whose turn it is."""

    reason: Code
    waiting_for: WaitingFor

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> PauseCase:
        return PauseCase(complaint_id, actor, self.reason, self.waiting_for)


class HandOver(Order):
    """Who gets it; without an assignee somebody present is chosen."""

    department: Code
    reason: Code
    assignee: Code | None = None

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> ReassignCase:
        return ReassignCase(complaint_id, actor, self.department, self.reason, self.assignee)


class NewName(Order):
    """What it turned out to be."""

    kind: Kind
    category: Line
    type: Line

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> ReclassifyCase:
        return ReclassifyCase(complaint_id, actor, self.kind, self.category, self.type)
