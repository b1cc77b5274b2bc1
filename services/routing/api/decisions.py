"""What does somebody send who decides beside the way: a visit, a mode, a review, a recusal?"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import override

from services.routing.api.orders import Order
from services.routing.handlers.choose_mode import ChooseMode, HandlingMode
from services.routing.handlers.conclude_review import ConcludeReview
from services.routing.handlers.decide_visit import DecideVisit
from services.routing.handlers.recuse_person import RecusePerson
from shared.deciding import Actor
from shared.host.fields import Code


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


class Recusal(Order):
    """Who takes no part from now on."""

    person: Code

    @override
    def command(self, complaint_id: UUID, actor: Actor) -> RecusePerson:
        return RecusePerson(complaint_id, actor, self.person)
