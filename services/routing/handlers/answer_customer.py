"""When may the company's answer go to the customer?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted, require_signature
from services.routing.domain.case import Case
from shared.deciding import Actor, Context, Decision, Notice
from shared.events.routing import ResolutionAnswered
from shared.lifecycle import Action, step

AnswerForm = Literal["written", "phone", "visit", "public"]


@dataclass(frozen=True, slots=True)
class AnswerCustomer:
    """The customer is told what we propose (INF-01, INF-09)."""

    complaint_id: UUID
    actor: Actor
    form: AnswerForm | None = None
    """None: the form that the site's policy asks for."""


def answer_customer(state: Case | None, command: AnswerCustomer, context: Context) -> Decision[Case]:
    """The case, answered, and a notice with the customer's own link to reply by.

    Raises Conflict('signature-missing') while compensation is unsigned (APR-02).
    """
    case = permitted(state, command.actor, HANDLING)
    status = step(case.status, Action.ANSWER)
    require_signature(case)
    form = command.form or context.rules.profile_of(case.site).reply_form
    told = ResolutionAnswered(
        complaint_no=case.complaint_no,
        at=context.now,
        by=command.actor.person,
        round=case.round,
        form=cast("AnswerForm", form),
    )
    return Decision(replace(case, status=status), (told,), _notices(case))


def _notices(case: Case) -> tuple[Notice, ...]:
    if case.history or case.sealed is None:
        return ()
    return (
        Notice(
            key=f"answered:{case.complaint_id}:{case.round}",
            to="customer",
            template="resolution-answered",
            language=case.language,
            values={"complaint_no": case.complaint_no, "link": f"case:{case.complaint_id}"},
            sealed=case.sealed,
        ),
    )
