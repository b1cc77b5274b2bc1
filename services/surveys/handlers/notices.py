"""Which letter does the customer get about a survey?"""

from __future__ import annotations

from services.surveys.domain.invitation import Form, Invitation
from shared.deciding import Notice


def notice(state: Invitation, form: Form, template: str) -> Notice:
    """A letter to the customer; one per form and template, the dispatcher signs the link."""
    return Notice(
        key=f"{template}:{form.form_no}",
        to="customer",
        template=template,
        language=state.language,
        values={"complaint_no": state.complaint_no, "link": f"survey:{state.complaint_id}"},
        sealed=state.sealed,
    )
