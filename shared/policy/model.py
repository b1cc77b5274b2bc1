"""What do policy and organisation say? The one door to both, with the rulebook that finds in them.

Every figure of a profile cites its requirement row in a YAML comment. What a source leaves open is
written `must_be_set` and refused at start, never filled by a silent default (edge case 42).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.errors import Rejected
from shared.policy.alarming import Alarming, CopyRule
from shared.policy.attendance import NOTHING_SAID, Attendance
from shared.policy.gates import Extension
from shared.policy.minting import minted
from shared.policy.organisation import Absence, Department, Organisation, Person, Site, Stage
from shared.policy.profile import Grade, Level, Profile, SurveyRule
from shared.policy.promising import Pausing
from shared.policy.roll import Roll, called, is_there
from shared.policy.rules import (
    ClockRule,
    Facts,
    FanOutRule,
    LimitRule,
    RouteRule,
    SeverityRule,
    When,
    limit_of,
    limit_row_of,
    matches,
)
from shared.policy.settling import ApprovalRule, Settlement, exceeds_authority, signers
from shared.policy.statutes import Law
from shared.policy.workload import NOBODY_BUSY, Workload
from shared.worktime import Calendar

__all__ = [
    "Absence",
    "Alarming",
    "ApprovalRule",
    "Attendance",
    "ClockRule",
    "CopyRule",
    "Department",
    "Extension",
    "Facts",
    "FanOutRule",
    "Grade",
    "Law",
    "Level",
    "LimitRule",
    "Organisation",
    "Pausing",
    "Person",
    "Profile",
    "RouteRule",
    "Rulebook",
    "Settlement",
    "SeverityRule",
    "Site",
    "Stage",
    "SurveyRule",
    "When",
    "Workload",
    "exceeds_authority",
    "limit_of",
    "limit_row_of",
    "matches",
    "signers",
]


@minted
@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that decisions are made by: the organisation and the profiles its sites use."""

    organisation: Organisation
    profiles: Mapping[str, Profile]
    laws: Mapping[str, Law] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    """Organisations of other times, by rising moment; before the first the one above holds."""
    workload: Workload = field(default=NOBODY_BUSY, compare=False)
    """How much everybody has on the desk; counted by routing, empty elsewhere."""
    attendance: Attendance = field(default=NOTHING_SAID, compare=False)
    """Who said to be away or back; kept by routing, empty elsewhere."""
    _rolls: list[Roll] = field(default_factory=list, compare=False, repr=False)
    """The roll that was called last, kept for speed; no part of what a rulebook says."""

    def at(self, moment: datetime) -> Rulebook:
        """The same rulebook with the organisation that is in force at that moment."""
        if not self.stages:
            return self
        found = next((stage for stage in reversed(self.stages) if stage.since <= moment), None)
        # What it gives can be asked again, so it carries all stages; the one before them all first.
        return self if found is None else replace(self, organisation=found.organisation)

    def with_workload(self, workload: Workload) -> Rulebook:
        """The same rulebook with another count of open cases."""
        # By position: this is done for every single assignment.
        return Rulebook(
            self.organisation,
            self.profiles,
            self.laws,
            self.stages,
            workload,
            self.attendance,
            self._rolls,
        )

    def with_attendance(self, attendance: Attendance) -> Rulebook:
        """The same rulebook with other switches of presence."""
        return replace(self, attendance=attendance)

    def roll(self, moment: datetime) -> Roll:
        """Who is there at that moment, and who stands in for whom."""
        rolls = self._rolls
        if not rolls or not rolls[0].is_for(self.organisation, self.attendance, moment):
            rolls[:] = [called(self.organisation, self.attendance, moment)]
        return rolls[0]

    def is_there(self, person: str, moment: datetime) -> bool:
        """Whether the person is at work, by what was said of them or by the organisation file."""
        return is_there(person, self.organisation, self.attendance, moment)

    def site(self, site: str) -> Site:
        """The site. Raises Rejected('unknown-site')."""
        try:
            return self.organisation.sites[site]
        except KeyError:
            raise Rejected(
                "unknown-site",
                f"no site {site} in the organisation",
                field="site",
                remedy=f"Known sites: {', '.join(sorted(self.organisation.sites))}.",
            ) from None

    def profile_of(self, site: str) -> Profile:
        """The policy that holds at the site."""
        return self.profiles[self.site(site).profile]

    def laws_of(self, site: str) -> tuple[Law, ...]:
        """The law packs that bind the site."""
        return tuple(self.laws[law] for law in self.site(site).laws if law in self.laws)

    def calendar_of(self, site: str) -> Calendar:
        """The site's working calendar."""
        return self.organisation.calendars[self.site(site).calendar]

    def person(self, person: str) -> Person | None:
        """The person, if the organisation knows one of that id."""
        return self.organisation.people.get(person)

    def members(self, department: str, *, site: str) -> tuple[str, ...]:
        """Ids of the people of the department at this site, sorted; its manager included."""
        return tuple(seat.id for seat in self.organisation.roster(department, site))

    def holders(self, role: str, *, site: str, department: str | None) -> tuple[str, ...]:
        """Ids of the people who hold a role for this site and department, sorted.

        `department.manager` and `site.manager` name the manager of the complaint's own
        department or site; a person's id stands for the person; anything else is a role.
        """
        organisation = self.organisation
        if role == "department.manager":
            known = organisation.departments.get(department or "")
            leader = known.manager_at(site) if known else None
            return (leader,) if leader else ()
        if role == "site.manager":
            manager = self.site(site).manager
            return (manager,) if manager else ()
        if role in organisation.people:
            return (role,)
        return organisation.holders_of(role, site)

    def present(self, person: str, moment: datetime) -> str | None:
        """The person, or the stand-in of whoever is absent (RCS-03); None if nobody is there."""
        return self.roll(moment).present(person)

    def represented(self, person: str, moment: datetime, recused: Collection[str]) -> str | None:
        """The same where some take no part: neither they nor whoever they would send (RCS-01)."""
        if not recused:
            return self.present(person, moment)
        for one in self.line_of(person):
            if one in recused:
                return None
            if self.is_there(one, moment):
                return one
        return None

    def line_of(self, person: str) -> Iterator[str]:
        """The person, their stand-in, that one's stand-in, and so on; each known one once."""
        seen: set[str] = set()
        known = self.person(person)
        while known is not None and known.id not in seen:
            seen.add(known.id)
            yield known.id
            known = self.person(known.stand_in) if known.stand_in is not None else None
