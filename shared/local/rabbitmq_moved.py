"""What must change in a node's data when its directory was moved or copied? The paths in its Raft files.

Each quorum queue and the coordinator of streams keep their configuration in an Erlang term that names the
data directory in full. A node that finds the old path there cannot open them ("home node is down"), and with
a copy it would write into the original.
"""

from __future__ import annotations

import re
from pathlib import Path

from shared.errors import Unavailable
from shared.local.directories import cannot_write

_DATA_DIRECTORY = re.compile(rb'data_dir\s*=>\s*"([^"]*)/mnesia/')


def follow(directory: Path) -> None:
    """Let the data in `directory/mnesia` name the place where they lie now; quick when they do.

    The node must not run. Raises Unavailable when the files cannot be written, or when a path cannot stand in
    an Erlang string as it is.
    """
    here = str(directory.absolute())
    for file in sorted((directory / "mnesia").glob("*/*/*/*/config")):
        try:
            term = file.read_bytes()
            there = {found.group(1) for found in _DATA_DIRECTORY.finditer(term)} - {here.encode()}
            if there and not (here.isascii() and '"' not in here and "\\" not in here):
                raise _cannot_follow(directory)
            for old in there:
                term = term.replace(old + b"/mnesia/", here.encode() + b"/mnesia/")
            if there:
                _replace(file, term)
        except OSError as failure:
            raise cannot_write(file, failure) from failure


def _replace(file: Path, term: bytes) -> None:
    """Write beside it and rename: a crash leaves the old or the new, never half."""
    new = file.with_name("config.new")
    new.write_bytes(term)
    new.rename(file)


def _cannot_follow(directory: Path) -> Unavailable:
    return Unavailable(
        f"the broker's data in {directory} were moved here from another place and cannot follow: "
        "this path has characters that they cannot hold.",
        code="broker-moved",
        remedy="Move them to a path of plain ASCII letters, or remove the directory to begin anew.",
    )
