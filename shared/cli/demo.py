"""What does Kesu do, seen in half a minute? `make demo`: complaints through all four services, one table."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from shared.cli.consoles import cell, show
from shared.cli.simulate import simulate
from shared.cli.up import show_doors, wait_for_the_end
from shared.clock import monotonic
from shared.local.demonstration import Fate, People, fate, in_order
from shared.local.http_client import HttpClient
from shared.local.mailbox import Mailbox, mailbox
from shared.local.settings import ROOT, LocalSettings
from shared.local.suite import LocalSuite, local_suite

_ORGANISATION = ROOT / "deploy" / "organisation" / "demo.yaml"
_LIMIT_SECONDS = 12.0
"""The longest limit of the profile demo-fast."""
_APART_SECONDS = 0.01
_out = Console()


@dataclass(slots=True)
class Figures:
    """What the services say of this demonstration's complaints."""

    registered: int = 0
    departments: Counter[str] = field(default_factory=Counter)
    clocks: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    escalations: int = 0
    acknowledged: int = 0
    invited: int = 0
    scores: list[float] = field(default_factory=list)
    mails: int = 0
    seconds: float = 0.0


def demo_command(
    count: Annotated[int, typer.Option(min=1, max=5000, help="Complaints.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed, the same complaints and fates.")] = 7,
    leave: Annotated[
        bool, typer.Option("--exit", envvar="DEMO_EXIT", help="End afterwards instead of staying up.")
    ] = False,
) -> None:
    """Run everything here, feed it complaints, and show what happened."""
    begun = monotonic()
    with mailbox() as mails:
        extra = {"KESU_SMTP_URL": mails.url, "KESU_MAIL_FROM": "kesu@demo.example"}
        with local_suite(
            LocalSettings(),
            organisation=_ORGANISATION,
            extra=extra,
            management=False,
            say=partial(show, _out),
        ) as suite:
            _out.print(f"Everything runs after {monotonic() - begun:.0f} s. Complaints come in now.")
            figures = asyncio.run(_demonstrate(suite, mails, count, seed))
            _out.print(_table(figures))
            if not leave:
                show_doors(suite)
                wait_for_the_end()


async def _demonstrate(suite: LocalSuite, mails: Mailbox, count: int, seed: int) -> Figures:
    begun = monotonic()
    random = Random(seed)  # noqa: S311 - nothing here is secret
    people = People(suite, mails)
    managers = asyncio.create_task(people.acknowledge_alarms(Random(seed)))  # noqa: S311 - as above
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_out) as progress:
        bar = progress.add_task("complaints settled", total=count)

        async def one(place: int, body: Mapping[str, Any], what: Fate) -> str:
            # One after the other, as customers come: all in one instant would only wait in queues.
            await asyncio.sleep(place * _APART_SECONDS)
            done = await people.live(body, what)
            progress.advance(bar)
            return done

        bodies = list(simulate(seed, count))
        fates = [fate(random, limit_seconds=_LIMIT_SECONDS) for _ in bodies]
        order = in_order(fates)
        ids = await asyncio.gather(
            *(one(place, bodies[number], fates[number]) for place, number in enumerate(order))
        )
    figures = await _figures(suite, set(ids))
    managers.cancel()
    people.close()
    figures.mails = len(mails.mails)
    figures.seconds = monotonic() - begun
    return figures


async def _figures(suite: LocalSuite, ids: set[str]) -> Figures:
    """Ask every service through its own door, for these complaints only."""
    token = suite.token("demo", "auditor", "manager")
    figures = Figures()
    async with HttpClient(suite.urls["intake"], token=token) as intake:
        for item in await _all(intake, "/complaints", ids, "id"):
            figures.registered += 1
            figures.statuses[item["status"]] += 1
            figures.departments[item["department"] or "(none)"] += 1
    async with HttpClient(suite.urls["escalation"], token=token) as escalation:
        sheets = await asyncio.gather(
            *(escalation.request("GET", f"/complaints/{one}/clocks") for one in sorted(ids))
        )
        for sheet in sheets:
            if sheet.status == 200:  # noqa: PLR2004 - HTTP's own number
                figures.clocks.update(_outcome(clock) for clock in sheet.json()["items"])
        for item in await _all(escalation, "/escalations", ids, "complaint_id"):
            figures.escalations += 1
            figures.acknowledged += bool(item["acknowledged_by"])
    async with HttpClient(suite.urls["surveys"], token=token) as surveys:
        for item in await _all(surveys, "/invitations", ids, "complaint_id"):
            form = item["form"] or {}
            figures.invited += bool(form)
            if form.get("score") is not None:
                figures.scores.append(form["score"])
    return figures


async def _all(client: HttpClient, path: str, ids: set[str], key: str) -> list[Any]:
    """The items of a paged list that belong to these complaints."""
    found: list[Any] = []
    after = ""
    while True:
        reply = await client.request("GET", f"{path}?limit=200{f'&after={after}' if after else ''}")
        page = reply.json()
        found += [item for item in page["items"] if item[key] in ids]
        after = page.get("next") or ""
        if not after:
            return found


def _outcome(clock: Mapping[str, Any]) -> str:
    return "breached" if clock.get("breached_at") or clock.get("late") else str(clock["state"])


def _table(figures: Figures) -> Table:
    table = Table(title=f"What happened in {figures.seconds:.0f} s", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_row("Complaints registered", str(figures.registered))
    for department, number in figures.departments.most_common():
        table.add_row(cell(f"  assigned to {department}"), str(number))
    table.add_section()
    table.add_row("Clocks met in time", str(figures.clocks["met"]))
    table.add_row("Clocks breached", str(figures.clocks["breached"]))
    table.add_row("Escalations raised", str(figures.escalations))
    table.add_row("  acknowledged by a manager", str(figures.acknowledged))
    table.add_row("Mails delivered over SMTP", str(figures.mails))
    table.add_section()
    table.add_row("Closed with the customer's consent", str(figures.statuses["closed"]))
    table.add_row("Customers asked for their opinion", str(figures.invited))
    table.add_row("Surveys answered", str(len(figures.scores)))
    table.add_row("Mean score (0 to 100)", _mean(figures.scores))
    return table


def _mean(scores: Sequence[float]) -> str:
    return f"{sum(scores) / len(scores):.1f}" if scores else "none"
