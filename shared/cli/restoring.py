"""How do four databases of different moments agree again? `kesu restore` after older dumps were restored."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from shared.errors import Rejected
from shared.messaging.topology import SERVICES

_FAILED = 2


def restore_command(
    service: Annotated[
        str, typer.Argument(help="intake, routing, escalation or surveys; without: all four.")
    ] = "",
    since: Annotated[
        str, typer.Option("--since", help="first, or an age like 7D that covers the oldest dump's.")
    ] = "first",
) -> None:
    """Bring databases that were restored from older dumps up to the log of events, each from its own moment.

    What a service told and heard since its dump comes back; nothing is told or sent twice. What no event
    carries is named, complaint by complaint. May run beside running services and any number of times.
    Needs the services' settings. Ends with 1 if something is lost, with 2 if it could not be done.
    """
    if service and service not in SERVICES:
        raise Rejected("unknown-service", f"there is no service {service}", field="service")
    worst = 0
    # A process for each: commands know no service.
    for one in [service] if service else SERVICES:
        program = [sys.executable, "-m", f"services.{one}", "restore", f"--since={since}"]
        worst = max(worst, subprocess.run(program, check=False).returncode)
        if worst >= _FAILED:
            break
    raise typer.Exit(worst)
