"""What does surveys react to, and with which function?"""

from __future__ import annotations

from services.surveys.handlers.ask_again import ask_again
from services.surveys.handlers.ask_customer import ask_customer
from services.surveys.handlers.chase_answer import chase_answer
from services.surveys.handlers.correct_contact import correct_contact
from services.surveys.handlers.drop_question import drop_question
from services.surveys.handlers.keep_contact import keep_contact
from services.surveys.handlers.score_answer import AnswerSurvey, score_answer
from services.surveys.handlers.take_back_answer import TakeBackAnswer, take_back_answer
from shared.deciding import Commands, Due, Reactions
from shared.events.intake import (
    ComplaintAmended,
    ComplaintDeclined,
    ComplaintMerged,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintWithdrawn,
)
from shared.events.routing import ComplaintClosed
from shared.lettering import ReportLetter, report_letter

REACTIONS: Reactions = {
    ComplaintRegistered: keep_contact,
    ComplaintAmended: correct_contact,
    ComplaintDeclined: drop_question,
    ComplaintMerged: drop_question,
    ComplaintWithdrawn: drop_question,
    ComplaintReopened: ask_again,
    ComplaintClosed: ask_customer,
}
COMMANDS: Commands = {
    AnswerSurvey: score_answer,
    ReportLetter: report_letter,
    TakeBackAnswer: take_back_answer,
    Due: chase_answer,
}
