"""What does the customer's survey answer leave in the case?"""

from __future__ import annotations

from dataclasses import replace

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case, Verdict
from shared.deciding import Context, Decision, Event
from shared.events.surveys import SurveyAnswered


def note_verdict(state: Case | None, event: Event[SurveyAnswered], _context: Context) -> Decision[Case]:
    """The case with the score on record, once per form."""
    case = require_registered(state, event)
    data = event.data
    if any(verdict.form_no == data.form_no for verdict in case.verdicts):
        return Decision(case)
    verdict = Verdict(data.form_no, data.score, data.satisfied)
    return Decision(replace(case, verdicts=(*case.verdicts, verdict)))
