"""Does a terminal take nothing for an order that stands in a file, a message or an answer?"""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from shared.cli.consoles import cell, show
from shared.cli.printing import clean, one_line, say

CLI = Path(__file__).parents[3] / "shared" / "cli"
HOSTILE = "a[/red]\x1b[2J\x9b1m\u202eb\udce4\r\x07[link=x]c"
SHOWN = "a[/red]\\u001b[2J\\u009b1m\\u202eb\\udce4\\u000d\\u0007[link=x]c"


def test_whatever_a_terminal_obeys_is_written_out():
    assert clean(HOSTILE) == SHOWN
    assert clean("line\n\tline 客诉 é") == "line\n\tline 客诉 é"
    assert one_line("a\n\tb") == "a\\u000a\\u0009b"


def test_lines_for_people_hold_nothing_else(capsys):
    say(HOSTILE)
    say(HOSTILE, err=True)

    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (SHOWN + "\n", SHOWN + "\n")


def test_tables_and_progress_take_brackets_as_text():
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=200)
    table = Table("what")
    table.add_row(cell(HOSTILE + "\n"))

    show(console, HOSTILE)
    console.print(table)

    written = console.file.getvalue()
    assert written.startswith(SHOWN + "\n")
    assert SHOWN + "\\u000a" in written


@pytest.mark.parametrize("path", sorted(CLI.glob("*.py")), ids=lambda path: path.stem)
def test_no_command_prints_a_variable_but_through_here(path):
    """A literal, or what is made of secrets and numbers, is ours; whatever else is printed may not be."""
    if path.stem in {"printing", "consoles"}:
        return
    found = [
        ast.unparse(call)
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in {"typer.echo", "print", "sys.stderr.write", "typer.secho"}
    ]

    assert found == []
