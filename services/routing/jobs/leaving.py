"""Who would leave with this organisation file, and how many open cases have they? Changes nothing.

`python -m services.routing.jobs.leaving` (`kesu policy leaving`): the file against what was last in force, as
routing's database keeps it, with the settings of the service.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from services.routing.settings import Settings
from services.routing.store.queries import CaseQueries, Holding
from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.errors import KesuError, Rejected
from shared.host.keeping import kept
from shared.policy.leaving import Leaving, leaving_ever
from shared.policy.loader import load_again, load_rulebook
from shared.policy.model import Rulebook
from shared.sealed.sealer import Sealer
from shared.settings import database_of


@dataclass(frozen=True, slots=True)
class Owned:
    """Somebody or something that leaves, with the number of open cases there."""

    leaving: Leaving
    open_cases: int

    @property
    def is_refused(self) -> bool:
        """Whether a site vanishes that no date has closed although it has open cases."""
        return self.leaving.is_mistake and self.open_cases > 0


def owned(gone: Sequence[Leaving], holdings: Sequence[Holding]) -> tuple[Owned, ...]:
    """What leaves, each with its open cases."""
    names = {"sites": "site", "departments": "department", "people": "assignee"}
    return tuple(
        Owned(one, sum(h.count for h in holdings if getattr(h, names[one.part]) == one.id)) for one in gone
    )


async def compared(database: Database, sealer: Sealer, after: Rulebook, now: datetime) -> tuple[Owned, ...]:
    """Everything that leaves. Raises Rejected('nothing-in-force') if this database kept nothing yet."""
    known = await kept(database, sealer, now)
    if not known:
        raise Rejected(
            "nothing-in-force",
            "routing has kept no organisation yet",
            remedy="Start it once, or compare with a file: `kesu policy check --against OLD.yaml`.",
        )
    return owned(leaving_ever(load_again(known[0][0]), after, now), await CaseQueries(database).holdings())


def main(arguments: list[str] | None = None) -> int:
    """0; 1 if a site with open cases would vanish without a date; 2 if it could not be looked at."""
    parser = argparse.ArgumentParser(prog="kesu policy leaving", description=__doc__)
    parser.add_argument("--organisation", type=Path, required=True)
    parser.add_argument("--profiles", type=Path, action="append", default=[])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    now = SystemClock().now()
    try:
        after = load_rulebook(given.organisation, given.profiles)
        found = asyncio.run(_looked(after, now))
    except KesuError as error:
        sys.stderr.write(f"{error.sentence()}\n")
        return 2
    except ValidationError as error:
        names = ", ".join(f"KESU_{one['loc'][0]}".upper() for one in error.errors(include_input=False))
        sys.stderr.write(f"Settings are missing or wrong: {names}.\n")
        return 2
    for line in _as_json(found) if given.json else _lines(found):
        sys.stdout.write(f"{line}\n")
    return 1 if any(one.is_refused for one in found) else 0


async def _looked(after: Rulebook, now: datetime) -> tuple[Owned, ...]:
    settings = Settings()  # pyright: ignore[reportCallIssue]  # from the environment
    database = Database(database_of(settings.database_url, "routing"), service="leaving", pool=1)
    sealer = Sealer.from_setting(settings.seal_keys, secret=settings.secret)
    try:
        return await compared(database, sealer, after, now)
    finally:
        await database.close()


def _lines(found: Sequence[Owned]) -> list[str]:
    told = [f"{one.leaving.sentence()} Open cases: {one.open_cases}." for one in found]
    return told or ["Nobody and nothing leaves."]


def _as_json(found: Sequence[Owned]) -> list[str]:
    rows = [
        {
            "part": one.leaving.part,
            "id": one.leaving.id,
            "heir": one.leaving.heir,
            "open_cases": one.open_cases,
        }
        for one in found
    ]
    return [json.dumps({"leaving": rows}, ensure_ascii=False)]


if __name__ == "__main__":
    sys.exit(main())
