"""Who has to do with a complaint's clocks and alarms?"""

from __future__ import annotations

from services.escalation.domain.sheet import ClockSheet
from shared.participation import Involvement


def involvement_of(sheet: ClockSheet) -> Involvement:
    """What the gate asks of it. What came in as history waits for nobody at the desk."""
    waits = sheet.department is None and sheet.ended is None and not sheet.history
    return Involvement(
        site=sheet.site,
        departments=(sheet.department,) if sheet.department is not None else (),
        recused=sheet.recused,
        waits_for_department=waits,
    )
