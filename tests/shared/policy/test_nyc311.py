"""Does the profile for New York's 311 requests send each row of the city's own data to the city's agency?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.cli.columns import bind, map_row
from shared.cli.mapping import load_mapping
from shared.cli.rows import CsvFile
from shared.policy.loader import load_rulebook
from shared.policy.model import Facts
from shared.policy.replaying import read_replay, replay

ROOT = Path(__file__).parents[3]
ORGANISATION = ROOT / "deploy" / "organisation" / "nyc311.yaml"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FILES = {
    "nyc311_2013_dev.csv": ("Complaint Type", "Descriptor", "Agency"),
    "nyc311_2019_dev.csv": ("complaint_type", "descriptor", "agency"),
}


def data_file(name: str) -> Path:
    """The file beside the project or above it; the test is skipped without it."""
    for folder in ROOT.parents:
        if (file := folder / "shared" / "data" / name).is_file():
            return file
    pytest.skip(f"no ../shared/data/{name} here; it is not part of the project")


@pytest.mark.parametrize("name", FILES)
def test_every_row_goes_to_the_agency_that_the_city_sent_it_to(name):
    category, kind, agency = FILES[name]
    columns = {"category": category, "type": kind}

    found = replay(
        load_rulebook(ORGANISATION), read_replay(data_file(name), columns, {"site": "nyc1"}, agency), NOW
    )

    assert found.rows > 400
    assert [(past.facts.category, sent, to.department) for past, sent, to in found.wrong] == []
    assert found.ambiguous == {}


def test_spelling_tells_housing_from_buildings():
    rules = load_rulebook(ORGANISATION)
    lead = {
        name: next(row.lead for row in rules.profile_of("nyc1").routing if name in row.when.category)
        for name in ("PLUMBING", "Plumbing", "ELEVATOR", "Elevator", "Derelict Vehicle", "Derelict Vehicles")
    }

    assert list(lead.values()) == ["hpd", "dob", "hpd", "dob", "nypd", "dsny"]


@pytest.mark.parametrize("name", FILES)
def test_every_row_that_the_shipped_mapping_reads_reaches_its_agency(name):
    rules = load_rulebook(ORGANISATION)
    sent: list[tuple[str, str]] = []
    with CsvFile(data_file(name)) as file:
        bound = bind(load_mapping("nyc311"), file.header)
        for row in file.rows():
            given = map_row(bound, row.cells)
            facts = Facts(
                kind=given["kind"], category=given["category"], type=given["type"],
                channel=given["channel"], site="nyc1",
            )  # fmt: skip
            lead = rules.profile_of("nyc1").route(facts).lead
            sent.append((lead.upper(), given["details"]["agency"]))

    assert len(sent) > 400
    assert [pair for pair in sent if pair[0] != pair[1]] == []
