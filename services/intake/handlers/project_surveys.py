"""What does the register learn from surveys?"""

from __future__ import annotations

from typing import Any

from services.intake.domain.complaint import Complaint
from services.intake.domain.projecting import remember, survey_seen
from services.intake.handlers.told import line, require_known
from shared.deciding import Context, Decision, Event
from shared.events import surveys as told


def project_surveys(
    state: Complaint | None, event: Event[told.SurveyEvent], _context: Context
) -> Decision[Complaint]:
    """The complaint with its survey as it stands and the score once there is one, in any order."""
    complaint = require_known(state, event)
    facts = {"survey": event.data.survey}
    changes: dict[str, Any] = {}
    match event.data:
        case told.SurveyInvited():
            changes = survey_seen(complaint, "invited", None, event.sequence)
        case told.SurveyReminded():
            changes = survey_seen(complaint, "reminded", None, event.sequence)
        case told.SurveyAnswered(score=score):
            changes = survey_seen(complaint, "answered", score, event.sequence)
            facts["score"] = f"{score:g}"
        case told.SurveyExpired():
            changes = survey_seen(complaint, "expired", None, event.sequence)
    return Decision(remember(complaint, line(event, facts), changes))
