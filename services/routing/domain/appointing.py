"""Is it carried out at once, or on a date that was agreed with a reason? (DSP-23)"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.routing.domain.case import Case
from services.routing.domain.terms import Appointment
from shared.errors import Conflict
from shared.policy.model import Rulebook
from shared.worktime.local_time import local

AT_ONCE = "at-once"


def day_at(case: Case, moment: datetime, rules: Rulebook) -> date:
    """The day that this moment is at the site of the case."""
    return local(moment, ZoneInfo(rules.site(case.site).timezone)).date()


def appointment_of(case: Case) -> Appointment | None:
    """The date that holds: the newest of the present round."""
    return next((one for one in reversed(case.appointments) if one.round == case.round), None)


def require_at_once(case: Case, rules: Rulebook, now: datetime) -> None:
    """Raises Conflict('date-missing') for what was not carried out at once and has no date with a reason."""
    is_late = case.agreed_at is not None and day_at(case, now, rules) > day_at(case, case.agreed_at, rules)
    wanted = rules.profile_of(case.site).promises.fulfilment == AT_ONCE
    if wanted and is_late and appointment_of(case) is None:
        raise Conflict(
            "date-missing",
            "policy wants it carried out on the day of the agreement, or on a date agreed with a reason",
            field="appointment",
            remedy="Agree on a date with the customer and record it by POST /cases/{id}/appointments.",
        )
