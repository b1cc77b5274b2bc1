"""How are the events that surveys told taken back, after its database was restored from an older dump?

An invitation follows from the closing that was heard, a reminder and an expiry from time. What no event
carries: the words that the customer wrote beside an answer.
"""

from __future__ import annotations

from services.surveys.handlers.take_back_answer import TakeBackAnswer
from shared.deciding import Due, Recall, Recalls
from shared.events import surveys as told

RECALLS: Recalls = {
    told.SurveyInvited: Recall(),
    told.SurveyReminded: Recall(lambda _, event: Due(event.subject)),
    told.SurveyExpired: Recall(lambda _, event: Due(event.subject)),
    told.SurveyAnswered: Recall(
        lambda _, event: TakeBackAnswer(
            event.subject, event.data.form_no, event.data.score, event.data.satisfied
        ),
        ("comment",),
    ),
}
