"""Injected: while complaints come in, the organisation file loses a person with a successor, one without, a
department and a whole site; then escalation and routing are killed (-9) and come back on a file that cannot be
read, and at the end the old file is there again.

Must hold: nothing is parked and no timer fails; no open case is with anybody who left; clocks of the site that
vanished are fired; the services live by the last good file until there is a better one.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import yaml

from shared.cli.simulate import simulate
from shared.local.suite import ORGANISATION
from shared.policy.shelf import SHIPPED
from shared.settings import database_of
from tests.faults.ledger import Finding
from tests.faults.load import Load
from tests.faults.rig import Rig

SECONDS = 10.0
_MORE_SECONDS = 20.0
SITE, DEPARTMENT = "ber1", "logistics"
HEIR = "customer-service"
PERSON, SUCCESSOR = "sun.hao", "liu.yang"
ALONE = "zhang.wei"
_SEED = 5000
_MOVED = "SELECT complaint_id FROM cases WHERE jsonb_array_length(state->'former') > 0"
_LEFT = f"""
SELECT count(*) FROM cases WHERE status NOT IN ('closed', 'declined', 'withdrawn', 'merged')
   AND (department = '{DEPARTMENT}' OR assignee IN ('{PERSON}', '{ALONE}'))
"""
_OPEN_AT_SITE = f"""
SELECT complaint_id FROM sheets WHERE site = '{SITE}' AND state #>> '{{clocks,0,state}}' = 'running' LIMIT 50
"""
_DUE_NOW = """
UPDATE sheets SET wake_at = now(), earliest_due = now(),
       state = jsonb_set(state, '{clocks,0,due_at}', to_jsonb(now())) WHERE complaint_id = ANY($1)
"""
_BREACHED = "SELECT count(*) FROM sheets WHERE complaint_id = ANY($1) AND cardinality(escalation_ids) > 0"


async def run(rig: Rig, load: Load) -> None:
    """Shrink it under load, then break the file, then bring the old one back."""
    profiles = rig.settings.var / "organisation" / "profiles"
    profiles.mkdir(parents=True, exist_ok=True)
    file = profiles.parent / "organisation.yaml"
    shutil.copyfile(ORGANISATION, file)
    await rig.start_services(KESU_ORGANISATION=str(file), KESU_PROFILES=str(profiles))
    more = load.beside(tuple(simulate(_SEED, load.asked, ("sh01",))), name="after", seconds=_MORE_SECONDS)
    try:
        async with load.running():
            await load.reached(1)
        async with more.running():
            await more.reached(0.2)
            await asyncio.to_thread(_shrink, file, profiles)
            rig.note(f"{PERSON}, {ALONE}, department {DEPARTMENT} and site {SITE} are no longer in the file")
            await more.reached(0.6)
            await asyncio.to_thread(file.write_text, "name: [", "utf-8")
            for name in ("escalation", "routing"):
                await rig.crash(name)
            await rig.start("escalation", "routing")
            rig.note("escalation and routing are back on a file that cannot be read")
            await _site_is_served(rig)
        load.accepted += more.accepted
        load.unanswered += more.unanswered
        load.answers.update(more.answers)
        await rig.until("nobody who left has an open case", lambda: _nobody_left(rig), seconds=90)
        await rig.settle()
        rig.injected = replace(rig.injected, moved=rig.injected.moved | await _moved(rig))
        rig.note(f"{len(rig.injected.moved)} cases are in other hands")
        if not rig.injected.moved:
            rig.findings.append(Finding("odd", "nobody who left had a case"))
    finally:
        await rig.start_services()


async def _moved(rig: Rig) -> frozenset[UUID]:
    database = await asyncpg.connect(database_of(rig.postgres.url, "routing"))
    try:
        return frozenset([row[0] for row in await database.fetch(_MOVED)])
    finally:
        await database.close()


def _shrink(file: Path, profiles: Path) -> None:
    """First the profile, which may not name the department, then the organisation without it."""
    profile = (SHIPPED / "generic-1-3.yaml").read_text("utf-8")
    (profiles / "generic-1-3.yaml").write_text(
        profile.replace(f"lead: {DEPARTMENT}", f"lead: {HEIR}"), "utf-8"
    )
    content: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    del content["sites"][SITE], content["departments"][DEPARTMENT]
    for person in (PERSON, ALONE):
        del content["people"][person]
    content["successors"] = {"people": {PERSON: SUCCESSOR}}
    for one in content["people"].values():
        one["sites"] = [site for site in one.get("sites", ()) if site != SITE]
        one["departments"] = [name for name in one.get("departments", ()) if name != DEPARTMENT]
        if one.get("stand_in") in (PERSON, ALONE):
            del one["stand_in"]
    for one in content["departments"].values():
        named = {site: person for site, person in one.get("managers", {}).items() if site != SITE}
        one["managers"] = {site: _other(person) for site, person in named.items()}
        one["members"] = [person for person in one.get("members", ()) if _other(person) == person]
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


def _other(person: str) -> str:
    return {PERSON: SUCCESSOR, ALONE: "li.na"}.get(person, person)


async def _nobody_left(rig: Rig) -> bool:
    return (await rig.value("routing", _LEFT)) == 0


async def _site_is_served(rig: Rig) -> None:
    """Clocks of the site that vanished fall due now, and are fired."""
    database = await asyncpg.connect(database_of(rig.postgres.url, "escalation"))
    try:
        picked = [row[0] for row in await database.fetch(_OPEN_AT_SITE)]
        await database.execute(_DUE_NOW, picked)
        rig.note(f"{len(picked)} clocks of {SITE} fall due now")
        if not picked:
            rig.findings.append(Finding("odd", f"no clock of {SITE} was there to fall due"))

        async def all_fired() -> bool:
            return await database.fetchval(_BREACHED, picked) == len(picked)

        await rig.until(f"the clocks of {SITE} fired", all_fired, seconds=60)
        failed = await rig.metric(rig.services["escalation"], "kesu_timers_failed_total")
        if failed:
            rig.findings.append(Finding("odd", f"{failed:.0f} timers of escalation failed"))
    finally:
        await database.close()
