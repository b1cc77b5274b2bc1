"""Does everything that people do, see or are told pass the one gate? (ADR 0061)

The routes are walked in `tests/suite/test_gate_matrix.py`, which needs the services; here the commands, the
notices and the code itself.
"""

from __future__ import annotations

import ast
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock
from uuid import UUID

import pytest

from services.escalation.app import PLAN as ESCALATION
from services.escalation.handlers.recompute_clocks import RecomputeClocks
from services.escalation.handlers.report_undelivered import ReportUndelivered
from services.intake.app import PLAN as INTAKE
from services.intake.handlers.register_complaint import RegisterComplaint
from services.routing.app import PLAN as ROUTING
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.admitting import BY_ROLE
from services.routing.handlers.judge_sheet import JudgeSheet
from services.routing.handlers.keeping import AsRead
from services.routing.handlers.place_again import PlaceAgain
from services.routing.handlers.propose_action import ProposeAction
from services.routing.handlers.verify_action import RecheckAction
from services.surveys.app import PLAN as SURVEYS
from shared.database.numbers import Numbers
from shared.deciding import Actor, Decision, Due, Notice
from shared.errors import Forbidden
from shared.messaging.batch import Fold, Plan, Stored, Work
from shared.observability.tracing import Trace
from shared.participation import CUSTOMER
from tests.escalation import builders as escalation
from tests.intake import builders as intake
from tests.routing import builders as routing
from tests.surveys import builders as surveys

ROOT = Path(__file__).parents[2]
PLANS = {"intake": INTAKE, "routing": ROUTING, "escalation": ESCALATION, "surveys": SURVEYS}
STATES = {
    "intake": intake.a_complaint(accused_refs=("mao",), department="sales"),
    "routing": routing.an_assigned_case(accused_refs=("mao",)),
    "escalation": escalation.after(escalation.registered(accused_refs=("mao",)), escalation.assigned()),
    "surveys": replace(surveys.a_waiting_one(), accused=("mao",), department="sales"),
}
RULES = {
    "intake": intake.RULES,
    "routing": routing.RULES,
    "escalation": escalation.RULES,
    "surveys": surveys.RULES,
}
MACHINE = {Due, PlaceAgain, ProposeAction, RecheckAction, ReportUndelivered}
"""What the suite does by itself; everything else says who gives it."""
OTHERWISE = {
    RecomputeClocks: "a whole page of complaints: it passes over those that the director takes no part in",
    RegisterComplaint: "there is nothing yet to take part in; the site is asked for",
    JudgeSheet: "the customer's, behind a secret link; the kernel asks the gate",
}
"""Commands whose handlers do not refuse by person, site and department, and why."""
ROLES = frozenset({"agent", "handler", "manager", "director", "auditor"})
STRANGERS = {
    "accused": Actor("mao", ROLES | {"admin"}, frozenset({"*"})),
    "of another site": Actor("zhou", ROLES, frozenset({"elsewhere"})),
    "of no site": Actor("zhou", ROLES, frozenset()),
}
COMMANDS = [(name, kind) for name, plan in PLANS.items() for kind in plan.commands]


def given(service: str, kind: type, actor: Actor) -> Any:
    """The command of this actor; whatever else stands in it must not have been looked at."""
    parts: dict[str, Any] = {field.name: MagicMock(name=field.name) for field in fields(kind)}
    parts |= {"actor": actor, "complaint_id": STATES[service].complaint_id}
    if kind is AsRead:
        parts |= {"version": STATES[service].version, "command": given(service, AcceptCase, actor)}
    return kind(**parts)


def context(service: str) -> MagicMock:
    found = MagicMock()
    found.rules, found.now = RULES[service], intake.NOW
    return found


@pytest.mark.parametrize(("service", "kind"), COMMANDS)
def test_every_command_says_who_gives_it(service, kind):
    has_actor = "actor" in {field.name for field in fields(kind)}
    assert has_actor is not (kind in MACHINE)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize(("service", "kind"), [one for one in COMMANDS if one[1] not in MACHINE])
def test_every_command_is_refused_to_whoever_takes_no_part(service, kind, who):
    command = given(service, kind, STRANGERS[who])

    if kind is not RecomputeClocks:
        with pytest.raises(Forbidden):
            PLANS[service].admit(STATES[service], command, RULES[service])
    if kind not in OTHERWISE:
        with pytest.raises(Forbidden) as told:
            PLANS[service].commands[kind](STATES[service], command, context(service))
        assert told.value.code in {"recused", "out-of-scope"}


@pytest.mark.parametrize(
    ("service", "kind"),
    [one for one in COMMANDS if one[1] not in MACHINE | BY_ROLE | {RecomputeClocks, RegisterComplaint}],
)
def test_every_command_is_refused_to_another_department_unless_a_role_of_policy_decides(service, kind):
    elsewhere = Actor("zhou", ROLES, frozenset({"*"}), frozenset({"elsewhere"}))

    with pytest.raises(Forbidden) as told:
        PLANS[service].admit(STATES[service], given(service, kind, elsewhere), RULES[service])
    assert (told.value.code, told.value.field) == ("out-of-scope", "department")


@pytest.mark.parametrize("service", PLANS)
def test_the_kernel_asks_the_gate_of_every_service(service):
    plan = PLANS[service]
    decisions: Plan[Any] = plan.decisions

    assert decisions.admit is plan.admit is not None
    assert decisions.involved is plan.involved is not None
    assert plan.involved(STATES[service]).recused
    assert plan.involved(STATES[service]).departments == ("sales",)


@pytest.mark.parametrize("service", PLANS)
def test_nobody_recused_is_told_whatever_a_handler_decides(service):
    state = STATES[service]
    people = ("mao", "li", CUSTOMER)
    notices = tuple(Notice(f"key:{one}", one, "t", "en") for one in people)

    def tells_everybody(_state, _message, _context):
        return Decision(state, notices=notices)

    plan = replace(PLANS[service].decisions, commands={Due: tells_everybody})
    fold: Fold[Any] = Fold(
        plan,
        {state.complaint_id: Stored(state.complaint_id, state.site, state, 1, 0, {})},
        seen=set(),
        keys={},
        numbers=MagicMock(spec=Numbers),
        rules=RULES[service],
        new_id=lambda: UUID(int=7),
    )
    work = Work(Due(state.complaint_id), Trace("c", None))
    fold.apply(work, intake.NOW)

    assert work.error is None
    assert [one.to for _, one in fold.harvest.notices] == ["li", CUSTOMER]


ASKS_SCOPE = {"shared/participation.py", "shared/deciding.py"}
"""Where the scope of a token is looked at; everywhere else the gate is asked."""
RESOLVES_ROLES = {
    "services/routing/domain/standing.py": "who may act in a role: also in whose place, and who has acted before",
    "services/routing/api/presence.py": "who stands in is what is shown",
    "services/routing/pages/presence.py": "who stands in is what is shown",
    "services/surveys/jobs/chasing.py": "rounds of a survey are about nobody",
    "services/escalation/domain/extending.py": "whether the actor holds a role; the gate was asked before",
    "services/escalation/domain/agreeing.py": "whether the actor holds a role; the gate was asked before",
    "services/escalation/domain/ruling.py": "whether whoever is named is there today",
}
"""Who finds people for a role without `participation.reachable`, and why that tells nobody anything."""


def calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def modules_that_call(*names: str, under: tuple[str, ...]) -> set[str]:
    files = (file for part in under for file in (ROOT / part).rglob("*.py"))
    return {str(file.relative_to(ROOT)) for file in files if calls(file) & set(names)}


def test_only_the_gate_looks_at_the_scope_of_a_token():
    found = modules_that_call("may_see_site", "may_see_department", under=("services", "shared"))
    assert found - ASKS_SCOPE == set()


def test_only_the_gate_finds_people_for_a_role():
    assert modules_that_call("holders", "present", under=("services",)) == set(RESOLVES_ROLES)


def test_the_walk_sees_what_it_looks_for():
    assert "shared/participation.py" in modules_that_call("may_see_site", under=("shared",))
