"""Where would the complaints of the past go by a changed policy? `python -m services.routing.jobs.what_if`.

Reads routing's database (the settings of the service) or a file of facts; changes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from services.routing.settings import Settings
from services.routing.store.queries import CaseQueries
from shared.cli.printing import say
from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.errors import KesuError, Rejected
from shared.policy.loader import load_rulebook
from shared.policy.model import Rulebook
from shared.policy.replaying import read_facts
from shared.policy.what_if import Past, WhatIf
from shared.settings import database_of

_PAGE = 500
ORGANISATION = "organisation.yaml"


def changed_rulebook(folder: Path, organisation: Path, profiles: tuple[Path, ...]) -> Rulebook:
    """The rulebook with what the folder changes.

    `organisation.yaml` in it takes the place of the organisation, its profiles those of the same name:
    they lie in the folder itself, or in `profiles/` below it where there is one.
    Raises PolicyErrors, Rejected('folder-missing').
    """
    if not folder.is_dir():
        raise Rejected("folder-missing", f"{folder} is no folder", field="changed", remedy="Name a folder.")
    own = folder / ORGANISATION
    below = folder / "profiles"
    more: tuple[Path, ...] = (below,) if below.is_dir() else () if own.is_file() else (folder,)
    return load_rulebook(own if own.is_file() else organisation, (*profiles, *more))


async def over_database(question: WhatIf, url: str, since: datetime) -> None:
    """Every case received since then, page by page."""
    database = Database(database_of(url, "routing"), service="routing")
    queries, after = CaseQueries(database), None
    try:
        while page := await queries.past(since, after=after, limit=_PAGE):
            question.add(Past(c.complaint_no, c.facts, c.language, c.recused) for c in page)
            after = page[-1].complaint_id
    finally:
        await database.close()


def main() -> int:
    """0, or 2 with one sentence if something is wrong with what was given."""
    given = _arguments()
    now = SystemClock().now()
    try:
        before = load_rulebook(given.organisation, given.profiles).at(now)
        after = changed_rulebook(given.changed, given.organisation, tuple(given.profiles)).at(now)
        question = WhatIf(before, after, now, samples=given.samples)
        if given.facts is not None:
            question.add(read_facts(given.facts, {}, {}))
        else:
            url = Settings().database_url  # pyright: ignore[reportCallIssue]  # from the environment
            asyncio.run(over_database(question, url, _moment(given.since)))
    except KesuError as error:
        say(error.sentence(), err=True)
        return 2
    lines = [json.dumps(question.as_mapping(), ensure_ascii=False)] if given.json else question.lines()
    say("\n".join(lines))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kesu policy what-if")
    parser.add_argument("changed", type=Path)
    parser.add_argument("--organisation", type=Path, required=True)
    parser.add_argument("--profiles", type=Path, action="append", default=[])
    parser.add_argument("--since", default="1970-01-01")
    parser.add_argument("--facts", type=Path)
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as unreadable:
        remedy = "Write a date such as 2026-10-01."
        raise Rejected(
            "time-unreadable", f"{text!r} is not a time", field="--since", remedy=remedy
        ) from unreadable
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
