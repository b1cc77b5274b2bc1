"""Is each cell of a foreign file read as the field that it is, and each bad one named?"""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.cli.columns import bind, map_row
from shared.cli.mapping import SHIPPED, load_mapping
from shared.cli.rows import CsvFile
from shared.errors import Rejected

OLD = """\
Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Submitted via,Date received,\
Date sent to company,Company,Company response,Timely response?,Consumer disputed?
1113116,Credit reporting,,"Incorrect information, on report",Account status,CT,06242,Postal mail,\
11/12/2014,11/12/2014,"Bank, Inc.",Closed,Yes,
"""
NEW = """\
Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company public response,\
Company,State,ZIP code,Tags,Consumer consent provided?,Submitted via,Date sent to company,\
Company response to consumer,Timely response?,Consumer disputed?,Complaint ID
2023-07-17,Mortgage,N/A,Struggling to pay,,"First line
second XXXX line",,Bank,WA,985XX,"Older American, Servicemember",,Web Referral,2023-07-18,Closed,Yes,N/A,7262502
"""
API = """\
date_received,product,issue,complaint_what_happened,zip_code,submitted_via,complaint_id
2023-07-17,Mortgage,Struggling,It went wrong,00501,Phone,7
"""
CITY_OLD = """\
Unique Key,Created Date,Agency,Complaint Type,Descriptor,Incident Zip,Borough
26985527,12/25/2013 11:54:00 PM,DEP,Noise,Barking Dog,10034,MANHATTAN
"""
CITY_NEW = """\
unique_key,created_date,agency,complaint_type,descriptor,incident_zip,borough,open_data_channel_type
45278137,2019-12-31T23:59:11.000,NYPD,Noise,Pounding,11229,Unspecified,MOBILE
"""

OWN = """\
mapping: own
source: a test
fields:
  ref: {column: number}
  site: {constant: sh01}
  kind: {constant: complaint}
  category: {constant: goods}
  type: {constant: broken}
  channel: {constant: other}
  received_at: {constant: "2026-03-02T08:00:00Z"}
  product.line: {column: line}
  claimed.amount: {column: sum}
  claimed.currency: {constant: EUR}
  customer.grade: {column: class}
"""


def mapped(text: str, name: str, tmp_path: Path) -> dict:
    path = tmp_path / "given.csv"
    path.write_text(text, encoding="utf-8")
    with CsvFile(path) as file:
        bound = bind(load_mapping(name), file.header)
        (row,) = file.rows()
    return map_row(bound, row.cells)


def test_the_bureaus_old_layout_is_read(tmp_path):
    assert mapped(OLD, "cfpb", tmp_path) == {
        "ref": "1113116",
        "site": "us01",
        "kind": "complaint",
        "received_at": "2014-11-12T00:00:00-05:00",
        "category": "Credit reporting",
        "type": "Incorrect information, on report",
        "channel": "letter",
        "language": "en",
        "customer": {"postcode": "06242", "region": "CT"},
        "details": {"company": "Bank, Inc.", "sub_issue": "Account status"},
    }


def test_a_mapping_fills_what_rules_may_ask(tmp_path):
    mapping = tmp_path / "own.yaml"
    mapping.write_text(OWN, "utf-8")

    row = mapped("number,line,sum,class\n7,pipe,800.50,key\n", str(mapping), tmp_path)

    assert row["product"] == {"line": "pipe"}
    assert row["claimed"] == {"amount": "800.50", "currency": "EUR"}
    assert row["customer"] == {"grade": "key"}


def test_the_bureaus_new_layout_is_read_with_its_narrative(tmp_path):
    row = mapped(NEW, "cfpb", tmp_path)

    assert (row["ref"], row["channel"], row["received_at"]) == (
        "7262502",
        "referral",
        "2023-07-17T00:00:00-04:00",
    )
    assert row["narrative"] == "First line\nsecond XXXX line"
    assert row["customer"]["postcode"] == "985XX"
    assert "product" not in row


def test_the_bureaus_other_column_names_are_read(tmp_path):
    row = mapped(API, "cfpb", tmp_path)

    assert (row["ref"], row["narrative"], row["customer"]["postcode"]) == ("7", "It went wrong", "00501")


@pytest.mark.parametrize(
    ("text", "received_at", "channel"),
    [
        (CITY_OLD, "2013-12-25T23:54:00-05:00", "other"),
        (CITY_NEW, "2019-12-31T23:59:11-05:00", "app"),
    ],
)
def test_both_layouts_of_the_city_are_read_in_its_own_time(tmp_path, text, received_at, channel):
    row = mapped(text, "nyc311", tmp_path)

    assert (row["received_at"], row["channel"]) == (received_at, channel)


def test_what_means_nothing_is_left_out(tmp_path):
    assert "region" not in mapped(CITY_NEW, "nyc311", tmp_path)["customer"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"1113116": ""}, "cell-empty", "ref"),
        ({"11/12/2014,11": "soon,11"}, "date-unreadable", "received_at"),
        ({"11/12/2014,11": "13/40/2014,11"}, "date-unreadable", "received_at"),
        ({"Postal mail": "Pigeon"}, "cell-unknown", "channel"),
        ({"CT,": "C\x00T,"}, "text-unreadable", "customer.region"),
        ({"Yes,": "Yes,,extra,cells"}, "row-long", None),
        ({',11/12/2014,11/12/2014,"Bank, Inc.",Closed,Yes,': ""}, "row-short", None),
        ({',"Bank, Inc.",Closed,Yes,': ',"Bank, I"'}, "row-short", None),
    ],
)
def test_a_bad_cell_is_named_by_field_and_code(tmp_path, change, code, field):
    text = OLD
    for old, new in change.items():
        head, _, row = text.partition("\n")
        assert old in row
        text = f"{head}\n{row.replace(old, new)}"

    with pytest.raises(Rejected) as caught:
        mapped(text, "cfpb", tmp_path)

    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_row_that_lacks_only_cells_nobody_reads_is_taken(tmp_path):
    assert mapped(OLD.replace("Yes,\n", "Yes\n"), "cfpb", tmp_path)["ref"] == "1113116"


def test_a_file_of_another_kind_is_refused_with_what_it_has():
    with pytest.raises(Rejected) as caught:
        bind(load_mapping("cfpb"), ("Description", "Category"))

    assert caught.value.code == "columns-missing"
    assert "Complaint ID" in caught.value.detail
    assert "Description, Category" in (caught.value.remedy or "")


def test_rows_without_a_number_can_be_named_by_their_content(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        """
mapping: tickets
source: tickets
fields:
  ref: {hash_of: [Description, Category]}
  site: {constant: sh01}
  kind: {constant: enquiry}
  received_at: {constant: "2016-01-01", formats: ["%Y-%m-%d"], timezone: Asia/Shanghai}
  category: {column: Category, required: true}
  type: {constant: unspecified}
  channel: {constant: email}
  narrative: {column: Description}
""",
        encoding="utf-8",
    )
    bound = bind(load_mapping(str(path)), ("Description", "Category"))

    one, same, other = (map_row(bound, cells) for cells in (("a", "b"), ("a", "b"), ("a", "c")))

    assert one["ref"] == same["ref"] != other["ref"]
    assert one["received_at"] == "2016-01-01T00:00:00+08:00"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mapping: [", "mapping-malformed"),
        ("mapping: x\nsource: x\nfields: {}\n", "mapping-malformed"),
        ("mapping: x\nsource: x\nfields: {reff: {constant: a}}\n", "mapping-malformed"),
        ("mapping: x\nsource: x\nfields: {ref: {colum: a}}\n", "mapping-malformed"),
    ],
)
def test_a_misspelt_mapping_is_refused(tmp_path, text, code):
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Rejected) as caught:
        load_mapping(str(path))

    assert caught.value.code == code


def test_an_unknown_mapping_names_the_shipped_ones():
    with pytest.raises(Rejected) as caught:
        load_mapping("cfbp")

    assert "cfpb, nyc311" in (caught.value.remedy or "")


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_loads_and_is_named_like_its_file(path):
    assert load_mapping(path.stem).mapping == path.stem
