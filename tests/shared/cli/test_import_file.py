"""Is a torn or foreign CSV file read as far as it can be, with each fault on its line?"""

from __future__ import annotations

import os
from threading import Thread

import pytest

from shared.cli.rows import CsvFile
from shared.errors import Rejected


def rows(tmp_path, content: bytes, encoding: str = "utf-8-sig"):
    path = tmp_path / "given.csv"
    path.write_bytes(content)
    with CsvFile(path, encoding) as file:
        return [(row.line, row.cells, row.fault.code if row.fault else None) for row in file.rows()]


def test_a_row_is_named_by_the_line_that_it_begins_on(tmp_path):
    found = rows(tmp_path, b'a,b\n"one\ntwo",x\n\n,,\nlast,y\n')

    assert found == [(2, ("one\ntwo", "x"), None), (6, ("last", "y"), None)]


def test_a_byte_order_mark_and_foreign_line_ends_are_no_matter(tmp_path):
    assert rows(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n") == [(2, ("1", "2"), None)]


def test_a_file_cut_in_a_quoted_cell_says_so(tmp_path):
    assert rows(tmp_path, b'a,b\n1,2\n3,"cut of') == [(2, ("1", "2"), None), (3, (), "file-cut")]


def test_a_stray_quote_costs_its_own_row_only(tmp_path):
    found = rows(tmp_path, b'a,b\n"x"y,2\n3,4\n')

    assert found == [(2, (), "row-malformed"), (3, ("3", "4"), None)]


def test_a_byte_of_another_encoding_costs_no_other_row(tmp_path):
    found = rows(tmp_path, "a,b\nM\xfcller,1\nok,2\n".encode("latin-1"))

    assert found[1] == (3, ("ok", "2"), None)


def test_chinese_spreadsheets_are_read_by_their_encoding(tmp_path):
    assert rows(tmp_path, "甲,乙\n投诉,1\n".encode("gb18030"), "gb18030") == [(2, ("投诉", "1"), None)]


@pytest.mark.parametrize(("content", "code"), [(b"", "file-empty"), (None, "file-unreadable")])
def test_a_file_without_anything_is_refused(tmp_path, content, code):
    path = tmp_path / "given.csv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Rejected) as caught:
        CsvFile(path)

    assert caught.value.code == code


def test_an_unknown_encoding_is_refused(tmp_path):
    path = tmp_path / "given.csv"
    path.write_bytes(b"a\n")

    with pytest.raises(Rejected) as caught:
        CsvFile(path, "klingon")

    assert caught.value.code == "unknown-encoding"


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xef\xbb\xbfsep=;\r\na;b\n1;2\n"])
def test_a_pipe_is_read_like_a_file(tmp_path, content):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(content,))
    writer.start()

    with CsvFile(pipe) as file:
        found = [row.cells for row in file.rows()]
        position = file.position
    writer.join()

    assert (file.header, found, position) == (("a", "b"), [("1", "2")], 0)
