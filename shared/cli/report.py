"""How did we do? `kesu report clocks` asks how promises stood on a day, `forecast` how good forecasts are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
import typer
from rich.table import Table

from shared.cli.consoles import cell
from shared.cli.door import Door
from shared.cli.printing import say
from shared.cli.tables import show_whole

report_app = typer.Typer(help="Figures about what was promised and kept.", no_args_is_help=True)
_COUNTS = ("started", "met", "late", "overdue", "running", "paused", "cancelled")


@report_app.command("clocks")
def clocks_command(
    token: Annotated[str, typer.Option(envvar="KESU_TOKEN", help="From `kesu token`.")],
    as_of: Annotated[str, typer.Option("--as-of", help="A day or a moment; left out: now.")] = "",
    site: Annotated[str, typer.Option(help="Only this site.")] = "",
    by: Annotated[str, typer.Option(help="department or category")] = "department",
    clock: Annotated[str, typer.Option(help="Only clocks of this name.")] = "",
    url: Annotated[str, typer.Option(help="The escalation service.")] = "http://127.0.0.1:8003",
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Count promises by how they stood: met, late, overdue, running, paused, cancelled."""
    query = {"as_of": as_of, "site": site, "by": by}
    asked = urlencode({name: value for name, value in query.items() if value})
    with Door(url, token) as door:
        answer = door.get(f"/reports/clocks?{asked}")
    if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
        raise answer.refusal()
    items = [item for item in answer.body["items"] if not clock or item["clock"] == clock]
    total = {name: sum(item[name] for item in items) for name in _COUNTS}
    if as_json:
        say(orjson.dumps({**answer.body, "items": items, "total": total}).decode())
        return
    show_whole(_table(items, total, str(answer.body["as_of"]), by))


@report_app.command("forecast")
def forecast_command(
    token: Annotated[str, typer.Option(envvar="KESU_TOKEN", help="From `kesu token`.")],
    url: Annotated[str, typer.Option(help="The escalation service.")] = "http://127.0.0.1:8003",
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Compare forecasts of breaches with the base rate on the newest outcomes (Brier: 0 is perfect)."""
    with Door(url, token) as door:
        answer = door.get("/reports/forecast")
    if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
        raise answer.refusal()
    if as_json:
        say(orjson.dumps(answer.body).decode())
        return
    if not answer.body["items"]:
        say("Nothing was learned yet: clocks have to end first, then KESU_FORECAST_MINUTES to pass.")
        return
    show_whole(_scores(answer.body))


def _scores(body: Mapping[str, Any]) -> Table:
    title = cell(
        f"Forecasts since {body['split_at']}, each by what was known then, judged by what happened later"
    )
    heads = ("clock", "asked", "missed", "Brier forecast", "Brier base rate", "skill", "calibration error")
    table = Table(*heads, "shown", title=title)
    for item in body["items"]:
        figures = (f"{item[name]:.3f}" for name in ("forecast", "base_rate", "skill", "calibration_error"))
        shown = "yes" if item["is_shown"] else "no"
        table.add_row(cell(item["clock"]), str(item["asked"]), f"{item['missed']:.0%}", *figures, shown)
    return table


def _table(items: list[dict[str, Any]], total: dict[str, int], as_of: str, by: str) -> Table:
    table = Table("site", by, "clock", *_COUNTS, title=cell(f"Promises as of {as_of}"))
    for item in items:
        table.add_row(
            cell(item["site"]),
            cell(item["group"] or "-"),
            cell(item["clock"]),
            *(str(item[name]) for name in _COUNTS),
        )
    table.add_section()
    table.add_row("", "", "all", *(str(total[name]) for name in _COUNTS))
    return table
