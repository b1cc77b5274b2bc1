"""What would other files do to what is there? `kesu policy what-if`, `leaving` and `replay`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.policy import DEFAULT, AsJson, Organisation, Profiles, app, refusals
from shared.cli.printing import say
from shared.clock import SystemClock
from shared.policy.loader import load_rulebook
from shared.policy.replaying import read_replay, replay

_MODULE = "services.routing.jobs.what_if"
_LEAVING = "services.routing.jobs.leaving"


@app.command("what-if")
def what_if_command(
    changed: Annotated[
        Path, typer.Argument(help="Folder with changed profiles and, if it changes, organisation.yaml.")
    ],
    since: Annotated[str, typer.Option(help="Complaints received from this day on.")] = "1970-01-01",
    facts: Annotated[
        Path | None, typer.Option(help="A CSV file of facts instead of routing's database.")
    ] = None,
    samples: Annotated[int, typer.Option(min=0, max=50, help="How many to show of each move.")] = 3,
    organisation: Organisation = DEFAULT,
    profiles: Profiles = None,
    as_json: AsJson = False,
) -> None:
    """How many complaints of the past would go elsewhere by a changed policy, from where to where.

    Reads routing's database (settings of the service) or --facts; changes nothing.
    """
    given = [str(changed), f"--organisation={organisation}", f"--since={since}", f"--samples={samples}"]
    given += [f"--profiles={folder}" for folder in profiles or ()]
    given += [f"--facts={facts}"] if facts else []
    given += ["--json"] if as_json else []
    # A process of its own: commands know no service.
    raise typer.Exit(subprocess.run([sys.executable, "-m", _MODULE, *given], check=False).returncode)


@app.command("leaving")
def leaving_command(
    organisation: Organisation = DEFAULT, profiles: Profiles = None, as_json: AsJson = False
) -> None:
    """Who and what would leave with this file, with their open cases; exit 1 if a site vanishes with work.

    Compares with what routing has in force (its database, settings of the service); changes nothing.
    """
    given = [f"--organisation={organisation}", *(f"--profiles={folder}" for folder in profiles or ())]
    given += ["--json"] if as_json else []
    raise typer.Exit(subprocess.run([sys.executable, "-m", _LEAVING, *given], check=False).returncode)


@app.command("replay")
def replay_command(
    file: Annotated[Path, typer.Argument(help="A CSV file of complaints with the department of each.")],
    department: Annotated[str, typer.Option(help="Column that says where it was sent.")] = "department",
    category: Annotated[str, typer.Option(help="Column of the category.")] = "category",
    type_: Annotated[str, typer.Option("--type", help="Column of the type.")] = "type",
    site: Annotated[str, typer.Option(help="Site of all rows; without it the column `site`.")] = "",
    organisation: Organisation = DEFAULT,
    profiles: Profiles = None,
    as_json: AsJson = False,
) -> None:
    """The share of complaints that the profile sends where they were sent, and what no profile can tell."""
    with refusals(as_json=as_json):
        now = SystemClock().now()
        rules = load_rulebook(organisation, profiles or ()).at(now)
        columns = {"category": category, "type": type_}
        found = replay(rules, read_replay(file, columns, {"site": site}, department), now)
        if as_json:
            known = {"rows": found.rows, "right": found.right, "undecidable": found.undecidable}
            pairs = [{"category": c, "type": t, "sent": dict(n)} for (c, t), n in found.ambiguous.items()]
            say(json.dumps({**known, "ambiguous": pairs}, ensure_ascii=False))
            return
        for line in found.lines():
            say(line)
