"""The customer answered, and the database that knew it is gone: what does the event still say?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.surveys.domain.invitation import Answer, Invitation, answer
from services.surveys.domain.involvement import involvement_of
from shared.deciding import Actor, Context, Decision
from shared.errors import NotFound
from shared.events.surveys import SurveyAnswered
from shared.participation import require_part


@dataclass(frozen=True, slots=True)
class TakeBackAnswer:
    """What survey.answered says; the grade is the one of the scale with these points."""

    complaint_id: UUID
    actor: Actor
    form_no: str
    score: float
    satisfied: bool


def take_back_answer(
    state: Invitation | None, command: TakeBackAnswer, context: Context
) -> Decision[Invitation]:
    """The invitation with the answer, told as it was.

    Raises NotFound('unknown-survey', 'unknown-form'), Conflict as `answer` does, Forbidden as the gate does.
    """
    if state is None:
        raise NotFound("unknown-survey", "nobody is asked about this complaint")
    require_part(involvement_of(state), command.actor)
    form = state.form
    if form is None or form.form_no != command.form_no:
        raise NotFound("unknown-form", "no such form is out", field="form_no")
    profile = context.rules.profile_of(state.site)
    scale = profile.survey.scale if profile.survey is not None else ()
    given = Answer(
        grade=next((grade.code for grade in scale if grade.points == command.score), ""),
        score=command.score,
        satisfied=command.satisfied,
        at=context.now,
        policy_version=form.policy_version,
    )
    told = SurveyAnswered(
        complaint_no=state.complaint_no,
        survey=form.survey,
        form_no=form.form_no,
        at=given.at,
        score=given.score,
        satisfied=given.satisfied,
    )
    return Decision(answer(state, given), (told,))
