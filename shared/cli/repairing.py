"""How does an operator bring back what the broker lost, and what services missed? `kesu topology repair`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from shared.cli.events import offset_of
from shared.cli.settings import CliSettings
from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.errors import Rejected
from shared.messaging import provision
from shared.messaging.feeding import Fed, Feeding
from shared.messaging.stream import OnProgress, Since
from shared.messaging.topology import LOG_STREAM, SERVICES
from shared.settings import database_of

_out = Console()
_log_lost = (
    f"{LOG_STREAM} had gone and is new: what was told before cannot be fetched from it any more. "
    "What services handled before stands in their databases; what they missed before is lost to them."
)


def repair_command(
    service: Annotated[str, typer.Option(help="Feed only this one: intake, routing ...")] = "",
    since: Annotated[
        str, typer.Option("--since", help="first, an age like 7D or 2h, or an ISO 8601 moment")
    ] = "first",
) -> None:
    """Declare what is missing, then put what services missed into their queues, from the log.

    May run at any time and any number of times, beside running services: what was handled is known by its
    id, and nothing is handled twice. Ends with 1 if something cannot be brought back.
    """
    if service and service not in SERVICES:
        raise Rejected("unknown-service", f"there is no service {service}", field="--service")
    place = offset_of(since)
    settings = CliSettings()
    url, database_url = settings.need("amqp_url"), settings.need("database_url")
    missing = asyncio.run(provision.check(url))
    for one in missing:
        _out.print(one.replace("; run `kesu topology apply`.", "."), soft_wrap=True, markup=False)
    asyncio.run(provision.apply(url))
    for one in [service] if service else SERVICES:
        with _bar(one) as on_progress:
            fed = asyncio.run(_fed(one, url, database_url, settings.inbox_days, place, on_progress))
        _out.print(_sentence(one, fed), soft_wrap=True, highlight=False)
    if any(one.startswith(f"{LOG_STREAM} is missing") for one in missing):
        _out.print(_log_lost, soft_wrap=True, highlight=False)
        raise typer.Exit(1)


async def _fed(
    service: str, url: str, database_url: str, inbox_days: int, since: Since, on_progress: OnProgress
) -> Fed:
    database = Database(database_of(database_url, service), service="repair", pool=1)
    try:
        feeding = Feeding(service, url, database, SystemClock(), inbox_days)
        return await feeding.from_log(since, on_progress=on_progress)
    finally:
        await database.close()


def _sentence(service: str, fed: Fed) -> str:
    told = f"{service}: {fed.fed} of {fed.read} events of the log were missing and are in its queue now"
    if fed.too_old:
        told += f"; {fed.too_old} older ones were left out, its inbox may have forgotten them"
    if fed.unreadable:
        told += f"; {fed.unreadable} messages of the log are no events"
    return told + "."


@contextmanager
def _bar(service: str) -> Iterator[OnProgress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=_out, transient=True, disable=not _out.is_terminal) as progress:
        task = progress.add_task(f"{service}: reading the log", total=None)

        def on_progress(count: int, most: int | None) -> None:
            if count % 100 == 0:
                progress.update(task, completed=count, total=most)

        yield on_progress
