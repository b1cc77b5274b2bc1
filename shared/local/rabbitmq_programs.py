"""Is RabbitMQ installed on this machine, and can it be?"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Unavailable
from shared.local import debian

# Debian's /usr/sbin/rabbitmq-server is a wrapper that changes to the user rabbitmq, who may not
# write into our directory; the program behind it runs as whoever calls it, root too.
_PLACES = (
    "/usr/lib/rabbitmq/bin",
    "/opt/homebrew/sbin",
    "/usr/local/sbin",
    "/usr/local/opt/rabbitmq/sbin",
    "/opt/rabbitmq/sbin",
)
_SEARCH_PATH = os.pathsep.join((os.defpath, "/usr/sbin", "/sbin", "/usr/local/bin", "/opt/homebrew/bin"))


@dataclass(frozen=True, slots=True)
class RabbitPrograms:
    """The programs of an installed RabbitMQ; `epmd` is None where Erlang hides it."""

    server: Path
    ctl: Path
    epmd: Path | None


def installed() -> RabbitPrograms | None:
    """The RabbitMQ of this machine, or None."""
    if _which("erl") is None:
        return None
    found = _which("rabbitmq-server")
    places = [Path(place) for place in _PLACES]
    if found:
        places.append(found.resolve().parent)
    for place in places:
        server, ctl = place / "rabbitmq-server", place / "rabbitmqctl"
        if os.access(server, os.X_OK) and os.access(ctl, os.X_OK):
            return RabbitPrograms(server, ctl, _which("epmd"))
    return None


def install(say: Callable[[str], None]) -> RabbitPrograms:
    """Debian's RabbitMQ, installed now; needs root. Raises Unavailable with what to do instead."""
    if not debian.may_install():
        raise Unavailable(
            "there is no RabbitMQ: KESU_AMQP_URL is not set, rabbitmq-server is not installed,"
            " and no Docker engine answers.",
            code="no-broker",
            remedy="Do one of these: `sudo apt-get install rabbitmq-server` (Debian, Ubuntu) or"
            " `brew install rabbitmq` (macOS); start Docker; or set"
            " KESU_AMQP_URL=amqp://user:password@host:5672/ to a broker that runs elsewhere.",
        )
    debian.install("rabbitmq-server", say=say)
    programs = installed()
    if programs is None:
        raise Unavailable(
            "Debian's package rabbitmq-server is installed, but its programs were not found.",
            code="no-broker",
            remedy="Set KESU_AMQP_URL to a broker that runs elsewhere.",
        )
    return programs


def control(programs: RabbitPrograms, environment: dict[str, str], *words: str, seconds: float = 60) -> str:
    """What `rabbitmqctl` prints for these words. Raises Unavailable when it fails."""
    try:
        done = subprocess.run(
            [str(programs.ctl), "-q", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as failure:
        raise Unavailable(
            f"rabbitmqctl {words[0]} did not end within {seconds:g} s.", code="broker-silent"
        ) from failure
    if done.returncode:
        raise Unavailable(
            f"rabbitmqctl {words[0]} failed: {(done.stderr or done.stdout).strip()}",
            code="broker-refused",
        )
    return done.stdout


def _which(name: str) -> Path | None:
    found = shutil.which(name) or shutil.which(name, path=_SEARCH_PATH)
    return Path(found) if found else None
