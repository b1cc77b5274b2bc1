"""Does a command write its own files whole or not at all, and no others?"""

from __future__ import annotations

import os
import stat

import orjson
import pytest

from services.escalation.jobs import audit
from shared.cli.contract import stale_files, write
from shared.errors import Rejected
from shared.files import OwnFile, write_own


def own(path, **more):
    return OwnFile(path, is_ours=lambda head: head.startswith(b"ours"), option="--out", **more)


def test_a_file_appears_whole_and_for_nobody_else(tmp_path):
    file = own(tmp_path / "out")

    file.write(b"ours 1")
    before = [path.name for path in tmp_path.iterdir()]
    file.keep()

    assert "out" not in before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_bytes() == b"ours 1"
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


def test_what_an_earlier_run_made_is_replaced_with_its_permissions(tmp_path):
    (tmp_path / "out").write_bytes(b"ours, long and readable by all")

    write_own(own(tmp_path / "out"), b"ours")

    assert (tmp_path / "out").read_bytes() == b"ours"
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600


def test_what_somebody_else_made_stays(tmp_path):
    (tmp_path / "out").write_bytes(b"theirs")

    with pytest.raises(Rejected) as caught:
        own(tmp_path / "out")

    assert (caught.value.code, caught.value.field) == ("file-exists", "--out")
    assert (tmp_path / "out").read_bytes() == b"theirs"


def test_what_somebody_put_there_meanwhile_stays(tmp_path):
    file = own(tmp_path / "out")
    file.write(b"ours")
    (tmp_path / "out").write_bytes(b"theirs")

    with pytest.raises(Rejected):
        file.keep()
    file.discard()

    assert (tmp_path / "out").read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_the_input_is_never_the_output_by_whatever_name(tmp_path, link):
    given = tmp_path / "given"
    given.write_bytes(b"ours, as it happens")
    out = tmp_path / "out" if link else given
    if link:
        link(given, out)

    with pytest.raises(Rejected) as caught:
        own(out, inputs=[given])

    assert caught.value.code == "output-is-input"
    assert given.read_bytes() == b"ours, as it happens"


def test_a_link_to_a_place_stays_a_link(tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "real")

    write_own(own(tmp_path / "out"), b"ours")

    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"ours"


@pytest.mark.parametrize("place", ["nowhere/out", "file/out"])
def test_a_place_that_cannot_be_is_refused_before_any_work(tmp_path, place):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(Rejected) as caught:
        own(tmp_path / place)

    assert caught.value.code == "output-unwritable"


def test_what_is_no_plain_file_is_not_written_over(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    for name in ("folder", "pipe"):
        with pytest.raises(Rejected):
            own(tmp_path / name)

    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_failed_run_leaves_what_was_there(tmp_path):
    (tmp_path / "out").write_bytes(b"ours, of yesterday")
    file = own(tmp_path / "out")
    file.write(b"ours, of to")

    file.discard()

    assert (tmp_path / "out").read_bytes() == b"ours, of yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_contract_is_written_over_itself_and_over_nothing_else(tmp_path):
    write(tmp_path)
    write(tmp_path)
    assert stale_files(tmp_path) == []
    (tmp_path / "asyncapi.json").write_text('{"mine": true}')

    with pytest.raises(Rejected):
        write(tmp_path)

    assert (tmp_path / "asyncapi.json").read_text() == '{"mine": true}'


@pytest.mark.parametrize("link", [None, os.link, os.symlink])
def test_a_statement_is_never_written_over_the_log_that_is_audited(tmp_path, link, capsys):
    log = tmp_path / "log.json"
    log.write_text('{"id":"1"}')
    place = tmp_path / "statement.json" if link else log
    if link:
        link(log, place)

    assert audit.main([f"--log={log}", f"--statement={place}"]) == 2

    assert "is the file that is read" in capsys.readouterr().err
    assert log.read_text() == '{"id":"1"}'


def test_a_statement_replaces_that_of_yesterday_and_nobodys_notes(tmp_path):
    statement = orjson.dumps({"statement": "kesu-audit-1", "day": "2026-03-02"}, option=orjson.OPT_INDENT_2)

    assert audit.is_statement(statement)
    assert not audit.is_statement(b"my notes")
