"""Which databases are on a PostgreSQL server, and how is one made, copied or dropped?"""

from __future__ import annotations

import re
import subprocess
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from shared.errors import Unavailable
from shared.local.postgres_programs import program
from shared.local.settings import inherited_environment

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def database_url(server_url: str, name: str) -> str:
    """The URL of one database of the server: `name` in place of the path."""
    return _assembled(urlsplit(server_url)._replace(path=f"/{_checked(name)}"))


def run_sql(url: str, *statements: str, seconds: float = 30) -> str:
    """What psql prints for the statements (each its own transaction), unaligned, without headers.

    Raises Unavailable when the server cannot be reached or refuses a statement.
    """
    parts = urlsplit(url)
    parts = parts._replace(scheme=parts.scheme.partition("+")[0])
    environment = inherited_environment(PGCONNECT_TIMEOUT="5", PGAPPNAME="kesu-local")
    # The password goes by environment: a command line can be read by everybody on the machine.
    if parts.password:
        environment["PGPASSWORD"] = unquote(parts.password)
        parts = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1))
    command = [str(program("psql")), "-XqAt", "-v", "ON_ERROR_STOP=1"]
    command += ["-d", _assembled(parts)]
    for statement in statements:
        command += ["-c", statement]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as failure:
        raise Unavailable(
            f"PostgreSQL did not answer within {seconds:g} s.", code="database-silent"
        ) from failure
    if done.returncode:
        raise Unavailable(
            f"PostgreSQL said: {done.stderr.strip()}",
            code="database-refused",
            remedy="Check KESU_DATABASE_URL, and that its user may create databases.",
        )
    return done.stdout.strip()


def has_database(server_url: str, name: str) -> bool:
    """Whether the server has a database of that name."""
    return _checked(name) in run_sql(server_url, "SELECT datname FROM pg_database").splitlines()


def create_database(server_url: str, name: str, *, template: str | None = None) -> str:
    """The URL of the database, which is made (as a copy of `template`) unless it is there."""
    if not has_database(server_url, name):
        copy = f" TEMPLATE {_checked(template)}" if template else ""
        run_sql(server_url, f"CREATE DATABASE {_checked(name)}{copy}")
    return database_url(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    """Drop the database if it exists, with whoever is connected to it."""
    run_sql(server_url, f"DROP DATABASE IF EXISTS {_checked(name)} WITH (FORCE)")


def socket_directory(url: str) -> str | None:
    """The directory of the Unix socket that the URL names, or None for TCP."""
    host = parse_qs(urlsplit(url).query).get("host", [""])[0]
    return host if host.startswith("/") else None


def _assembled(parts: SplitResult) -> str:
    # urlunsplit drops the slashes of a scheme it does not know when the host is empty.
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a plain database name: {name!r}")
    return name
