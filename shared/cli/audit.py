"""Did every clock fire? `kesu audit` recomputes them all from the log of events and compares."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

_MODULE = "services.escalation.jobs.audit"


def audit_command(
    log: Annotated[
        Path | None, typer.Option(help="A copy written by `kesu events replay`; else the stream.")
    ] = None,
    statement: Annotated[
        Path | None, typer.Option(help="Write the day's signed statement there too.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option(help="Only check the signature of this statement; no settings needed.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="The public key that must have signed it; without: the one it names.")
    ] = None,
) -> None:
    """Compare what fired and who was told with the log of events; ends with 1 if anything differs.

    Needs the settings of the escalation service; the service itself may be down.
    """
    given = [f"--log={log}"] if log else []
    given += [f"--statement={statement}"] if statement else []
    given += [f"--verify={verify}"] if verify else []
    given += [f"--key={key}"] if key else []
    # A process of its own: commands know no service, and an auditor shares nothing with the audited.
    raise typer.Exit(subprocess.run([sys.executable, "-m", _MODULE, *given], check=False).returncode)
