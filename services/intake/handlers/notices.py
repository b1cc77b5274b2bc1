"""What are the customer and the desk written about the complaint?"""

from __future__ import annotations

from services.intake.domain.complaint import Complaint
from shared.deciding import Context, Notice
from shared.policy.model import Rulebook


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


def to_desk(
    complaint: Complaint, template: str, occasion: str, context: Context, **values: str
) -> tuple[Notice, ...]:
    """A notice to whoever looks after the customer now; never to somebody complained about."""
    return tuple(
        Notice(
            key=f"{template}:{complaint.complaint_id}:{occasion}:{person.id}",
            to=person.id,
            template=template,
            language=person.language,
            values={"complaint_no": complaint.complaint_no, **values},
        )
        for person in map(context.rules.person, _desk(complaint, context.rules))
        if person is not None
    )


def _desk(complaint: Complaint, rules: Rulebook) -> tuple[str, ...]:
    """The first that anybody is left of: who has it, its department, the triage desk, the manager."""
    if complaint.site not in rules.organisation.sites:
        return ()
    site = rules.site(complaint.site)
    for whom in (
        (complaint.assignee,) if complaint.assignee else (),
        rules.members(complaint.department, site=site.id) if complaint.department else (),
        rules.members(site.triage_desk, site=site.id) if site.triage_desk else (),
        rules.holders("site.manager", site=site.id, department=None),
    ):
        left = tuple(one for one in whom if one not in complaint.accused_refs and rules.person(one))
        if left:
            return left
    return ()
