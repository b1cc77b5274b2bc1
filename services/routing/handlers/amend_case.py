"""What does a correction of the register change here? The facts, who is recused, the sealed contact."""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from services.routing.domain.duties import with_open_mode
from services.routing.domain.goods import sold_on
from services.routing.domain.moving import moved
from services.routing.domain.signing import unsigned
from services.routing.handlers.assign_team import line_of, set_flags, tell_assigned
from services.routing.handlers.informing import MOVED, inform_again
from services.routing.handlers.propose_resolution import restated
from shared.deciding import Context, Decision, Event
from shared.events.intake import AmendedFacts, ComplaintAmended
from shared.lettering import contact_corrected
from shared.lifecycle import Action, may, step
from shared.policy.claims import claim_of
from shared.policy.model import Facts

_NOTHING = AmendedFacts()


def amend_case(state: Case | None, event: Event[ComplaintAmended], context: Context) -> Decision[Case]:
    """The case as it is known now, in other hands if the new facts belong elsewhere; an ended one stays.

    A person accused later loses the case at once, a safety flag set later sends it where such go.
    Source: RCS-01, RTE-01, SEV-01.
    """
    case = require_registered(state, event)
    told = event.data.facts or _NOTHING
    if not may(case.status, Action.AMEND):
        # Letters go out after the end too: what is known of how to reach the customer follows.
        reached = replace(
            case, sealed=event.data.sealed or case.sealed, language=told.language or case.language
        )
        return _followed(Decision(reached if reached != case else case), event)
    amended = replace(
        case,
        status=step(case.status, Action.AMEND),
        sealed=event.data.sealed or case.sealed,
        language=told.language or case.language,
        amended_at=event.data.at,
        goods=replace(case.goods, sold_on=sold_on(told.product) or case.goods.sold_on),
    )
    facts = _amended(case.facts, told)
    recused = case.recused
    if told.accused_refs is not None:
        recused = tuple(dict.fromkeys((*told.accused_refs, *case.set_aside)))
    if (facts, recused) == (case.facts, case.recused):
        return _followed(Decision(amended if amended != case else case), event)
    settled, is_placed_anew = moved(amended, facts, recused, context.rules, context.now)
    # What is dangerous is no longer deferred, and who is accused has signed nothing that is on the table.
    settled = unsigned(with_open_mode(settled, context.rules), recused)
    is_told = is_placed_anew or settled.mode != case.mode
    heard = inform_again(settled, context.rules, MOVED) if is_placed_anew else ()
    decision = Decision(settled, (tell_assigned(settled),) if is_told else (), heard)
    # Others sign in the place of whoever is accused now, and for what is graver than it was.
    return _followed(restated(decision, context), event)


def _followed(decision: Decision[Case], event: Event[ComplaintAmended]) -> Decision[Case]:
    """With the errand that a corrected address leaves."""
    errands = contact_corrected(event.complaint_id, event.data.changed, event.data.at)
    return replace(decision, notices=(*decision.notices, *errands)) if errands else decision


def _amended(facts: Facts, told: AmendedFacts) -> Facts:
    return replace(
        facts,
        grade=told.customer_grade or facts.grade,
        flags=facts.flags if told.flags is None else set_flags(told.flags),
        product_line=facts.product_line if told.product is None else line_of(told.product),
        claimed=facts.claimed if (m := told.claimed) is None else claim_of(m.amount, m.currency),
    )
