"""How is the whole suite run on this machine? `kesu up`, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from shared.cli.consoles import show
from shared.local.settings import LocalSettings
from shared.local.suite import ORGANISATION, LocalSuite, local_suite

_out = Console()


def up_command(
    organisation: Annotated[Path, typer.Option(help="organisation.yaml")] = ORGANISATION,
) -> None:
    """Run broker, database and the four services here until Ctrl-C."""
    with local_suite(LocalSettings(), organisation=organisation, say=partial(show, _out)) as suite:
        show_doors(suite)
        wait_for_the_end()


def show_doors(suite: LocalSuite) -> None:
    """Print what a person or a client needs to get in."""
    _out.print()
    for name, url in suite.urls.items():
        show(_out, f"  {name:11} {url}/docs   {url}/metrics")
    _out.print("\nA token for everything, 12 hours:")
    _out.print(f"  export KESU_TOKEN={suite.token()}", soft_wrap=True, highlight=False)
    _out.print("For the other commands:")
    needed = {name: suite.environment[name] for name in ("KESU_DATABASE_URL", "KESU_AMQP_URL")}
    if suite.rabbitmq.management_url:
        needed["KESU_AMQP_MANAGEMENT_URL"] = suite.rabbitmq.management_url
    for name, value in needed.items():
        show(_out, f"  export {name}='{value}'")
    _out.print("Ctrl-C ends it.")


def wait_for_the_end() -> None:
    """Return on Ctrl-C or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(0.5):
        pass
