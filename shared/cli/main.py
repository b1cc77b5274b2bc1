"""Where does `kesu` begin? The commands, and one place that turns failures into one plain sentence."""

from __future__ import annotations

import runpy
import sys
from typing import Annotated

import typer

from shared.cli import calendar, operations, policy
from shared.cli.audit import audit_command
from shared.cli.contract import contract_app
from shared.cli.demo import demo_command
from shared.cli.events import events_app
from shared.cli.importing import import_command
from shared.cli.report import report_app
from shared.cli.simulate import simulate_command
from shared.cli.topology import topology_app
from shared.cli.up import up_command
from shared.errors import KesuError

app = typer.Typer(
    name="kesu",
    help="Complaints that nobody forgets: intake, routing, escalation, surveys.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command("up")(up_command)
app.command("demo")(demo_command)
app.command("import")(import_command)
app.command("simulate")(simulate_command)
app.command("audit")(audit_command)
app.command("migrate")(operations.migrate_command)
app.command("token")(operations.token_command)
app.add_typer(calendar.app, name="calendar")
app.add_typer(policy.app, name="policy")
app.add_typer(topology_app, name="topology")
app.add_typer(operations.parked_app, name="parked")
app.add_typer(operations.seal_app, name="seal")
app.add_typer(events_app, name="events")
app.add_typer(contract_app, name="contract")
app.add_typer(report_app, name="report")


@app.command("serve")
def serve(service: Annotated[str, typer.Argument(help="intake, routing, escalation or surveys")]) -> None:
    """Run one service in this process."""
    runpy.run_module(f"services.{service}", run_name="__main__", alter_sys=False)


def main() -> None:
    """Run the command; a failure that Kesu foresaw is one sentence and exit code 2."""
    try:
        app()
    except KesuError as error:
        sys.stderr.write(f"{error.sentence()}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
