"""Who has to do with a complaint of the register?"""

from __future__ import annotations

from services.intake.domain.complaint import Complaint
from shared.lifecycle import ENDED
from shared.participation import Involvement


def involvement_of(complaint: Complaint) -> Involvement:
    """What the gate asks of it. What came in as history waits for nobody at the desk."""
    waits = complaint.department is None and complaint.status not in ENDED and not complaint.imported
    return Involvement(
        site=complaint.site,
        departments=(complaint.department,) if complaint.department is not None else (),
        recused=complaint.recused,
        waits_for_department=waits,
    )
