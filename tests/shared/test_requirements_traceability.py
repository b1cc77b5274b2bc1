"""Does docs/requirements.md hold every row once, name tests that exist, and count right?"""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "requirements.md").read_text("utf-8")
LAST = {
    "INT": 39, "CHN": 20, "TYP": 17, "SEV": 10, "RTE": 39, "FRD": 16, "RCS": 4, "INV": 22, "DSP": 31, "APR": 19,
    "CAP": 16, "INF": 21, "SLA": 19, "ESC": 16, "SAF": 8, "CLS": 15, "SUR": 39, "FUP": 14, "STA": 16, "ARC": 26,
    "PRV": 7, "STF": 6, "CTX": 18, "C": 30, "E": 45,
}  # fmt: skip
WANTED = [f"{section}-{number:02d}" for section, last in LAST.items() for number in range(1, last + 1)]
CONTEXT = {
    "CHN-19", "CHN-20", "APR-17", "SAF-07", "SAF-08", "CLS-12", "FUP-12", "FUP-13", "FUP-14", "STF-04", "STF-06",
    *(f"CTX-{number:02d}" for number in range(1, 19)),
}  # fmt: skip
AREAS = "intake|routing|escalation|surveys|reports|archive|guidance"
TEST = r"`tests/[\w/]+\.py::test_\w+`"
SHAPES = {
    "shown": re.compile(rf"{TEST}(, {TEST})*"),
    "in part": re.compile(rf"in part: {TEST}(, {TEST})*; later: ({AREAS})"),
    "later": re.compile(rf"later: ({AREAS})"),
    "context": re.compile("context"),
}
ROWS = [
    (cells[0], cells[-1])
    for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines())
    if re.fullmatch(r"[A-Z]{1,3}-\d\d", cells[0])
]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def shape_of(state: str) -> str:
    return next((name for name, shape in SHAPES.items() if shape.fullmatch(state)), "none")


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, functions))


def test_every_row_stands_there_once_and_in_order():
    assert [row for row, _ in ROWS] == WANTED


def test_every_row_has_a_state_that_can_be_read():
    assert {row: state for row, state in ROWS if shape_of(state) == "none"} == {}


def test_context_is_what_lies_outside_of_complaint_handling_and_nothing_else():
    assert {row for row, state in ROWS if state == "context"} == CONTEXT


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda part: part.removeprefix("test_"))
def test_a_named_test_exists(path, name):
    assert (ROOT / path).is_file()
    assert name in names_in(path)


def test_the_summary_counts_right():
    counted = Counter((row.split("-")[0], shape_of(state)) for row, state in ROWS)
    wanted = {section: [last, *(counted[section, name] for name in SHAPES)] for section, last in LAST.items()}
    requirements = [figures for section, figures in wanted.items() if len(section) == 3]
    wanted["**All**"] = [sum(column) for column in zip(*requirements, strict=True)]

    said = {
        cells[0].split()[0]: [int(cell) for cell in cells[1:]]
        for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines())
        if len(cells) == 6 and cells[1].isdigit()
    }

    assert said == wanted
