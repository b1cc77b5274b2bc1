"""How does the contract get on paper? `kesu contract write|check`: JSON Schemas and AsyncAPI 3."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.cli.printing import say
from shared.events.asyncapi import asyncapi_document, json_schema
from shared.events.catalogue import all_events
from shared.files import OPEN, OwnFile, write_own

contract_app = typer.Typer(help="The published event contract.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="Where the files are.")]


def contract_files() -> dict[str, str]:
    """Name and text of every generated file."""
    files = {f"{event.type_name}.schema.json": _text(json_schema(event)) for event in all_events()}
    files["asyncapi.json"] = _text(asyncapi_document())
    return files


@contract_app.command("write")
def write(folder: Folder = Path("docs/events")) -> None:
    """Write the files; one of these names that is no contract of ours is left alone and refused."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [
        (OwnFile(folder / name, is_ours=_is_contract, option="FOLDER", mode=OPEN), text)
        for name, text in contract_files().items()
    ]
    for file, text in made:
        write_own(file, text.encode())


@contract_app.command("check")
def check(folder: Folder = Path("docs/events")) -> None:
    """Exit with 1 if a file is not what this release would write."""
    stale = stale_files(folder)
    for name in stale:
        say(f"{folder / name} is not up to date; run `kesu contract write`.")
    raise typer.Exit(1 if stale else 0)


def stale_files(folder: Path) -> list[str]:
    """Names of files that are missing, different or no longer made."""
    wanted = contract_files()
    found = {path.name: path.read_text() for path in folder.glob("*.json")}
    return sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))


def _is_contract(head: bytes) -> bool:
    """Whether a file that begins so was generated: a schema of an event, or the AsyncAPI document."""
    return head.startswith(b"{\n ") and (b'"asyncapi": ' in head or b'"urn:kesu:events:' in head)


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
