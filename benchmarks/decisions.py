"""How many complaints does the pure decider place per second on one core? `python -m benchmarks.decisions`.

The handler is the one that runs in the service: event in, case, `complaint.assigned` and notices out, with
the choice of a person by load, skill, language and presence. The rulebook has one site for each of the 26
profiles, every department five people and its manager; every row of every matrix has its complaints.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import yaml

from services.routing.domain.workload import with_assignments
from services.routing.handlers.assign_team import assign_team
from shared.deciding import Context, Event
from shared.events.intake import ComplaintRegistered, Flags
from shared.ids import derived_id
from shared.policy.loader import load_rulebook
from shared.policy.model import Facts, Profile, RouteRule, Rulebook, matches
from shared.policy.table import Table
from tests.shared.policy.organisations import an_organisation, own_profile

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WANTED = 20_000
_CASES = Path(__file__).parents[1] / "tests" / "shared" / "policy" / "profiles"
_PEOPLE = 5
_AWAY = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-03T00:00:00Z"}
Registered = Event[ComplaintRegistered]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, per second of processor time."""

    decisions: float
    routes: float
    """Decisions of the matrix alone, by its index."""
    scans: float
    """The same row by row."""


def a_rulebook(folder: Path) -> Rulebook:
    """One site for each of the 26 profiles of requirements.md section 3.2."""
    profiles = folder / "profiles"
    profiles.mkdir()
    company: dict[str, Any] = {"name": "All", "sites": {}, "departments": {}, "people": {}}
    for at, file in enumerate(sorted(_CASES.glob("*.yaml"))):
        filled = yaml.safe_load(file.read_text("utf-8")).get("set", {})
        own = own_profile(file.stem, filled)
        _write(profiles / file.name, own)
        _add(company, f"p{at:02}", _loaded(folder, own, profiles))
    for name in list(company["departments"]):
        for number in range(_PEOPLE):
            company["people"][f"{name}.{number}"] = _a_person(name, number)
    _write(folder / "organisation.yaml", company)
    return load_rulebook(folder / "organisation.yaml", [profiles])


def _loaded(folder: Path, own: dict[str, Any], profiles: Path) -> dict[str, Any]:
    from shared.policy.loader import read_profiles  # noqa: PLC0415 - only while the company is built

    found = {one.name: one.profile for one in read_profiles([profiles])[0]}[own["profile"]]
    assert found is not None, own["profile"]
    return an_organisation(found)


def _add(company: dict[str, Any], site: str, other: dict[str, Any]) -> None:
    company["sites"][site] = next(iter(other["sites"].values()))
    company["calendars"] = other["calendars"]
    company["departments"] |= other["departments"]
    company["people"] |= other["people"]


def _a_person(department: str, number: int) -> dict[str, Any]:
    return {
        "name": f"{department} {number}",
        "departments": [department],
        "languages": ["en"] if number % 2 else [],
        "capacity": 100_000 + number,
        "absences": [{"since": "2026-03-01T00:00:00Z", "until": "2026-03-03T00:00:00Z"}]
        if number == 0
        else [],
        "stand_in": f"{department}.1" if number == 0 else None,
    }


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


def complaints_for(rules: Rulebook) -> list[Registered]:
    """For each row of each matrix one complaint that it is about, and one that no row names."""
    found: list[Registered] = []
    for site in rules.organisation.sites:
        for row in rules.profile_of(site).routing:
            found += [_complaint(site, row, len(found)), _complaint(site, None, len(found) + 1)]
    return found


def _complaint(site: str, row: RouteRule | None, number: int) -> Registered:
    when = row.when if row is not None else None
    named = {part: getattr(when, part) for part in ("kind", "category", "type", "grade")} if when else {}
    first = {part: words[0] for part, words in named.items() if words}
    data = ComplaintRegistered(
        complaint_no=f"{site.upper()}-2026-{number:06}",
        kind=first.get("kind", "complaint"),
        category=first.get("category", "something"),
        type=first.get("type", "else"),
        customer_grade=first.get("grade", "general"),
        channel="web",
        received_at=NOW - timedelta(minutes=5),
        registered_at=NOW,
        customer_ref="c-1",
        language="en" if number % 3 else "zh",
        flags=Flags(**dict.fromkeys(when.flags[:1] if when else (), True)),
        sealed="sealed",
    )
    complaint = derived_id(NOW, site, str(number))
    return Event(complaint, data.type_name, site, "intake", complaint, NOW, 1, "", None, data)


def decided(rules: Rulebook, events: Sequence[Registered]) -> float:
    """Seconds of processor time for placing all of them, one after the other."""
    began = process_time()
    for event in events:
        context = Context(NOW, rules, _new_id, _next_number)
        rules = with_assignments(rules, assign_team(None, event, context))
    return process_time() - began


def _new_id() -> Any:
    return derived_id(NOW, "benchmark")


def _next_number(site: str) -> str:
    return site


def measure(rules: Rulebook, *, rounds: int, batch: int = 300) -> Figures:
    """The best of several rounds; the workload begins anew with each batch, as in the service."""
    events = complaints_for(rules)
    batches = [events[at : at + batch] for at in range(0, len(events), batch)]
    best = min(sum(decided(rules, some) for some in batches) for _ in range(rounds))
    asked = [(rules.profile_of(event.site), _facts(event)) for event in events]
    routes = min(_timed(lambda p, f: p.route(f), asked) for _ in range(rounds))
    scans = min(_timed(_scanned, asked) for _ in range(rounds))
    return Figures(len(events) / best, len(events) / routes, len(events) / scans)


def _facts(event: Registered) -> Facts:
    data = event.data
    flags = frozenset(name for name, is_set in data.flags if is_set)
    return Facts(data.kind, data.category, data.type, data.channel, event.site, data.customer_grade, flags)


def _scanned(profile: Profile, facts: Facts) -> RouteRule:
    return next(row for row in profile.routing if matches(row.when, facts))


def _timed(decide: Callable[[Profile, Facts], object], asked: Sequence[tuple[Profile, Facts]]) -> float:
    began = process_time()
    for profile, facts in asked:
        decide(profile, facts)
    return process_time() - began


def all_in_one_table(rules: Rulebook) -> tuple[int, float, float]:
    """Rows of all profiles as one table: how many, microseconds by index, microseconds row by row."""
    rows = tuple(
        replace(row, when=replace(row.when, site=(site,)))
        for site in rules.organisation.sites
        for row in rules.profile_of(site).routing
    )
    table, asked = Table(rows), [_facts(event) for event in complaints_for(rules)]
    indexed = scanned = float("inf")
    for _ in range(5):
        began = process_time()
        for facts in asked:
            table.first(facts)
        indexed = min(indexed, process_time() - began)
        began = process_time()
        for facts in asked:
            next(row for row in rows if matches(row.when, facts))
        scanned = min(scanned, process_time() - began)
    return len(rows), 1e6 * indexed / len(asked), 1e6 * scanned / len(asked)


def main() -> int:
    """Prints the figures; 1 if there are fewer than 20,000 decisions per second."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decisions")
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    with TemporaryDirectory() as folder:
        rules = a_rulebook(Path(folder))
    # As the service does at its start (shared/host/serve.py).
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    found = measure(rules, rounds=rounds)
    rows, indexed, scanned = all_in_one_table(rules)
    sites, people = len(rules.organisation.sites), len(rules.organisation.people)
    sys.stdout.write(
        f"{sites} profiles, {rows} rows, {people} people, one core, processor time\n"
        f"decisions of the handler      {found.decisions:>10,.0f} /s   (wanted: {WANTED:,})\n"
        f"  1 decision                  {1e6 / found.decisions:>10.1f} us\n"
        f"the matrix alone, by index    {found.routes:>10,.0f} /s\n"
        f"the matrix alone, row by row  {found.scans:>10,.0f} /s\n"
        f"all {rows} rows as one table   index {indexed:.2f} us, row by row {scanned:.2f} us "
        f"({scanned / indexed:.0f} times slower)\n"
    )
    return 0 if found.decisions >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
