"""Whom does a case wait for inside the company, and whose word will it need?"""

from __future__ import annotations

from datetime import datetime

from services.routing.domain.case import Case
from services.routing.domain.duties import in_person
from services.routing.domain.involvement import involvement_of
from services.routing.domain.signing import A_DIRECTOR, DIRECTOR, required, whose_turn
from services.routing.domain.standing import HANDLER, Hall, Standing, who_may
from shared.deciding import Actor
from shared.lifecycle import Status
from shared.participation import may_take_part
from shared.policy.model import Rulebook


def awaited(case: Case, rules: Rulebook, now: datetime) -> tuple[str, ...]:
    """The persons whose step comes next because a role of policy has to take it; empty: the handler's.

    Those who are there stand first.
    """
    found: tuple[Standing, ...] = ()
    hall = Hall(case, rules, now)
    terms = case.proposal.terms if case.proposal is not None else None
    match case.status:
        case Status.ASSIGNED | Status.ACCEPTED if case.confirmation is None:
            found = in_person(case, rules, now)
        case Status.PROPOSED:
            found = whose_turn(case, rules, now)
        case Status.AGREED if terms is not None and terms.pay:
            found = who_may(terms.pay, hall)
        case Status.FULFILLED if terms is not None and terms.close and HANDLER not in terms.close:
            found = who_may(terms.close, hall)
        case _:
            pass
    return tuple(one.person for one in found)


def is_asked(case: Case, actor: Actor, rules: Rulebook, now: datetime) -> bool:
    """Whether policy names this actor for a step of the case, whatever department they belong to (RCS-02)."""
    if not may_take_part(involvement_of(case), actor, departments=()):
        return False
    proposal = case.proposal
    chain = required(proposal) if proposal is not None else ()
    if A_DIRECTOR in chain and DIRECTOR in actor.roles:
        return True
    terms = proposal.terms if proposal is not None else None
    roles = [one.by for one in chain if one != A_DIRECTOR]
    roles += [terms.pay, terms.close] if terms is not None else []
    hall = Hall(case, rules, now)
    named = {one.person for some in roles if some for one in who_may(some, hall)}
    return actor.person in named or actor.person in {one.person for one in in_person(case, rules, now)}
