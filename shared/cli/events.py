"""How does an operator look at the event stream? `kesu events tail|replay`, from any point in time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Annotated

import typer

from shared.cli.printing import clean, say
from shared.cli.settings import CliSettings
from shared.errors import Rejected
from shared.messaging.pieces import Piece
from shared.messaging.stream import Entry, follow_log, read_log

events_app = typer.Typer(help="The replayable stream of all events.", no_args_is_help=True)
OfType = Annotated[str, typer.Option("--type", help="Only types that begin so.")]
Subject = Annotated[str, typer.Option("--complaint", help="Only this complaint's id.")]


@events_app.command("tail")
def tail(kind: OfType = "", complaint: Subject = "") -> None:
    """Print events as they come, one JSON a line, until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_print(follow_log(CliSettings().need("amqp_url")), kind, complaint))


@events_app.command("replay")
def replay(
    since: Annotated[
        str, typer.Option("--since", help="first, an age like 7D or 2h, or an ISO 8601 moment")
    ] = "first",
    kind: OfType = "",
    complaint: Subject = "",
) -> None:
    """Print what the stream holds from there on, one JSON a line, and stop at its end.

    What is no event is a line with `unreadable`, its place and its bytes in base64; filters leave it out.
    """
    url = CliSettings().need("amqp_url")
    asyncio.run(_print(read_log(url, offset_of(since)), kind, complaint))


async def _print(log: AsyncGenerator[Entry, None], kind: str, complaint: str) -> None:
    unreadable = 0
    async with aclosing(log) as entries:
        async for entry in entries:
            for piece in entry.pieces():
                unreadable += piece.head is None
                if _is_wanted(piece, kind, complaint):
                    sys.stdout.write(clean(piece.line(offset=entry.offset).decode()) + "\n")
            sys.stdout.flush()
    if unreadable:
        say(f"{unreadable} messages of the log are no events.", err=True)


def _is_wanted(piece: Piece, kind: str, complaint: str) -> bool:
    if piece.head is None:
        return not kind and not complaint
    return piece.head.type.startswith(kind) and complaint in {"", str(piece.head.subject)}


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
