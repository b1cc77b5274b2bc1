"""Who is there, and who stands in for whom? Called once for each time between two comings or goings.

Between them nothing about presence changes, so that a decision looks people up instead of asking
everybody's calendar (docs/decisions/0053-presence-is-a-switch-over-the-file.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.policy.attendance import Attendance
from shared.policy.organisation import Organisation, Seat

Members = tuple[tuple[str, Seat | None], ...]
"""Each member's id with whoever is there in their place, mostly themselves; None: nobody is."""
_EVER = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Roll:
    """What was found out for one such time; it fills as it is asked."""

    organisation: Organisation
    attendance: Attendance
    since: datetime
    until: datetime
    _present: dict[str, str | None] = field(default_factory=dict)
    _members: dict[tuple[str, str], Members] = field(default_factory=dict)

    def is_for(self, organisation: Organisation, attendance: Attendance, moment: datetime) -> bool:
        """Whether it answers for these people at that moment."""
        return (
            self.organisation is organisation
            and self.attendance is attendance
            and self.since <= moment < self.until
        )

    def present(self, person: str) -> str | None:
        """The person, or the stand-in of whoever is absent (RCS-03); None if nobody is there."""
        if person in self._present:
            return self._present[person]
        found = self._present[person] = self._first_there(person)
        return found

    def members(self, department: str, site: str) -> Members:
        """The people of the department at this site, by their ids, each with who is there for them."""
        key = (department, site)
        known = self._members.get(key)
        if known is None:
            roster = self.organisation.roster(department, site)
            known = self._members[key] = tuple((seat.id, self._seat(seat.id)) for seat in roster)
        return known

    def _seat(self, person: str) -> Seat | None:
        present = self.present(person)
        return self.organisation.seat(present) if present is not None else None

    def _first_there(self, person: str) -> str | None:
        candidate: str | None = person
        people = self.organisation.people
        # Stand-ins go round in no circle, the checks see to that; no way is longer than there are people.
        for _ in range(len(people) + 1):
            known = people.get(candidate) if candidate else None
            if known is None:
                return None
            if is_there(known.id, self.organisation, self.attendance, self.since):
                return known.id
            candidate = known.stand_in
        return None


def is_there(person: str, organisation: Organisation, attendance: Attendance, moment: datetime) -> bool:
    """Whether the person is at work in these days: what was said of them counts before the file."""
    said = attendance.said_of(person, moment)
    known = organisation.people.get(person)
    return known is not None and (known.is_there(moment) if said is None else said)


def called(organisation: Organisation, attendance: Attendance, moment: datetime) -> Roll:
    """An empty roll for the time around that moment in which nobody comes or goes."""
    comings = set(_comings_and_goings(organisation, attendance))
    since = max((one for one in comings if one <= moment), default=_EVER)
    until = min((one for one in comings if one > moment), default=_NEVER)
    return Roll(organisation, attendance, since, until)


def _comings_and_goings(organisation: Organisation, attendance: Attendance) -> Iterator[datetime]:
    for person in organisation.people.values():
        for absence in person.absences:
            yield absence.since
            yield absence.until
    yield from attendance.ends()
