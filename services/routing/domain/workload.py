"""What does one assignment change for the next? Whoever got a case has one more."""

from __future__ import annotations

from services.routing.domain.case import Case
from shared.deciding import Decision
from shared.events.routing import ComplaintAssigned
from shared.policy.model import Rulebook


def with_assignments(rules: Rulebook, decision: Decision[Case]) -> Rulebook:
    """The rulebook with the workload after this decision, so that a batch spreads like single messages."""
    case = decision.state
    if case is None or case.has_ended or case.history or case.placement.assignee is None:
        return rules
    for told in decision.tells:
        if isinstance(told, ComplaintAssigned):
            return rules.with_workload(rules.workload.plus(case.placement.assignee))
    return rules
