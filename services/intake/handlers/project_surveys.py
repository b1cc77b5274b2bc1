"""What does the register learn from surveys?"""

from __future__ import annotations

from services.intake.domain.complaint import Complaint
from services.intake.domain.projecting import observe_survey, remember
from services.intake.handlers.told import line, require_known
from shared.deciding import Context, Decision, Event
from shared.events import surveys as told


def project_surveys(
    state: Complaint | None, event: Event[told.SurveyEvent], _context: Context
) -> Decision[Complaint]:
    """The complaint with its survey as it stands and the score once there is one, in any order."""
    complaint = require_known(state, event)
    facts = {"survey": event.data.survey}
    match event.data:
        case told.SurveyInvited():
            seen = observe_survey(complaint, "invited", None, event.sequence)
        case told.SurveyReminded():
            seen = observe_survey(complaint, "reminded", None, event.sequence)
        case told.SurveyAnswered(score=score):
            seen = observe_survey(complaint, "answered", score, event.sequence)
            facts["score"] = f"{score:g}"
        case told.SurveyExpired():
            seen = observe_survey(complaint, "expired", None, event.sequence)
        case _:
            seen = complaint
    return Decision(remember(seen, line(event, facts)))
