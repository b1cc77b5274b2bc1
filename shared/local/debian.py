"""How is a Debian package installed without its service being started beside ours?"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from shared.errors import Unavailable
from shared.local.settings import inherited_environment

# Debian asks this program before a package's script starts a service; 101 says no.
_POLICY = Path("/usr/sbin/policy-rc.d")
_REFUSAL = "#!/bin/sh\nexit 101\n"
_OPTIONS = ("-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=2", "-y", "-qq")


def may_install() -> bool:
    """Whether we are root on a machine with apt-get."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str, *, say: Callable[[str], None]) -> None:
    """Install the package and what it depends on; none of their services is started or enabled.

    Raises Unavailable('install-failed') with the last words of apt-get.
    """
    say(f"Installing Debian's package {package} (needs the network, takes about a minute) ...")
    with services_held_back():
        _apt_get("update", seconds=180)
        _apt_get("install", "--no-install-recommends", package, seconds=600)
    if Path("/run/systemd/system").exists():
        subprocess.run(["systemctl", "disable", "--now", package], capture_output=True, check=False)


@contextlib.contextmanager
def services_held_back(policy: Path = _POLICY) -> Iterator[None]:
    """While it lasts, installing a package starts no service; a policy of its own stays."""
    try:
        # Made complete under another name first, so that apt never meets half a file.
        with tempfile.NamedTemporaryFile("w", dir=policy.parent, delete=False) as draft:
            draft.write(_REFUSAL)
        Path(draft.name).chmod(0o755)
    except OSError as failure:
        raise Unavailable(
            f"{policy.parent} cannot be written: {failure.strerror}.", code="install-failed"
        ) from failure
    ours = not policy.exists()
    try:
        if ours:
            Path(draft.name).replace(policy)
        else:
            Path(draft.name).unlink()
        yield
    finally:
        if ours:
            policy.unlink(missing_ok=True)


def _apt_get(*words: str, seconds: float) -> None:
    try:
        done = subprocess.run(
            ["apt-get", *_OPTIONS, *words],
            env=inherited_environment(DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1", LC_ALL="C"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        said = (done.stderr or done.stdout).strip().splitlines()
        failed = done.returncode != 0
    except subprocess.TimeoutExpired:
        said, failed = [f"no end after {seconds:g} s"], True
    if failed:
        raise Unavailable(
            f"`apt-get {' '.join(words)}` failed: {said[-1] if said else 'no message'}",
            code="install-failed",
            remedy="Check the network and /etc/apt, or set KESU_AMQP_URL to a broker elsewhere.",
        )
