"""Does a profile send complaints of the past where they were sent? And what can no profile tell apart?"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from shared.errors import Rejected
from shared.policy.claims import read_claim
from shared.policy.model import Facts, Rulebook
from shared.policy.what_if import Outcome, Past, outcome_of


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the rows of a file."""

    rows: int
    right: int
    wrong: tuple[tuple[Past, str, Outcome], ...]
    """The complaint, where it was sent, and what the profile decides instead."""
    ambiguous: Mapping[tuple[str, str], Mapping[str, int]]
    """Category and type that were sent to several departments, with how often to each."""

    @property
    def undecidable(self) -> int:
        """Rows that no rule on category and type could get right, whatever it says."""
        return sum(sum(sent.values()) - max(sent.values()) for sent in self.ambiguous.values())

    def lines(self) -> Iterator[str]:
        """The same for people."""
        share = 100 * self.right / self.rows if self.rows else 0.0
        yield f"{self.right:,} of {self.rows:,} rows go where they were sent ({share:.1f} %)."
        yield (
            f"{len(self.ambiguous)} pairs of category and type were sent to several departments; "
            f"{self.undecidable:,} rows cannot be told apart by them."
        )
        for (category, kind), sent in sorted(self.ambiguous.items()):
            yield f"  {category} / {kind}: {', '.join(f'{name} {n}' for name, n in sorted(sent.items()))}"
        elsewhere = Counter((past.facts.category, sent, found.department) for past, sent, found in self.wrong)
        for (category, to, found), count in elsewhere.most_common(20):
            yield f"  {count:,} x {category}: was sent to {to}, goes to {found}"


def replay(rules: Rulebook, past: Iterable[tuple[Past, str]], now: datetime) -> Replayed:
    """Decide each complaint anew and compare; departments are compared without regard to case."""
    rows, wrong = 0, []
    sent_to: dict[tuple[str, str], Counter[str]] = {}
    for one, sent in past:
        rows += 1
        sent_to.setdefault((one.facts.category, one.facts.type), Counter())[sent] += 1
        found = outcome_of(rules, one, now)
        if found.department.lower() != sent.lower():
            wrong.append((one, sent, found))
    ambiguous = {key: counted for key, counted in sent_to.items() if len(counted) > 1}
    return Replayed(rows, rows - len(wrong), tuple(wrong), ambiguous)


_FACTS = tuple(part.name for part in fields(Facts) if part.name not in {"flags", "severity", "claimed"})
_DEFAULTS = {"kind": "complaint", "channel": "web", "grade": "general", "category": "", "type": ""}


def read_facts(file: Path, columns: Mapping[str, str], fixed: Mapping[str, str]) -> Iterator[Past]:
    """The complaints of a CSV file with a header.

    `columns`: by field (kind, category, type, channel, site, grade, product_line, name, language) the
    column that holds it; without one the field's own name; `fixed` are values of all rows. `flags` are
    separated by semicolons, `claimed` is written `80000 CNY`.
    Raises Rejected('file-unreadable'), Rejected('column-missing'), Rejected('claim-unreadable').
    """
    for row in _rows(file, tuple(columns.values())):
        given = {name: row.get(columns.get(name, name)) or "" for name in (*_FACTS, "name", "language")}
        facts = {name: fixed.get(name) or given[name] or _DEFAULTS.get(name, "") for name in _FACTS}
        if not facts["site"]:
            remedy = "Add a column `site`, or name the site with --site."
            raise Rejected("column-missing", "no site is given", field="site", remedy=remedy)
        flags = frozenset(flag.strip() for flag in (row.get("flags") or "").split(";") if flag.strip())
        name = given["name"] or row.get("complaint_no") or row["#"]
        claim = read_claim(row["claimed"]) if row.get("claimed") else None
        yield Past(name, Facts(**facts, flags=flags, claimed=claim), given["language"])


def read_replay(
    file: Path, columns: Mapping[str, str], fixed: Mapping[str, str], department: str
) -> Iterator[tuple[Past, str]]:
    """As `read_facts`, with the department of each row that the file names."""
    sent = (row[department] for row in _rows(file, (department,)))
    return zip(read_facts(file, columns, fixed), sent, strict=True)


def _rows(file: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            for column in needed:
                if column not in (reader.fieldnames or ()):
                    remedy = f"It has: {', '.join(reader.fieldnames or ()) or 'none'}."
                    detail = f"{file} has no column {column}"
                    raise Rejected("column-missing", detail, field=column, remedy=remedy)
            for row in reader:
                yield {**row, "#": f"line {reader.line_num}"}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Rejected(
            "file-unreadable",
            f"{file} cannot be read: {error}",
            field="file",
            remedy="Name a CSV file in UTF-8.",
        ) from error
