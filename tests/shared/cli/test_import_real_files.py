"""Do real files read whole, with the figures that were counted in them by other means?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shared.cli.columns import bind, map_row
from shared.cli.mapping import load_mapping
from shared.cli.rows import CsvFile
from shared.errors import Rejected

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real files are not shipped with the project")


def read(name: str, mapping: str) -> tuple[list[dict], list[tuple[int, str]]]:
    good, bad = [], []
    with CsvFile(DATA / name) as file:
        bound = bind(load_mapping(mapping), file.header)
        for row in file.rows():
            try:
                if row.fault:
                    raise row.fault
                good.append(map_row(bound, row.cells))
            except Rejected as error:
                bad.append((row.line, error.code))
    return good, bad


def test_every_complaint_of_2014_is_read_with_its_channel_and_its_postcode():
    good, bad = read("cfpb_2014_dev.csv", "cfpb")

    assert bad == []
    assert len({row["ref"] for row in good}) == 3547
    assert Counter(row["channel"] for row in good) == {
        "web": 2675,
        "referral": 462,
        "phone": 199,
        "letter": 160,
        "fax": 51,
    }
    codes = [row["customer"]["postcode"] for row in good if "postcode" in row.get("customer", {})]
    assert len(codes) == 3547 - 27
    assert any(code.startswith("0") for code in codes)
    assert all(len(code) == 5 for code in codes)


def test_every_complaint_of_2023_is_read_with_its_narrative():
    good, bad = read("cfpb_2023_dev.csv", "cfpb")
    told = [row["narrative"] for row in good if "narrative" in row]

    assert (len(good), bad) == (970, [])
    assert len(told) == 192
    assert sum("\n" in text for text in told) == 94
    assert sum("XXXX" in text for text in told) == 133


@pytest.mark.parametrize(("name", "rows"), [("nyc311_2013_dev.csv", 964), ("nyc311_2019_dev.csv", 405)])
def test_every_request_to_the_city_is_read(name, rows):
    good, bad = read(name, "nyc311")

    assert (len(good), bad) == (rows, [])


def test_a_short_last_row_that_lacks_nothing_is_read():
    good, bad = read("dirty/cfpb_2014_short_last_row.csv", "cfpb")

    assert (len(good), bad) == (300, [])


def test_a_file_cut_in_a_quoted_cell_loses_only_its_last_row_and_says_so():
    good, bad = read("dirty/cfpb_2023_truncated.csv", "cfpb")

    assert len(good) == 200
    assert [code for _, code in bad] == ["file-cut"]


def test_a_byte_order_mark_does_not_stick_to_the_first_column():
    with CsvFile(DATA / "dirty" / "tickets_300_bom.csv") as file:
        assert file.header == ("Description", "Category")
        assert sum(1 for _ in file.rows()) == 300
