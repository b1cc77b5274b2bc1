"""What does a correction of the register change here? The facts, who is recused, the sealed contact."""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from services.routing.domain.duties import with_open_mode
from services.routing.domain.goods import with_sale
from services.routing.domain.moving import moved
from services.routing.domain.placing import matter_of, place
from services.routing.domain.signing import unsigned
from services.routing.handlers.assign_team import line_of, set_flags, tell_assigned
from services.routing.handlers.informing import MOVED, inform_again
from services.routing.handlers.propose_resolution import restated
from shared.deciding import Context, Decision, Event
from shared.events.intake import AmendedFacts, ComplaintAmended
from shared.lettering import contact_corrected
from shared.lifecycle import Action, Status, may, step
from shared.policy.claims import claim_of
from shared.policy.model import Facts

_NOTHING = AmendedFacts()


def amend_case(state: Case | None, event: Event[ComplaintAmended], context: Context) -> Decision[Case]:
    """The case as it is known now, in other hands if the new facts belong elsewhere; an ended one stays.

    A person accused later loses the case at once, a safety flag set later sends it where such go.
    Source: RCS-01, RTE-01, SEV-01.
    """
    known = require_registered(state, event)
    told = event.data.facts or _NOTHING
    case = _of_history(known, told, event.data.sealed, context)
    if not may(case.status, Action.AMEND):
        # Letters go out after the end too: what is known of how to reach the customer follows.
        reached = replace(
            case, sealed=event.data.sealed or case.sealed, language=told.language or case.language
        )
        tells = (tell_assigned(case),) if case.placement != known.placement else ()
        return _followed(Decision(reached if reached != known else known, tells), event)
    amended = replace(
        case,
        status=step(case.status, Action.AMEND),
        sealed=event.data.sealed or case.sealed,
        language=told.language or case.language,
        amended_at=event.data.at,
        goods=with_sale(case.goods, told.product),
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


def _of_history(case: Case, told: AmendedFacts, sealed: str | None, context: Context) -> Case:
    """The case with the dates as the register that it comes from has them now, ended if it ended there.

    The desk may have begun with it while that was on its way; then it ends like one that is withdrawn. One
    that had ended there is placed anew for the statistics, and stays nobody's work.
    """
    if not case.history:
        return case
    case = replace(case, received_at=told.received_at or case.received_at)
    if told.closed_at is not None and (not case.has_ended or case.status is Status.CLOSED):
        case = replace(case, status=Status.CLOSED, ended_at=told.closed_at, pause=None, options=())
    if case.status is not Status.CLOSED:
        return case
    language, goods = told.language or case.language, with_sale(case.goods, told.product)
    case = replace(case, language=language, sealed=sealed or case.sealed, goods=goods)
    facts = _amended(case.facts, told)
    if facts != case.facts:
        case = replace(case, facts=facts)
        case = replace(case, placement=place(matter_of(case), context.rules, context.now))
    return case


def _amended(facts: Facts, told: AmendedFacts) -> Facts:
    return replace(
        facts,
        kind=told.kind or facts.kind,
        category=told.category or facts.category,
        type=told.type or facts.type,
        channel=told.channel or facts.channel,
        grade=told.customer_grade or facts.grade,
        flags=facts.flags if told.flags is None else set_flags(told.flags),
        product_line=facts.product_line if told.product is None else line_of(told.product),
        claimed=facts.claimed if (m := told.claimed) is None else claim_of(m.amount, m.currency),
    )
