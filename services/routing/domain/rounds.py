"""How often has the customer refused, and who above hears of it? (C-12, INF-02, edge case 7)"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.domain.case import Case
from services.routing.domain.standing import Hall, who_may
from services.routing.domain.terms import Raise
from shared.policy.model import Rulebook


def rung_of(case: Case, rules: Rulebook, now: datetime) -> Raise | None:
    """Which rung of the ladder hears of this round; None: it is too early, or nobody is there.

    The round that policy names reaches the first rung, each further one the next, up to the last.
    Rounds are never forbidden: a customer may refuse as often as it takes.
    """
    profile = rules.profile_of(case.site)
    first = profile.repropose_escalate_at
    if not first or case.round < first or not profile.escalation:
        return None
    place = min(case.round - first, len(profile.escalation) - 1)
    level = profile.escalation[place]
    people = who_may(level.to, Hall(case, rules, now))
    return Raise(case.round, level.level, tuple(one.person for one in people), now) if people else None


def raised(case: Case, rung: Raise | None) -> Case:
    """The case with the rung on record."""
    return replace(case, raises=(*case.raises, rung)) if rung is not None else case
