"""How are the events that surveys told taken back, after its database was restored from an older dump?

An invitation follows from the closing that was heard, a reminder and an expiry from time. What no event
carries: the words that the customer wrote beside an answer.
"""

from __future__ import annotations

from dataclasses import replace

from services.surveys.domain.invitation import Invitation
from services.surveys.handlers.take_back_answer import TakeBackAnswer
from shared.deciding import Due, Event, Recall, Recalls, person_of
from shared.events import surveys as told
from shared.events.letters import LetterFailed
from shared.lettering import letter_again


def _as_invited(state: Invitation, event: Event[told.SurveyInvited]) -> Invitation:
    form, data = state.form, event.data
    if form is None or form.form_no != data.form_no:
        return state
    return replace(state, form=replace(form, invited_at=data.at, expires_at=data.expires_at))


RECALLS: Recalls = {
    LetterFailed: Recall(letter_again),
    told.SurveyInvited: Recall(corrected=_as_invited),
    told.SurveyReminded: Recall(lambda _, event: Due(event.subject)),
    told.SurveyExpired: Recall(lambda _, event: Due(event.subject)),
    told.SurveyAnswered: Recall(
        lambda _, event: TakeBackAnswer(
            event.subject, person_of(event), event.data.form_no, event.data.score, event.data.satisfied
        ),
        ("comment",),
    ),
}
