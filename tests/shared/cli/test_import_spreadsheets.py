"""Are files read as spreadsheets write them, and does whatever cannot be read stay as it was?"""

from __future__ import annotations

import csv
import os
import stat

import pytest

from shared.cli import door
from tests.shared.cli.import_register import a_register
from tests.shared.cli.test_import_command import HEADER, ROW, a_file, run
from tests.shared.cli.test_import_mapping import OWN

pytestmark = pytest.mark.loopback
SHEET = "number,line,sum,class\n7,Rohr,80.50,key\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(door, "PAUSES_SECONDS", (0.0, 0.0))


def own_mapping(tmp_path, more: str = ""):
    path = tmp_path / "own.yaml"
    path.write_text(OWN.replace("source: a test\n", f"source: a test\n{more}"), "utf-8")
    return str(path)


def given(tmp_path, content: bytes):
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    return path


def rejects(path, **form):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, **form))


def imported(path, mapping: str, *more: str, **register):
    with a_register(**register) as place:
        result = run(path, place.url, "--mapping", mapping, *more)
    return result, [row for body in place.posted for row in body["rows"]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_a_byte_order_mark_says_how_a_file_is_written(tmp_path, encoding):
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    path = given(tmp_path, mark + SHEET.replace("Rohr", "管子é").encode(encoding))

    result, rows = imported(path, own_mapping(tmp_path))

    assert result.exit_code == 0, result.output
    assert rows[0]["product"] == {"line": "管子é"}


def test_utf_16_without_a_mark_is_refused_with_the_way_out(tmp_path):
    path = given(tmp_path, SHEET.encode("utf-16-le"))

    result, _ = imported(path, own_mapping(tmp_path))
    told, rows = imported(path, own_mapping(tmp_path), "--encoding", "utf-16-le")

    assert result.exit_code == 2
    assert "--encoding utf-16-le" in result.output
    assert "\x00" not in result.output
    assert (told.exit_code, rows[0]["ref"]) == (0, "7")


@pytest.mark.parametrize("name", ["rot13", "base64", "hex", "idna", "unicode_escape", "nonsense", "a\x00b"])
def test_what_is_no_encoding_of_texts_is_refused_with_those_that_are(tmp_path, name):
    result, _ = imported(given(tmp_path, SHEET.encode()), own_mapping(tmp_path), "--encoding", name)

    assert result.exit_code == 2
    assert "gb18030" in result.output
    assert "cp1252" in result.output


@pytest.mark.parametrize(("mark", "name"), [(";", ";"), ("\t", "tab"), ("|", "|")])
def test_another_delimiter_is_named_and_then_read(tmp_path, mark, name):
    path = given(tmp_path, SHEET.replace(",", mark).encode())

    refused, _ = imported(path, own_mapping(tmp_path))
    by_option, rows = imported(path, own_mapping(tmp_path), "--delimiter", name)
    written = "\\t" if mark == "\t" else mark
    by_mapping, same = imported(path, own_mapping(tmp_path, f'delimiter: "{written}"\n'))

    assert refused.exit_code == 2
    assert f"--delimiter '{name}'" in refused.output
    assert (by_option.exit_code, by_mapping.exit_code) == (0, 0)
    assert rows == same
    assert rows[0]["claimed"] == {"amount": "80.50", "currency": "EUR"}


@pytest.mark.parametrize(
    ("written", "decimal", "read"),
    [
        ("80,50", ",", "80.50"),
        ("1.234,50", ",", "1234.50"),
        ("12.345.678", ",", "12345678"),
        ("80.50", ",", None),
        ("80.50", ".", "80.50"),
        ("80,50", ".", None),
        ("1,234.50", ".", None),
        ("１２３", ".", None),
        ("1_000", ".", None),
        ("1e3", ".", None),
        ("NaN", ".", None),
    ],
)
def test_sums_are_read_by_their_decimal_mark_and_by_no_guess(tmp_path, written, decimal, read):
    path = given(tmp_path, SHEET.replace(",", ";").replace("80.50", written).encode())

    result, rows = imported(path, own_mapping(tmp_path, f'delimiter: ";"\ndecimal: "{decimal}"\n'))

    if read is None:
        assert result.exit_code == 1
        (row,) = rejects(tmp_path / "sheet.csv.rejects.csv", delimiter=";")
        assert row["code"] == "amount-unreadable"
        assert "decimal" in row["reason"]
        assert row["sum"] == written
    else:
        assert rows[0]["claimed"]["amount"] == read


def test_refused_rows_of_another_encoding_stand_as_they_were_and_come_in_from_there(tmp_path):
    row = '7,"M\xe4ngel, ""a""",80.50,key'.encode("cp1252")
    path = given(tmp_path, b"number,line,sum,class\n" + row + b"\n8,ok,1,key\n")
    rejected = tmp_path / "sheet.csv.rejects.csv"

    first, taken = imported(path, own_mapping(tmp_path))
    again, rows = imported(rejected, own_mapping(tmp_path), "--encoding", "cp1252")

    assert first.exit_code == 1
    assert [one["ref"] for one in taken] == ["8"]
    assert rejected.read_bytes().split(b"\r\n")[1].startswith(row + b",2,text-unreadable,")
    assert again.exit_code == 0, again.output
    assert rows[0]["product"] == {"line": 'Mängel, "a"'}


def test_rows_refused_out_of_a_sheet_in_utf_16_come_in_from_there(tmp_path):
    path = given(tmp_path, SHEET.replace("Rohr", "管子").replace("80.50", "８").encode("utf-16"))
    rejected = tmp_path / "sheet.csv.rejects.csv"

    imported(path, own_mapping(tmp_path))
    text = rejected.read_bytes().decode("utf-16").replace("８", "8")
    rejected.write_bytes(text.encode("utf-16"))
    _, rows = imported(rejected, own_mapping(tmp_path))

    assert rows[0]["product"] == {"line": "管子"}


def test_a_malformed_row_stands_there_with_its_own_bytes(tmp_path):
    path = given(tmp_path, b'number,line,sum,class\n"x"y,2,3,4\n7,a,1,key,more\n8,b\n9,"cut\n')

    imported(path, own_mapping(tmp_path))

    lines = (tmp_path / "sheet.csv.rejects.csv").read_bytes().split(b"\r\n")
    assert lines[1].startswith(b'"x"y,2,3,4,2,row-malformed,')
    assert lines[2].startswith(b"7,a,1,key,more,3,row-long,")
    assert lines[3].startswith(b"8,b,,,4,row-short,")
    assert lines[4].startswith(b",,,,5,file-cut,")


def test_a_mapping_that_is_no_utf_8_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "gbk.yaml"
    path.write_bytes(OWN.replace("goods", "质量").encode("gbk"))

    result, _ = imported(given(tmp_path, SHEET.encode()), str(path))

    assert result.exit_code == 2
    assert "Save it as UTF-8" in result.output


def test_rejects_are_for_nobody_else(tmp_path):
    path = a_file(tmp_path, "")
    old = os.umask(0)
    try:
        with a_register() as register:
            run(path, register.url)
    finally:
        os.umask(old)

    assert stat.S_IMODE((tmp_path / "complaints.csv.rejects.csv").stat().st_mode) == 0o600


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_the_file_that_is_imported_is_never_written_over(tmp_path, link):
    path = a_file(tmp_path, 1)
    before = path.read_bytes()
    target = tmp_path / "rejects.csv" if link else path
    if link:
        link(path, target)

    result = run(path, "http://127.0.0.1:9", "--rejects", str(target))

    assert result.exit_code == 2
    assert "is the file that is read" in result.output
    assert path.read_bytes() == before


def test_a_file_of_somebody_else_is_no_place_for_rejects(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")

    result = run(a_file(tmp_path, 1, ""), "http://127.0.0.1:9", "--rejects", str(notes))

    assert result.exit_code == 2
    assert "was not written by this command" in result.output
    assert notes.read_text() == "mine"


def test_an_interrupted_run_keeps_the_rejects_that_it_found(tmp_path):
    path = a_file(tmp_path, "", *range(250))
    with a_register(status=500) as register:
        result = run(path, register.url)

    assert result.exit_code == 2
    assert "cell-empty" in (tmp_path / "complaints.csv.rejects.csv").read_text()
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".part")] == []


def test_the_second_of_two_rows_with_one_number_is_named_with_its_line(tmp_path):
    path = a_file(tmp_path, *range(300))
    with path.open("a") as file:
        file.write(ROW.replace("1113116", "7"))
        file.write(ROW.replace("1113116", "8").replace("Account status", "Other"))

    with a_register() as register:
        result = run(path, register.url)

    (row,) = rejects(tmp_path / "complaints.csv.rejects.csv")
    assert (row["line"], row["code"], row["Complaint ID"]) == ("303", "number-twice", "8")
    assert "line 10 too" in row["reason"]
    assert "300 registered, 1 known before, 1 rejected" in result.output


@pytest.mark.parametrize(
    "name", ["Complaint[/red] ID", "Complaint\x1b[2J\x1b]0;x\x07 ID", "[bold]Complaint ID"]
)
def test_what_stands_in_a_file_is_no_order_to_the_terminal(tmp_path, name):
    path = tmp_path / "odd[bold].csv"
    path.write_text(HEADER.replace("Complaint ID", name) + "\n" + ROW)

    result = run(path, "http://127.0.0.1:9")

    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert "needs columns that the file lacks: Complaint ID" in result.output
    assert name.replace("\x1b", "\\u001b").replace("\x07", "\\u0007") in result.output
    assert "\x1b" not in result.output


def test_the_line_by_which_excel_says_what_divides_cells_is_obeyed(tmp_path):
    path = given(tmp_path, b"sep=;\r\n" + SHEET.replace(",", ";").encode() + b"8;ok;x;key\n")

    result, rows = imported(path, own_mapping(tmp_path))

    assert result.exit_code == 1
    assert rows[0]["ref"] == "7"
    (row,) = rejects(tmp_path / "sheet.csv.rejects.csv", delimiter=";")
    assert (row["line"], row["code"]) == ("4", "amount-unreadable")


@pytest.mark.parametrize("encoding", ["gb18030", "cp1252"])
def test_a_header_of_another_encoding_is_refused_with_the_way_out(tmp_path, encoding):
    name = "编号" if encoding == "gb18030" else "Stück"
    path = given(tmp_path, SHEET.replace("number", name).encode(encoding))
    mapping = own_mapping(tmp_path)
    text = (tmp_path / "own.yaml").read_text("utf-8").replace("column: number", f"column: {name}")
    (tmp_path / "own.yaml").write_text(text, "utf-8")

    refused, _ = imported(path, mapping)
    told, rows = imported(path, mapping, "--encoding", encoding)

    assert refused.exit_code == 2
    assert "--encoding" in refused.output
    assert (told.exit_code, rows[0]["ref"]) == (0, "7")


@pytest.mark.parametrize(("written", "said"), [("utf-8-sig", "cp1252"), ("utf-16", "utf-8")])
def test_an_encoding_that_the_mark_contradicts_is_refused(tmp_path, written, said):
    path = given(tmp_path, SHEET.encode(written))

    result, _ = imported(path, own_mapping(tmp_path), "--encoding", said)

    assert result.exit_code == 2
    assert "Leave --encoding out" in result.output


@pytest.mark.parametrize(
    ("encoding", "broken"),
    [("utf-16-le", b"\x00\xd8a\x00"), ("utf-16-le", b"a"), ("utf-32-le", b"\xff\xff\xff\xff")],
)
def test_a_sheet_that_is_cut_within_a_letter_costs_that_row_only(tmp_path, encoding, broken):
    begin = SHEET.encode(encoding) + "8,".encode(encoding)
    mark = {"utf-16-le": b"\xff\xfe", "utf-32-le": b"\xff\xfe\x00\x00"}[encoding]
    path = given(tmp_path, mark + begin + broken)

    result, rows = imported(path, own_mapping(tmp_path))

    assert result.exit_code == 1, result.output
    assert [row["ref"] for row in rows] == ["7"]
    assert "1 registered, 0 known before, 1 rejected" in result.output
