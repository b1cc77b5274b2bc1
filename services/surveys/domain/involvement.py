"""Who has to do with what a customer is asked about a complaint?"""

from __future__ import annotations

from services.surveys.domain.invitation import Invitation
from shared.participation import Involvement


def involvement_of(invitation: Invitation) -> Involvement:
    """What the gate asks of it. Before the complaint is closed no department has it here."""
    departments = (invitation.department,) if invitation.department is not None else ()
    recused = frozenset((*invitation.accused, *invitation.set_aside))
    return Involvement(invitation.site, departments, recused)
