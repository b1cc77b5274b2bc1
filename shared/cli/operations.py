"""Which commands do operators need? migrate, parked, seal and token."""

from __future__ import annotations

import asyncio
import secrets
import sys
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared.access.tokens import Tokens
from shared.cli import sealing
from shared.cli.settings import CliSettings
from shared.cli.tables import show_whole
from shared.clock import SystemClock
from shared.database.migrate import SERVICES, prepare
from shared.errors import Rejected
from shared.messaging import parking
from shared.messaging.pieces import pieces

parked_app = typer.Typer(help="Messages that wait for a human.", no_args_is_help=True)
seal_app = typer.Typer(help="Keys for personal data.", no_args_is_help=True)
_out = Console()
Service = Annotated[str, typer.Argument(help="intake, routing, escalation or surveys")]
Id = Annotated[str, typer.Option("--id", help="Only the message of this id.")]
OfType = Annotated[str, typer.Option("--type", help="Only events of this type.")]
Most = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]


def migrate_command() -> None:
    """Make the databases and bring them to this release; may run any number of times."""
    url = CliSettings().need("database_url")
    for service in SERVICES:
        revision = asyncio.run(prepare(url, service))
        _out.print(f"{service}: at {revision}")


@parked_app.command("list")
def parked_list(service: Annotated[str, typer.Argument()] = "", most: Most = 100) -> None:
    """What is parked, oldest first."""
    url = CliSettings().need("amqp_url")
    table = Table("service", "id", "event", "complaint", "code", "why", "attempts", "first failure")
    cut: list[str] = []
    for one in [service] if service else SERVICES:
        shown, total = asyncio.run(_add_parked(table, url, one, most))
        if shown < total:
            cut.append(f"{one}: the oldest {shown} of {total} are shown; --limit shows more.")
    if table.row_count:
        show_whole(table)
    else:
        _out.print("Nothing is parked.")
    for line in cut:
        _out.print(line)


async def _add_parked(table: Table, url: str, service: str, most: int) -> tuple[int, int]:
    """Add a row for each of the oldest; how many there were and how many are parked."""
    total, before = await parking.count(url, service), table.row_count
    async for parked in parking.each(url, service, most):
        why = f"{parked.detail} ({parked.field})" if parked.field else parked.detail
        # What a stranger wrote is no markup of ours.
        table.add_row(*map(escape, (
            service, parked.message_id, parked.type, parked.complaint, parked.code, why,
            str(parked.attempts), parked.first_failure[:19],
        )))  # fmt: skip
    return table.row_count - before, total


@parked_app.command("show")
def parked_show(service: Service, identifier: Id) -> None:
    """The whole message, an event a line; personal data in it stays sealed.

    What is no event is a line with `unreadable` and its bytes in base64.
    """
    url = CliSettings().need("amqp_url")
    parked = asyncio.run(parking.found(url, service, identifier))
    if parked is None:
        raise Rejected("not-parked", f"no message {identifier} is parked for {service}", field="--id")
    _out.print(f"{parked.code}: {parked.detail} {parked.field}".rstrip(), markup=False)
    sys.stdout.write(_lines_of(parked))


@parked_app.command("replay")
def parked_replay(service: Service, identifier: Id = "", kind: OfType = "", most: Most = 1000) -> None:
    """Send parked messages back to work."""
    url = CliSettings().need("amqp_url")
    moved = asyncio.run(
        parking.replay(url, service, _wanted(identifier, kind), most=most, by="operator", clock=SystemClock())
    )
    _out.print(f"{moved} replayed.")


@parked_app.command("drop")
def parked_drop(
    service: Service,
    identifier: Id = "",
    kind: OfType = "",
    most: Most = 1000,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take parked messages away for good; each is printed first."""
    if not yes:
        typer.confirm("Dropped messages cannot be brought back. Go on?", abort=True)
    url = CliSettings().need("amqp_url")
    asyncio.run(_drop(url, service, _wanted(identifier, kind), most))


async def _drop(url: str, service: str, wanted: parking.Wanted, most: int) -> None:
    async for parked in parking.dropped(url, service, wanted, most=most):
        sys.stdout.write(_lines_of(parked))
        sys.stdout.flush()


def _lines_of(parked: parking.Parked) -> str:
    """Each event on a line, and what is none with its bytes, so that nothing of it is lost."""
    return "".join(piece.line().decode() + "\n" for piece in pieces(parked.body))


seal_app.command("new-key")(sealing.new_key_command)
seal_app.command("rotate")(sealing.rotate_command)


def token_command(
    person: Annotated[str, typer.Option(help="The person's id in the organisation.")] = "",
    role: Annotated[list[str], typer.Option(help="agent, handler, manager, director, auditor, admin")] = [],  # noqa: B006 - Typer's own form
    site: Annotated[list[str], typer.Option(help="Sites; * for all.")] = ["*"],  # noqa: B006 - Typer's own form
    department: Annotated[list[str], typer.Option(help="Departments; none for all.")] = [],  # noqa: B006 - Typer's own form
    hours: Annotated[float, typer.Option(min=0.01, help="How long it is valid.")] = 12,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="Print a good KESU_SECRET instead.")
    ] = False,
) -> None:
    """Print a bearer token for a person."""
    if new_secret:
        sys.stdout.write(secrets.token_urlsafe(48) + "\n")
        return
    if not person:
        raise Rejected("person-missing", "say whose token it is", field="--person")
    tokens = Tokens(CliSettings().need("secret"), SystemClock())
    token = tokens.issue(
        person, roles=role, sites=site, departments=department, lifetime=timedelta(hours=hours)
    )
    sys.stdout.write(token + "\n")


def _wanted(identifier: str, kind: str) -> parking.Wanted:
    return lambda parked: (
        (not identifier or parked.message_id == identifier) and (not kind or parked.type == kind)
    )
