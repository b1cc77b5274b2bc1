"""New York's service requests of one day as the import brings them: with their own targets and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.cli.columns import bind, map_row
from shared.cli.mapping import load_mapping
from shared.cli.rows import CsvFile
from shared.events.intake import ComplaintRegistered
from shared.policy.model import Department, RouteRule, Rulebook, When
from tests.escalation.builders import CALENDAR, RULES, registered

FILE = Path(__file__).parents[3] / "shared" / "data" / "nyc311_2013_dev.csv"
MAPPING = Path(__file__).parents[1] / "suite" / "nyc" / "by_agency.yaml"
NEW_YORK = ZoneInfo("America/New_York")
EXTRACTED = datetime.combine(date(2014, 5, 2), time(), NEW_YORK)
TODAY = datetime(2026, 3, 2, tzinfo=UTC)
AGENCIES = ("HPD", "NYPD", "DOT", "DEP", "DSNY", "DOB", "DOHMH", "DPR", "DOF", "DCA", "HRA", "TLC")


def city_rules() -> Rulebook:
    """The test company with a site in New York whose departments are the city's agencies."""
    organisation, profile = RULES.organisation, RULES.profiles["test"]
    site = replace(organisation.sites["sh01"], id="us01", timezone="America/New_York", profile="city")
    departments = {one: Department(one, {"en": one}) for one in AGENCIES}
    rows = tuple(RouteRule(one, one, When(category=(one,))) for one in AGENCIES)
    return replace(
        RULES,
        organisation=replace(
            organisation,
            sites={**organisation.sites, "us01": site},
            departments={**organisation.departments, **departments},
            calendars={**organisation.calendars, "desk": CALENDAR},
        ),
        profiles={**RULES.profiles, "city": replace(profile, routing=rows)},
    )


@cache
def requests() -> tuple[ComplaintRegistered, ...]:
    """Each row as intake would tell it."""
    told = []
    with CsvFile(FILE) as file:
        bound = bind(load_mapping(str(MAPPING)), file.header)
        for row in file.rows():
            cells = map_row(bound, row.cells)
            moments = {name: datetime.fromisoformat(cells[name]) for name in DATES if name in cells}
            told.append(
                registered(
                    moments["received_at"],
                    complaint_no=cells["ref"],
                    category=cells["category"],
                    type=cells["type"],
                    channel=cells["channel"],
                    history=True,
                    promised_at=moments.get("due_at"),
                    closed_at=moments.get("closed_at"),
                )
            )
    return tuple(told)


DATES = ("received_at", "due_at", "closed_at")
