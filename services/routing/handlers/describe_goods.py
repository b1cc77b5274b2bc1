"""How old are the goods, under which warranty, with which papers, and what was paid for them?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case, Goods
from services.routing.domain.goods import described
from services.routing.domain.remedying import counts_as
from services.routing.handlers.propose_resolution import restated
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict
from shared.lifecycle import WORKING, Action, step


@dataclass(frozen=True, slots=True)
class DescribeGoods:
    """This is known of the goods; what is left out stays as it was."""

    complaint_id: UUID
    actor: Actor
    goods: Goods


def describe_goods(state: Case | None, command: DescribeGoods, context: Context) -> Decision[Case]:
    """The case with what is known of its goods, and what follows for its finding and its proposal.

    Whoever works on it may say so, assisting departments too. Once the customer has been answered it
    stands as it was answered. Raises Conflict('goods-settled'), and what `described` raises.
    Source: C-09, C-15, DSP-15, DSP-19, TYP-17.
    """
    case = permitted(state, command.actor, HANDLING, assisting=True)
    step(case.status, Action.RECLASSIFY)  # any open case; an ended one refuses
    if case.stage not in WORKING:
        raise Conflict(
            "goods-settled",
            "the customer has been answered by what was known of the goods",
            field="status",
            remedy="If they refuse, describe the goods in the next round.",
        )
    known = replace(case, goods=described(case, command.goods, context.rules))
    if known == case:
        return Decision(case)
    finding = known.finding
    if finding is not None:
        known = replace(known, finding=replace(finding, counts_as=counts_as(known, context.rules)))
    return restated(Decision(known), context)
