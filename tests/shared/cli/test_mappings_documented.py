"""Does docs/mappings.md say what mappings can, and is its example what the command makes of it?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from services.intake.api.entering import PERSONAL
from services.intake.api.import_rows import ImportRow
from shared.cli.columns import bind, map_row
from shared.cli.mapping import FIELDS, NEEDED, SHIPPED, FileMapping, Rule, load_mapping
from shared.cli.rows import CsvFile
from shared.events.intake import ComplaintRegistered

TEXT = (Path(__file__).parents[3] / "docs" / "mappings.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


def rows(heading: str) -> list[list[str]]:
    section = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line] for line in lines]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_key_of_a_rule_is_explained_and_no_other():
    assert [name for row in rows("What a rule may say") for name in named(row[0])] == sorted(
        Rule.model_fields, key=list(Rule.model_fields).index
    )


def test_the_example_uses_every_key_of_a_mapping():
    keys = re.findall(r"^(\w+):", block("yaml"), re.MULTILINE)

    assert set(keys) == set(FileMapping.model_fields)


def test_every_field_is_listed_once_and_rightly_as_sealed_or_open():
    listed = {name: row[2] == "yes" for row in rows("Fields") for name in named(row[0])}
    sealed = {name for name in FIELDS if name.rpartition(".")[2] in PERSONAL and name not in _OPEN_NAMES}

    assert set(listed) == {*FIELDS, "details.*"}
    assert {name for name, is_sealed in listed.items() if is_sealed} == {*sealed, "details.*"}
    for name in set(listed) - sealed - {"details.*", "ref", "site"}:
        told = {"due_at": "promised_at", "customer.grade": "customer_grade"}.get(name, name)
        assert told.partition(".")[0] in ComplaintRegistered.model_fields, name


_OPEN_NAMES = {"ref", "product.name"}
"""Names that a sealed field of the customer has too."""


def test_the_needed_fields_are_named_as_such():
    said = re.search(r"Needed are (.*?)\. \*\*Sealed", TEXT, re.DOTALL)
    assert said is not None
    assert named(said[1]) == list(NEEDED)


def test_the_example_becomes_what_it_says_and_the_register_takes_it(tmp_path):
    mapping, file = tmp_path / "tickets.yaml", tmp_path / "tickets.csv"
    mapping.write_text(block("yaml"), encoding="utf-8")
    file.write_text(block("csv"), encoding="utf-8")
    known = load_mapping(str(mapping))

    with CsvFile(file, None, known.delimiter) as opened:
        bound = bind(known, opened.header)
        (row,) = opened.rows()
    found = map_row(bound, row.cells)

    assert found == json.loads(block("json"))
    assert ImportRow.model_validate(found | {"row": row.line}).ref == "T-17"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_named(path):
    assert f"`{path.stem}`" in TEXT
    assert load_mapping(path.stem).mapping == path.stem
