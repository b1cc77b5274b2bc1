"""Where does `kesu` begin? The commands, and one place that turns failures into one plain sentence.

A command's module is imported when the command is used: half of what they all need together is a second of
imports that `kesu token` or the start of a demonstration would wait for.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from shared.cli.printing import say
from shared.errors import KesuError

COMMANDS: Mapping[str, str] = {
    "up": "shared.cli.up:up_command",
    "demo": "shared.cli.demo:demo_command",
    "serve": "shared.cli.main:serve_command",
    "import": "shared.cli.importing:import_command",
    "simulate": "shared.cli.simulate:simulate_command",
    "audit": "shared.cli.audit:audit_command",
    "migrate": "shared.cli.operations:migrate_command",
    "token": "shared.cli.operations:token_command",
    "secret": "shared.cli.secrets_of:secret_command",
    "calendar": "shared.cli.calendar:app",
    "policy": "shared.cli.replaying:app",
    "accounts": "shared.cli.accounts:accounts_command",
    "restore": "shared.cli.restoring:restore_command",
    "topology": "shared.cli.topology:topology_app",
    "parked": "shared.cli.operations:parked_app",
    "seal": "shared.cli.operations:seal_app",
    "events": "shared.cli.events:events_app",
    "contract": "shared.cli.contract:contract_app",
    "report": "shared.cli.report:report_app",
}
"""Where each command, or group of commands, is to be found."""


class _WhenUsed(TyperGroup):
    """A group whose commands are imported one by one."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer()
            alone.command(cmd_name)(found)
            return typer.main.get_command(alone)
        group = typer.main.get_group(found)
        group.name = cmd_name
        return group


app = typer.Typer(
    name="kesu",
    cls=_WhenUsed,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def kesu() -> None:
    """Complaints that nobody forgets: intake, routing, escalation, surveys."""


def serve_command(
    service: Annotated[str, typer.Argument(help="intake, routing, escalation or surveys")],
) -> None:
    """Run one service in this process."""
    runpy.run_module(f"services.{service}", run_name="__main__", alter_sys=False)


def main() -> None:
    """Run the command; a failure that Kesu foresaw is one sentence and exit code 2."""
    try:
        app()
    except KesuError as error:
        say(error.sentence(), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
