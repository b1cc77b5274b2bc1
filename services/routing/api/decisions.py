"""What does somebody send who decides beside the way: a visit, a mode, a review, a recusal?"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from typing_extensions import override

from services.routing.api.orders import Compensation, Order, amount_of
from services.routing.domain.case import Goods
from services.routing.handlers.choose_mode import ChooseMode, HandlingMode
from services.routing.handlers.conclude_review import ConcludeReview
from services.routing.handlers.decide_visit import DecideVisit
from services.routing.handlers.describe_goods import DescribeGoods
from services.routing.handlers.postpone_fulfilment import PostponeFulfilment
from services.routing.handlers.recuse_person import RecusePerson
from shared.deciding import Actor
from shared.host.fields import Code, Day


class VisitOrNot(Order):
    """Whether the customer is visited; `tests` says of every test of policy whether it is passed."""

    visits: bool
    tests: Annotated[dict[Code, bool], Field(max_length=50, default_factory=dict)]
    reason_code: Code | None = None

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> DecideVisit:
        return DecideVisit(complaint_id, actor, self.visits, self.tests, self.reason_code)


class NewMode(Order):
    """How it is handled from now on, and why."""

    mode: HandlingMode
    reason_code: Code

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> ChooseMode:
        return ChooseMode(complaint_id, actor, self.mode, self.reason_code)


class ReviewResult(Order):
    """What came of a review that began with the case."""

    kind: Code
    result_code: Code

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> ConcludeReview:
        return ConcludeReview(complaint_id, actor, self.kind, self.result_code)


class LaterDate(Order):
    """On which day it is carried out, as agreed with the customer, and why not at once."""

    on: Day
    reason_code: Code

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> PostponeFulfilment:
        return PostponeFulfilment(complaint_id, actor, self.on, self.reason_code)


class GoodsKnown(Order):
    """What is known of the goods; what is left out stays as it was."""

    sold_on: Day | None = None
    covered_until: Day | None = None
    """The last day of warranty, shelf life or objection period by contract or label."""
    proof: bool | None = None
    """Whether goods and proof of purchase were looked at and are in order."""
    phase: Literal["before-delivery", "delivered"] | None = None
    paid: Compensation | None = None
    deposit: Compensation | None = None

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> DescribeGoods:
        goods = Goods(
            self.sold_on,
            self.covered_until,
            self.proof,
            self.phase,
            amount_of(self.paid),
            amount_of(self.deposit),
        )
        return DescribeGoods(complaint_id, actor, goods)


class Recusal(Order):
    """Who takes no part from now on."""

    person: Code

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> RecusePerson:
        return RecusePerson(complaint_id, actor, self.person)
