"""Who answers an alarm, and from when on is nobody else called?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.escalation.domain.alarm import Escalation
from services.escalation.domain.involvement import involvement_of
from services.escalation.domain.sheet import ClockSheet, with_escalation
from services.escalation.domain.turn import Turn
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound
from shared.events.escalation import EscalationAcknowledged
from shared.participation import LINK_LIFETIME, may_act_for, require_part
from shared.policy.model import Rulebook


def alarm_of(state: ClockSheet | None, escalation_id: UUID, actor: Actor) -> tuple[ClockSheet, Escalation]:
    """The sheet and its alarm, if this actor may answer it.

    Raises NotFound('unknown-escalation'), Forbidden('out-of-scope'), Forbidden('recused'): a person
    complained about decides nothing in the case (RCS-01).
    """
    if state is not None:
        require_part(involvement_of(state), actor)
    escalation = state.escalation(escalation_id) if state is not None else None
    if state is None or escalation is None:
        raise NotFound("unknown-escalation", "there is no such escalation", field="escalation_id")
    return state, escalation


def require_link_holds(
    sheet: ClockSheet, escalation: Escalation, person: str, rules: Rulebook, now: datetime
) -> None:
    """Nothing, if the link that this person was sent may still be used.

    It lasts for some weeks from the last notice to the person, and only while they hold what it was sent for:
    a role of the ladder, or of those who get a copy, at this site and for a department that has the case or
    had it, or the place of whoever does. Raises Forbidden('link-over').
    """
    alerts = [alert.at for alert in escalation.alerts if person in alert.to] or [escalation.alerts[0].at]
    profile = rules.profile_of(sheet.site)
    roles = (
        *(role for level in profile.escalation for role in level.to),
        *profile.alarming.copied_to(sheet.facts),
    )
    if now >= max(alerts) + LINK_LIFETIME or not _holds(sheet, escalation, person, roles, rules):
        raise Forbidden(
            "link-over",
            "this link has expired, or is no longer yours to use",
            field="token",
            remedy="Sign in and use POST /escalations/{id}/acknowledge or /decisions with a token.",
        )


def _holds(
    sheet: ClockSheet, escalation: Escalation, person: str, roles: tuple[str, ...], rules: Rulebook
) -> bool:
    key = (escalation.clock, escalation.life, escalation.round)
    own = (clock.department for clock in sheet.clocks if clock.key == key)
    had = (mark.party for mark in sheet.marks if mark.party in rules.organisation.departments)
    involved = involvement_of(sheet)
    each = dict.fromkeys((*involved.departments, *own, *had, None))
    toward = (replace(involved, departments=(one,) if one else ()) for one in each)
    return any(may_act_for(person, roles, one, rules) for one in toward)


def answered(turn: Turn, escalation: Escalation, person: str, now: datetime) -> Turn:
    """The turn with the ladder stopped by this person; unchanged if it stands already."""
    if not escalation.is_open:
        return turn
    done = replace(escalation, acknowledged_by=person, acknowledged_at=now, climbs_at=None)
    event = EscalationAcknowledged(
        complaint_no=turn.sheet.complaint_no,
        escalation_id=str(done.id),
        level=done.level,
        by=person,
        at=now,
    )
    return turn.then(with_escalation(turn.sheet, done), event)
