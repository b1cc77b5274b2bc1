"""The customer answers: what is it worth?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.surveys.domain.invitation import Answer, Form, Invitation, answer
from services.surveys.domain.involvement import involvement_of
from services.surveys.domain.lifecycle import Step, step
from services.surveys.domain.scale import find_grade, is_satisfied
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, NotFound
from shared.events.surveys import SurveyAnswered
from shared.participation import require_part
from shared.policy.model import Rulebook


@dataclass(frozen=True, slots=True)
class AnswerSurvey:
    """One grade of the scale for the form that the customer has in front of them."""

    complaint_id: UUID
    actor: Actor
    form_no: str
    grade: str
    comment_sealed: str | None = None


def score_answer(state: Invitation | None, command: AnswerSurvey, context: Context) -> Decision[Invitation]:
    """survey.answered with the grade's stored points (SUR-08); the answer is the stored `Answer`.

    Raises Conflict: 'survey-answered', 'survey-expired', 'survey-not-open', 'survey-replaced' (a
    newer form is out), 'survey-withdrawn' (policy dropped it); Rejected('unknown-grade').
    """
    if state is None:
        raise NotFound("unknown-survey", "nobody is asked about this complaint")
    require_part(involvement_of(state), command.actor)
    form = _open_form(state, command, context)
    profile = context.rules.profile_of(state.site)
    rule = profile.survey
    if rule is None or rule.name != form.survey:
        raise Conflict("survey-withdrawn", f"survey {form.survey} is no longer asked")
    grade = find_grade(rule, command.grade)
    given = Answer(
        grade=grade.code,
        score=grade.points,
        satisfied=is_satisfied(rule, grade),
        at=context.now,
        policy_version=profile.version,
        comment_sealed=command.comment_sealed,
    )
    told = SurveyAnswered(
        complaint_no=state.complaint_no,
        survey=form.survey,
        form_no=form.form_no,
        at=given.at,
        score=given.score,
        satisfied=given.satisfied,
    )
    return Decision(answer(state, given), (told,), answer=given)


def admit(state: Invitation, command: Any, _rules: Rulebook) -> None:
    """Raises Forbidden('out-of-scope', 'recused') if the command's actor may not take part; time has none."""
    actor: Actor | None = getattr(command, "actor", None)
    if actor is not None:
        require_part(involvement_of(state), actor)


def _open_form(state: Invitation, command: AnswerSurvey, context: Context) -> Form:
    if any(form.form_no == command.form_no for form in state.earlier):
        raise Conflict("survey-replaced", "the complaint was taken up again", field="form_no")
    step(state.status_at(context.now), Step.ANSWER)
    form = state.form
    if form is None or form.form_no != command.form_no:
        raise NotFound("unknown-form", "no such form was issued", field="form_no")
    return form
