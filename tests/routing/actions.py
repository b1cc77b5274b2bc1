"""Actions, and rulebooks that say something about them: a test says only what matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from services.routing.domain.case import Case
from services.routing.handlers import COMMANDS
from services.routing.handlers.complete_action import CompleteAction
from services.routing.handlers.decide_action import AdoptAction, CancelAction
from services.routing.handlers.open_actions import OpenActions, PlannedStep
from services.routing.handlers.verify_action import VerifyAction
from shared.deciding import Actor, Decision
from shared.policy.liability import Corrective, LiabilityRule
from shared.policy.model import Rulebook
from tests.routing.builders import COMPLAINT, HANDLER, MANAGER, NOW, a_context, a_rulebook, an_actor

WEEK = timedelta(days=7)
DUE = NOW + WEEK
QIAN = an_actor("qian", "handler")
"""Of the quality department, which owns the actions here."""
SUN = an_actor("sun", "handler")
"""Of billing: another department, which may judge."""


def rules_with(*, liability: dict[str, LiabilityRule] | None = None, people=(), **corrective) -> Rulebook:
    """The usual rulebook with these rules of corrective action."""
    rules = a_rulebook(*people)
    profile = replace(rules.profiles["test"], corrective=Corrective(**corrective), liability=liability or {})
    return replace(rules, profiles={"test": profile})


def a_step(discipline: str = "D3", **given) -> PlannedStep:
    return PlannedStep(**{"discipline": discipline, "department": "quality", "due_at": DUE, **given})


def a_capa(measure: str = "corrective", **given) -> PlannedStep:
    return a_step("CAPA", measure=measure, **given)


def an_order(*steps: PlannedStep, actor: Actor = HANDLER, **given) -> OpenActions:
    return OpenActions(COMPLAINT, actor, steps or (a_step(),), **given)


def completion(action: str = "a-1", actor: Actor = QIAN, **given) -> CompleteAction:
    return CompleteAction(COMPLAINT, actor, action, **given)


def judgement(action: str = "a-1", *, effective: bool = True, actor: Actor = SUN, **given) -> VerifyAction:
    return VerifyAction(COMPLAINT, actor, action, effective, **given)


def adoption(action: str = "a-1", actor: Actor = MANAGER, **given) -> AdoptAction:
    return AdoptAction(
        **{"complaint_id": COMPLAINT, "actor": actor, "action_id": action, "due_at": DUE, **given}
    )


def cancellation(action: str = "a-1", actor: Actor = MANAGER) -> CancelAction:
    return CancelAction(COMPLAINT, actor, action, "duplicate")


def decide(
    case: Case | None, command: object, rules: Rulebook | None = None, now: datetime = NOW
) -> Decision[Case]:
    context = a_context(rules, now) if rules is not None else a_context(now=now)
    return COMMANDS[type(command)](case, command, context)


def then(case: Case, *commands: object, rules: Rulebook | None = None, now: datetime = NOW) -> Case:
    for command in commands:
        decided = decide(case, command, rules, now).state
        assert decided is not None
        case = decided
    return case
