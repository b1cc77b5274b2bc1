"""Is the broker as this release needs it? `kesu topology apply` makes it so, `check` only looks."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, urlsplit

import typer
from rich.console import Console

from shared.cli.repairing import repair_command
from shared.cli.settings import CliSettings
from shared.errors import Unavailable
from shared.local.amqp_greeting import door
from shared.local.management import Management
from shared.messaging import bindings, provision

topology_app = typer.Typer(help="Exchanges, queues and bindings of the broker.", no_args_is_help=True)
_out = Console()
_VARIABLE = "KESU_AMQP_MANAGEMENT_URL"


@topology_app.command("apply")
def topology_apply() -> None:
    """Declare what is missing; changes nothing that is there."""
    count = asyncio.run(provision.apply(CliSettings().need("amqp_url")))
    _out.print(f"{count} exchanges and queues are in place.")


@topology_app.command("check")
def topology_check() -> None:
    """Say what is missing, different or too much; exits with 1 if anything is."""
    settings = CliSettings()
    url = settings.need("amqp_url")
    problems = asyncio.run(provision.check(url))
    unchecked = ""
    try:
        problems += bindings.problems(_bindings(url, settings.amqp_management_url))
    except Unavailable as error:
        unchecked = f"Bindings were not checked: {error} Set {_VARIABLE} to http://user:password@host:15672."
    for problem in problems:
        _out.print(problem, soft_wrap=True)
    if unchecked:
        _out.print(unchecked, soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    _out.print(
        "Exchanges and queues are as this release needs them."
        if unchecked
        else "The topology is as this release needs it, bindings included."
    )


topology_app.command("repair")(repair_command)


def _bindings(amqp_url: str, management_url: str) -> list[bindings.Binding]:
    """All bindings of the virtual host. Raises Unavailable when no management API tells them."""
    vhost = quote(door(amqp_url).vhost, safe="")
    found = Management(management_url or _usual_place(amqp_url)).call("GET", f"/api/bindings/{vhost}")
    return [
        bindings.Binding(one["destination"], one["source"], one["routing_key"])
        for one in found
        if one["destination_type"] == "queue"
    ]


def _usual_place(amqp_url: str) -> str:
    """Where RabbitMQ's management API is unless somebody moved it: same host, port 15672 (TLS: 15671)."""
    where = door(amqp_url)
    scheme, port = ("https", 15671) if urlsplit(amqp_url).scheme == "amqps" else ("http", 15672)
    return f"{scheme}://{quote(where.user, safe='')}:{quote(where.password, safe='')}@{where.host}:{port}"
