"""When may the company's answer go to the customer?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast
from uuid import UUID

from services.routing.domain.answering import chosen_form, require_evidence, speakers, template_of
from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.recording import require_records
from services.routing.domain.signing import require_signed
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
    form_reason: str | None = None
    """Why it is another form than that."""


def answer_customer(state: Case | None, command: AnswerCustomer, context: Context) -> Decision[Case]:
    """The case, answered, and a notice with the customer's own link to reply by.

    It apologises or explains, as the finding asks, in the customer's language.
    Raises Conflict('signature-missing'), Conflict('evidence-missing'), Rejected('other-form').
    Source: APR-02, INF-01, INF-09, DSP-06, DSP-07, RTE-39.
    """
    rules = context.rules
    speaking = speakers(state, rules) if state is not None else None
    case = permitted(state, command.actor, HANDLING, departments=speaking)
    status = step(case.status, Action.ANSWER)
    require_signed(case)
    require_evidence(case, rules)
    require_records(case, "answer", rules)
    form = chosen_form(case, command.form, command.form_reason, rules)
    told = ResolutionAnswered(
        complaint_no=case.complaint_no,
        at=context.now,
        by=command.actor.person,
        round=case.round,
        form=cast("AnswerForm", form),
    )
    return Decision(replace(case, status=status), (told,), _notices(case, template_of(case, form, rules)))


def _notices(case: Case, template: str) -> tuple[Notice, ...]:
    if case.history or case.sealed is None:
        return ()
    return (
        Notice(
            key=f"answered:{case.complaint_id}:{case.round}",
            to="customer",
            template=template,
            language=case.language,
            values={"complaint_no": case.complaint_no, "link": f"case:{case.complaint_id}"},
            sealed=case.sealed,
        ),
    )
