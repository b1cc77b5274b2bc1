"""What is the customer written about the complaint?"""

from __future__ import annotations

from services.intake.domain.complaint import Complaint
from shared.deciding import Notice


def to_customer(complaint: Complaint, template: str, occasion: str, **values: str) -> tuple[Notice, ...]:
    """One mail with the link to the case; none without an address or about an imported past.

    The same template and occasion make the same mail: it is sent once.
    """
    if complaint.imported or not complaint.reachable:
        return ()
    return (
        Notice(
            key=f"{template}:{complaint.complaint_id}:{occasion}",
            to="customer",
            template=template,
            language=complaint.language,
            values={
                "complaint_no": complaint.complaint_no,
                "link": f"case:{complaint.complaint_id}",
                **values,
            },
            sealed=complaint.sealed,
        ),
    )
