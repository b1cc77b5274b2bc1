"""How does an operator look at the event stream? `kesu events tail|replay`, from any point in time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer

from shared.cli.printing import clean
from shared.cli.settings import CliSettings
from shared.errors import Rejected
from shared.messaging.stream import read_stream

events_app = typer.Typer(help="The replayable stream of all events.", no_args_is_help=True)
OfType = Annotated[str, typer.Option("--type", help="Only types that begin so.")]
Subject = Annotated[str, typer.Option("--complaint", help="Only this complaint's id.")]


@events_app.command("tail")
def tail(kind: OfType = "", complaint: Subject = "") -> None:
    """Print events as they come, one JSON a line, until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_print("next", kind, complaint, idle_seconds=None))


@events_app.command("replay")
def replay(
    since: Annotated[
        str, typer.Option("--since", help="first, an age like 7D or 2h, or an ISO 8601 moment")
    ] = "first",
    kind: OfType = "",
    complaint: Subject = "",
) -> None:
    """Print what the stream holds from there on, one JSON a line, and stop at its end."""
    asyncio.run(_print(since, kind, complaint, idle_seconds=2.0))


async def _print(since: str, kind: str, complaint: str, *, idle_seconds: float | None) -> None:
    url = CliSettings().need("amqp_url")
    bodies: AsyncIterator[bytes] = read_stream(url, offset_of(since), idle_seconds=idle_seconds)
    async for body in bodies:
        text = body.decode()
        if kind and f'"type":"{kind}' not in text:
            continue
        if complaint and f'"subject":"{complaint}"' not in text:
            continue
        sys.stdout.write(clean(text) + "\n")
        sys.stdout.flush()


def offset_of(since: str) -> str | datetime:
    """The stream offset for what an operator writes. Raises Rejected('bad-since')."""
    if since in {"first", "next", "last"} or (since[:-1].isdigit() and since[-1:] in set("YMDhms")):
        return since
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Rejected(
            "bad-since",
            f"{since!r} is no point in the stream",
            field="--since",
            remedy="Use first, an age like 7D or 2h, or 2026-11-21T08:00:00+08:00.",
        )
    return moment
