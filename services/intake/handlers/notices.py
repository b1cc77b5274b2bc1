"""What are the customer and the desk written about the complaint?"""

from __future__ import annotations

from services.intake.domain.complaint import Complaint
from services.intake.domain.involvement import involvement_of
from shared.deciding import Context, Notice
from shared.participation import reachable, stand_in_of


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
        for person in map(context.rules.person, _desk(complaint, context))
        if person is not None
    )


def _desk(complaint: Complaint, context: Context) -> tuple[str, ...]:
    """The first of whom anybody is there: who has it, its department, the triage desk, the site's manager."""
    rules = context.rules
    if complaint.site not in rules.organisation.sites:
        return ()
    site, involved = rules.site(complaint.site), involvement_of(complaint)
    for whom in (
        (complaint.assignee,) if complaint.assignee else (),
        rules.members(complaint.department, site=site.id) if complaint.department else (),
        rules.members(site.triage_desk, site=site.id) if site.triage_desk else (),
    ):
        found = (stand_in_of(one, involved, rules, context.now) for one in whom if rules.person(one))
        there = tuple(dict.fromkeys(one for one in found if one is not None))
        if there:
            return there
    return reachable(("site.manager",), involved, rules, context.now)
