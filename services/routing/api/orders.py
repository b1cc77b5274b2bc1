"""What does the desk send to have a step taken? One body per step, each names its command."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from typing_extensions import override

from services.routing.domain.offering import Amount, Option, Quantity
from services.routing.handlers.answer_customer import AnswerCustomer, AnswerForm
from services.routing.handlers.decide_proposal import ApproveProposal, RejectProposal
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.investigate_case import InvestigateCase
from services.routing.handlers.pause_case import PauseCase
from services.routing.handlers.propose_resolution import ProposeResolution
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.reclassify_case import ReclassifyCase
from services.routing.handlers.send_sheet import SendSheet
from shared.deciding import Actor
from shared.events.intake import Kind
from shared.events.routing import CostBearer, Liability, WaitingFor
from shared.host.fields import Body, Code, Line, Number


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
    joint: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    """Departments that analysed it together."""
    evidence: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    """References of files or reports."""

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> InvestigateCase:
        return InvestigateCase(
            complaint_id, actor, self.liability, self.valid, self.cause_code, self.joint, self.evidence
        )


class Compensation(Body):
    """Money that would be paid."""

    amount: Annotated[Number, Field(gt=0, max_digits=14, decimal_places=4)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Quantities(Body):
    """How much comes back and how much is delivered for it, in one unit."""

    returned: Annotated[Number, Field(gt=0, max_digits=14, decimal_places=4)]
    delivered: Annotated[Number, Field(gt=0, max_digits=14, decimal_places=4)]
    unit: Code


class Alternative(Body):
    """One way to settle it; `goods`: what is given beyond what was bought, by its worth."""

    remedies: Annotated[tuple[Code, ...], Field(min_length=1, max_length=10)]
    compensation: Compensation | None = None
    goods: Compensation | None = None
    cost_bearer: CostBearer | None = None
    """Who pays for it, where it is not whom policy names."""
    impossible: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    """What the customer wants and cannot be given; `reason_code` says why."""
    reason_code: Code | None = None
    quantity: Quantities | None = None


class Offer(Alternative, Order):
    """What the company would do, best first; `alternatives` are offered next if it is refused."""

    alternatives: Annotated[tuple[Alternative, ...], Field(max_length=10)] = ()

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> ProposeResolution:
        best = _option(self)
        return ProposeResolution(
            complaint_id,
            actor,
            best.remedies,
            best.compensation,
            best.goods,
            tuple(_option(one) for one in self.alternatives),
            cost_bearer=best.cost_bearer,
            impossible=best.impossible,
            reason_code=best.reason_code,
            quantity=best.quantity,
        )


def _option(given: Alternative) -> Option:
    quantity = given.quantity
    return Option(
        given.remedies,
        amount_of(given.compensation),
        amount_of(given.goods),
        cost_bearer=given.cost_bearer,
        impossible=given.impossible,
        reason_code=given.reason_code,
        quantity=Quantity(quantity.returned, quantity.delivered, quantity.unit) if quantity else None,
    )


def amount_of(given: Compensation | None) -> Amount | None:
    """The money as the domain has it; None: none."""
    return Amount(given.amount, given.currency) if given is not None else None


class Approval(Order):
    """Signed or sent back; `proposal` is the number of the proposal that was read."""

    proposal: Annotated[int, Field(ge=1, le=10_000)]
    decision: Literal["approve", "reject"]
    reason_code: Code | None = None
    tests: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    """What was checked before signing, where policy asks for it."""

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
        return ApproveProposal(complaint_id, actor, self.proposal, self.tests)


class Reply(Order):
    """The answer's form; without it the one that policy asks for, another one needs a reason."""

    form: AnswerForm | None = None
    form_reason: Code | None = None

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> AnswerCustomer:
        return AnswerCustomer(complaint_id, actor, self.form, self.form_reason)


class Carried(Order):
    """It was carried out; `attachments` lie with the report, where policy asks for them."""

    attachments: Annotated[tuple[Code, ...], Field(max_length=50)] = ()

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> FulfilResolution:
        return FulfilResolution(complaint_id, actor, self.attachments)


class Waiting(Order):
    """Why it pauses, and whose turn it is."""

    reason: Code
    waiting_for: WaitingFor

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> PauseCase:
        return PauseCase(complaint_id, actor, self.reason, self.waiting_for)


class SheetToCustomer(Order):
    """Which report; without a number the newest."""

    sheet: Annotated[int, Field(ge=1, le=1000)] | None = None

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> SendSheet:
        return SendSheet(complaint_id, actor, self.sheet)


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
