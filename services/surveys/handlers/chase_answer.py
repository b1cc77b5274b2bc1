"""No answer yet: is it time to ask again, or to stop waiting?"""

from __future__ import annotations

from services.surveys.domain.invitation import Form, Invitation, expire, remind
from services.surveys.handlers.notices import notice
from shared.deciding import Context, Decision, Due
from shared.errors import NotFound
from shared.events.surveys import SurveyExpired, SurveyReminded


def chase_answer(state: Invitation | None, _due: Due, context: Context) -> Decision[Invitation]:
    """survey.expired, or survey.reminded with a letter (SUR-04); too early changes nothing.

    After a long downtime a form whose time is over expires without a reminder before it.
    """
    if state is None:
        raise NotFound("unknown-survey", "nobody is asked about this complaint")
    wake_at, form = state.wake_at, state.form
    if wake_at is None or form is None or context.now < wake_at:
        return Decision(state)
    if context.now >= form.expires_at:
        return Decision(expire(state), (_expired(state, form, context),))
    reminded = SurveyReminded(
        complaint_no=state.complaint_no,
        survey=form.survey,
        form_no=form.form_no,
        at=context.now,
    )
    letter = notice(state, form, "survey-reminded")
    return Decision(remind(state, context.now), (reminded,), (letter,))


def _expired(state: Invitation, form: Form, context: Context) -> SurveyExpired:
    return SurveyExpired(
        complaint_no=state.complaint_no,
        survey=form.survey,
        form_no=form.form_no,
        at=context.now,
    )
