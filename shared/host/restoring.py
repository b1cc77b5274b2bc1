"""How is one service's database brought up to the log? `python -m services.<service> restore`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Any

from shared.clock import SystemClock
from shared.database.revisions import check_revision
from shared.database.transaction import Database
from shared.errors import KesuError
from shared.host.keeping import rules_in_force
from shared.host.plan import ServicePlan
from shared.messaging.feeding import Fed, Feeding
from shared.messaging.restoring import Report, Restoring
from shared.messaging.stream import Since
from shared.notify.table import write_notices
from shared.settings import ServiceSettings, database_of

_INTAKE = "intake"


async def restoring(plan: ServicePlan, settings: ServiceSettings, database: Database) -> Restoring[Any]:
    """What restores this service's database, by the rules by which the service would live now."""
    rules = await rules_in_force(database, settings, SystemClock().now())
    return Restoring(
        plan=plan.for_shell(),
        recalls=plan.recalls(settings) if plan.recalls is not None else {},
        store=plan.store,
        database=database,
        amqp_url=settings.amqp_url,
        rules=lambda: rules,
        clock=SystemClock(),
        write_notices=write_notices,
        inbox_days=settings.inbox_days,
        numbered=plan.name == _INTAKE,
    )


async def restored(
    plan: ServicePlan, settings: ServiceSettings, since: Since = "first"
) -> tuple[Report, Fed]:
    """Take back what it told and heard, then put into its queue what else it missed."""
    database = Database(database_of(settings.database_url, plan.name), service=f"{plan.name}-restore", pool=1)
    try:
        await check_revision(database, plan.name)
        report = await (await restoring(plan, settings, database)).run(since)
        feeding = Feeding(plan.name, settings.amqp_url, database, SystemClock(), settings.inbox_days)
        return report, await feeding.from_log(since)
    finally:
        await database.close()


def main(plan: ServicePlan, settings_type: Callable[..., ServiceSettings], arguments: Sequence[str]) -> int:
    """0: it knows what the log knows; 1: something named is lost; 2: it could not be done."""
    parser = argparse.ArgumentParser(prog=f"kesu restore {plan.name}", description=__doc__)
    parser.add_argument("--since", default="first", help="first, or an age like 7D that covers the dump's.")
    given = parser.parse_args(arguments)
    try:
        report, fed = asyncio.run(restored(plan, settings_type(), given.since))
    except KesuError as error:
        sys.stderr.write(f"{error.sentence()}\n")
        return 2
    for line in lines_of(plan.name, report, fed):
        sys.stdout.write(f"{line}\n")
    return 1 if any(one.whole for one in report.lost) else 0


def lines_of(service: str, report: Report, fed: Fed) -> list[str]:
    """The report for people: what is lost first, complaint by complaint."""
    lost = sorted(report.lost, key=lambda one: not one.whole)
    lines = [f"{'lost' if one.whole else 'in part'}: {one.complaint_id}: {one.what}" for one in lost]
    lines += [
        f"the counter of {site} for {year} stood below the log and was raised" for site, year in report.raised
    ]
    lines.append(
        f"{service}: {report.own} events that it had told and did not know, {report.heard} that it had not "
        f"handled, {report.told} told because of them, {fed.fed} more put into its queue, "
        f"{sum(one.whole for one in report.lost)} lost."
    )
    return lines
