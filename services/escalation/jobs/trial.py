"""How good would forecasts have been on a file of clocks that somebody else kept?

`python -m services.escalation.jobs.trial FILE.csv --begin COLUMN --end COLUMN (--due COLUMN | --days N)`
walks through the file's own time as the service does through its own (ADR 0054) and prints the scores.
No database, no settings, nothing is kept.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.escalation.domain.life import Life, loaded
from services.escalation.domain.proving import Learned, learned
from services.escalation.domain.scoring import Score
from shared.cli.printing import say
from shared.errors import KesuError, Rejected

CLOCK = "promise"


def main(arguments: list[str] | None = None) -> int:
    """0: scored; 2: the file could not be read, or holds nothing to learn from."""
    given = _parser().parse_args(arguments)
    try:
        found = tried(given)
    except KesuError as error:
        say(error.sentence(), err=True)
        return 2
    for score in found.scores.values():
        say(described(score))
    return 0 if found.scores else 2


def tried(given: argparse.Namespace) -> Learned:
    """What there is to learn from the file, with the proof. Raises Rejected naming row and column."""
    lives = loaded(_lives(given))
    if not lives:
        raise Rejected("nothing-to-learn", f"{given.file} holds no clock with a due date", field="file")
    ends = max(max(life.due_at, life.known_at()) for life in lives)
    return learned(lives, _moment(given.as_of, ["%Y-%m-%d"], "--as-of") if given.as_of else ends)


def described(score: Score) -> str:
    """The score in lines for people."""
    shown = "shown" if score.is_better else "not shown"
    lines = [
        f"{score.asked} questions, {score.missed:.1%} missed: {shown}",
        (
            f"Brier {score.forecast:.4f}, base rate known then {score.base_rate:.4f}, "
            f"later rate itself {score.uncertainty:.4f}"
        ),
        (
            f"reliability {score.reliability:.4f}, resolution {score.resolution:.4f}, "
            f"calibration error {score.calibration_error:.3f}"
        ),
        *(f"  {one.asked:5} times {one.foretold:.2f}, happened {one.happened:.2f}" for one in score.bins),
    ]
    return "\n".join(lines)


def _lives(given: argparse.Namespace) -> Iterator[Life]:
    """One for each case; a case of several rows begins with its first and ends with its last."""
    cases: dict[str, list[dict[str, str]]] = {}
    try:
        with Path(given.file).open(newline="", encoding="utf-8-sig") as file:
            for number, row in enumerate(csv.DictReader(file)):
                cases.setdefault(_cell(row, given.case) if given.case else str(number), []).append(row)
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected("file-unreadable", f"{given.file}: {error}", field="file") from error
    for rows in cases.values():
        begun = _moment(_cell(rows[0], given.begin), given.format, given.begin)
        ended = next((text for name in given.end if (text := _cell(rows[-1], name)) not in {"", "?"}), None)
        due = _due(rows[0], begun, given)
        if due is not None and due > begun:
            met = _moment(ended, given.format, given.end[0]) if ended else None
            yield Life(CLOCK, _cell(rows[0], given.group) if given.group else "", begun, due, met)


def _due(row: dict[str, str], begun: datetime, given: argparse.Namespace) -> datetime | None:
    if given.days is not None:
        return begun + timedelta(days=given.days)
    text = _cell(row, given.due)
    return _moment(text, given.format, given.due) if text else None


def _cell(row: dict[str, str], name: str) -> str:
    try:
        return (row[name] or "").strip()
    except KeyError:
        raise Rejected(
            "column-missing",
            f"the file has no column {name}",
            field=name,
            remedy=f"It has: {', '.join(row)}.",
        ) from None


def _moment(text: str, formats: list[str], field: str) -> datetime:
    for form in formats:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Rejected("date-unreadable", f"{text!r} is not {' or '.join(formats)}", field=field)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.escalation.jobs.trial", description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--begin", required=True, help="Column: when it began.")
    parser.add_argument(
        "--end", required=True, action="append", help="Column: when it ended; the first with any."
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--due", help="Column: by when it had to end.")
    target.add_argument("--days", type=float, help="Or so many days after it began.")
    parser.add_argument("--group", help="Column: who had it.")
    parser.add_argument("--case", help="Column: which rows are one case.")
    parser.add_argument(
        "--format", action="append", required=True, help="Of dates, e.g. %%d-%%m-%%Y %%H:%%M."
    )
    parser.add_argument("--as-of", help="The day on which the file was cut; left out: its last date.")
    return parser


if __name__ == "__main__":
    sys.exit(main())
