"""What does a manager's decision on an alarm do to the case? It is obeyed, or says why it cannot be."""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case, Order
from services.routing.domain.involvement import involvement_of
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.reassign_case import ReassignCase, reassign_case
from shared.deciding import Actor, Context, Decision, Event, Notice
from shared.errors import Rejected
from shared.events.escalation import EscalationDecided
from shared.lifecycle import Action, step
from shared.participation import reachable, require_eligible
from shared.policy.model import Rulebook

TEMPLATE = "manager-instructed"
TAKEN_OVER = "taken-over"
ON_ALARM = "decided-on-alarm"


def obey_manager(state: Case | None, event: Event[EscalationDecided], context: Context) -> Decision[Case]:
    """The case with the decision on record and carried out; one that is known already: unchanged.

    Escalation has checked it. What has become impossible since (the case has ended, the department is
    empty) is recorded with its reason and the manager is told; nothing is retried or parked.
    Raises NotYet('unknown-complaint').
    """
    case, data = require_registered(state, event), event.data
    order = Order(
        escalation_id=data.escalation_id,
        decision=data.decision,
        by=data.by,
        at=data.at,
        department=data.department,
        assignee=data.assignee,
        reason_code=data.reason_code,
        sealed=data.sealed,
    )
    if any((known.escalation_id, known.at) == (order.escalation_id, order.at) for known in case.orders):
        return Decision(case)
    try:
        done = _obeyed(case, order, context)
    except Rejected as error:
        order = replace(order, refusal=error.code)
        done = Decision(case, notices=_told(case, order, data.by, "manager-not-obeyed", context.rules))
    assert done.state is not None, "an order never ends a case"
    return replace(done, state=replace(done.state, orders=(*done.state.orders, order)))


def _obeyed(case: Case, order: Order, context: Context) -> Decision[Case]:
    if order.by in case.recused:
        raise Rejected("recused", "a person complained about takes no part in the case", field="by")
    if order.decision == "take_over":
        taker = context.rules.person(order.by)
        if taker is not None:
            require_eligible(taker, involvement_of(case), field="by")
        return _taken_over(case, order, context)
    if order.decision == "reassign":
        actor = Actor(order.by, frozenset({"manager"}), frozenset({case.site}))
        command = ReassignCase(
            complaint_id=case.complaint_id,
            actor=actor,
            department=order.department or case.department,
            reason=order.reason_code or ON_ALARM,
            assignee=order.assignee,
        )
        return reassign_case(case, command, context)
    if order.decision == "instruct":
        reader = _reader(case, context)
        return Decision(case, notices=_told(case, order, reader, TEMPLATE, context.rules))
    return Decision(case)  # more time is escalation's own affair


def _taken_over(case: Case, order: Order, context: Context) -> Decision[Case]:
    status = step(case.status, Action.ASSIGN)
    placement = replace(
        case.placement,
        assignee=order.by,
        rule=TAKEN_OVER,
        reason=order.reason_code or ON_ALARM,
        at=context.now,
        by=order.by,
    )
    taken = replace(case, status=status, placement=placement, former=(*case.former, case.placement))
    return Decision(taken, (tell_assigned(taken),))


def _reader(case: Case, context: Context) -> str | None:
    """Who has to read an instruction: the assignee, else whoever leads the department here."""
    if case.placement.assignee is not None:
        return case.placement.assignee
    leaders = reachable(("department.manager",), involvement_of(case), context.rules, context.now)
    return next(iter(leaders), None)


def _told(case: Case, order: Order, person: str | None, template: str, rules: Rulebook) -> tuple[Notice, ...]:
    if person is None or person in case.recused:
        return ()
    known, author = rules.person(person), rules.person(order.by)
    notice = Notice(
        key=f"order:{case.complaint_id}:{order.escalation_id}:{order.at.isoformat()}:{template}",
        to=person,
        template=template,
        language=known.language if known else case.language,
        values={
            "complaint_no": case.complaint_no,
            "site": case.site,
            "department": case.department,
            "by": author.name if author else order.by,
            "decision": order.decision,
            "reason": order.refusal or "-",
        },
    )
    return (notice,)
