"""How is RabbitMQ run in a container when the machine has Docker but no RabbitMQ?"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from shared.errors import Unavailable
from shared.local import amqp_greeting, rabbitmq_files
from shared.local.directories import made
from shared.local.ports import require_free
from shared.local.waiting import until

IMAGE = "rabbitmq:4-management"


def engine_answers(*, seconds: float = 5) -> bool:
    """Whether a Docker engine is there and answers quickly."""
    return shutil.which("docker") is not None and _docker("version", seconds=seconds) is not None


def has_image(image: str = IMAGE, *, pull_seconds: float = 300) -> bool:
    """Whether the engine has the image or can pull it within `pull_seconds`."""
    if _docker("image", "inspect", image, seconds=10) is not None:
        return True
    return _docker("pull", "-q", image, seconds=pull_seconds) is not None


class RabbitContainer:
    """The broker of a directory, run by Docker; same doors as RabbitNode."""

    def __init__(self, directory: Path, *, image: str = IMAGE, port: int | None = None) -> None:
        self.directory = made(directory)
        self._image = image
        self._identity = rabbitmq_files.identity(self.directory, port=port)
        digest = hashlib.sha256(os.fsencode(self.directory.resolve())).hexdigest()[:12]
        self._name = f"kesu-rabbitmq-{digest}"

    @property
    def url(self) -> str:
        """`amqp://kesu:...@127.0.0.1:port/`."""
        return f"amqp://kesu:{quote(self._identity.password)}@127.0.0.1:{self._identity.amqp_port}/"

    @property
    def management_url(self) -> str | None:
        """`http://kesu:...@127.0.0.1:port` of the management API."""
        known = self._identity
        return f"http://kesu:{quote(known.password)}@127.0.0.1:{known.management_port}"

    @property
    def pid(self) -> int | None:
        """Process id of the container's first process, or None when it does not run."""
        found = _docker("inspect", "-f", "{{.State.Pid}}", self._name, seconds=10)
        return int(found) or None if found else None

    def start(self, *, deadline_seconds: float = 90) -> None:
        """Run the container until its broker lets a client in. Raises Unavailable."""
        if self.pid is None and _docker("start", self._name, seconds=30) is None:
            self._create()
        if not until(lambda: amqp_greeting.lets_us_in(self.url), seconds=deadline_seconds):
            raise Unavailable(
                f"RabbitMQ in container {self._name} did not answer in {deadline_seconds:g} s.",
                code="broker-not-started",
                remedy=f"See `docker logs {self._name}`, or set KESU_AMQP_URL.",
            )

    def stop(self, *, deadline_seconds: float = 40) -> None:
        """End the broker in good order; container and data stay for the next start."""
        _docker("stop", "-t", f"{deadline_seconds:.0f}", self._name, seconds=deadline_seconds + 10)

    def kill9(self) -> None:
        """Kill the broker as a power cut would; `start` brings it back with its data."""
        _docker("kill", "-s", "KILL", self._name, seconds=20)

    def _create(self) -> None:
        known = self._identity
        for port in (known.amqp_port, known.management_port):
            require_free(port, purpose="RabbitMQ in a container", variable=None)
        # The password goes by a file: command lines and `docker inspect` are open to read. The
        # directory is closed; the container sees the file alone.
        data, private = made(self.directory / "conf", mode=0o700), "90-private.conf"
        (data / private).write_text(_private_configuration(known))
        (data / private).chmod(0o644)  # RabbitMQ has another user inside.
        created = _docker(
            *("run", "-d", "--name", self._name, "--hostname", "kesu"),
            *("-e", f"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS={rabbitmq_files.ERLANG}"),
            *("-p", f"127.0.0.1:{known.amqp_port}:5672"),
            *("-p", f"127.0.0.1:{known.management_port}:15672"),
            *("-v", f"{rabbitmq_files.SHARED_CONFIGURATION}:/etc/rabbitmq/conf.d/20-kesu.conf:ro"),
            *("-v", f"{data / private}:/etc/rabbitmq/conf.d/90-private.conf:ro"),
            self._image,
            seconds=120,
        )
        if created is None:
            raise Unavailable(
                f"Docker could not start the image {self._image}.",
                code="broker-not-started",
                remedy=f"Try `docker run --rm {self._image}`, or set KESU_AMQP_URL.",
            )


def _private_configuration(known: rabbitmq_files.NodeIdentity) -> str:
    lines = (
        "default_user = kesu",
        f"default_pass = {known.password}",
        # The shared 2 GB would silently block all publishers on a small disk.
        "disk_free_limit.absolute = 200MB",
    )
    return "\n".join(lines) + "\n"


def obtain(directory: Path, *, say: Callable[[str], None]) -> RabbitContainer | None:
    """A container for the directory when an engine answers and the image can be had, or None."""
    if not engine_answers():
        return None
    say(f"Looking for the image {IMAGE} in Docker ...")
    return RabbitContainer(directory) if has_image() else None


def _docker(*words: str, seconds: float) -> str | None:
    try:
        done = subprocess.run(
            ["docker", *words], capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
