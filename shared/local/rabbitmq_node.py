"""How is a private RabbitMQ node run under a directory: started, crashed, started again, ended?"""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from shared.errors import Unavailable
from shared.local import amqp_greeting, pids, rabbitmq_files, rabbitmq_moved
from shared.local.directories import made, require_space
from shared.local.ports import is_free, require_free
from shared.local.rabbitmq_programs import RabbitPrograms, control
from shared.local.waiting import until

# Stream queues work over AMQP without the plugin rabbitmq_stream, which brings another protocol.
PLUGINS = ("rabbitmq_management",)


class RabbitNode:
    """One node with ports, data, cookie and epmd of its own; the same again after a crash."""

    def __init__(
        self,
        directory: Path,
        programs: RabbitPrograms,
        *,
        port: int | None = None,
        plugins: Sequence[str] = PLUGINS,
    ) -> None:
        self.directory = made(directory)
        rabbitmq_files.refuse_spaces(self.directory)
        self._programs = programs
        self._plugins = tuple(plugins)
        self._wanted_port = port
        self._identity = rabbitmq_files.identity(self.directory, port=port)
        self._was_started = False
        self._script: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self.log = self.directory / "log" / "startup.log"

    @property
    def url(self) -> str:
        """`amqp://kesu:...@127.0.0.1:port/`; the same after a crash and a new start."""
        return f"amqp://kesu:{quote(self._identity.password)}@127.0.0.1:{self._identity.amqp_port}/"

    @property
    def management_url(self) -> str | None:
        """`http://kesu:...@127.0.0.1:port` of the management API, or None without the plugin."""
        if "rabbitmq_management" not in self._plugins:
            return None
        known = self._identity
        return f"http://kesu:{quote(known.password)}@127.0.0.1:{known.management_port}"

    @property
    def prometheus_url(self) -> str | None:
        """Where Prometheus scrapes the node, or None without the plugin."""
        if "rabbitmq_prometheus" not in self._plugins:
            return None
        return f"http://127.0.0.1:{self._identity.prometheus_port}/metrics"

    @property
    def pid(self) -> int | None:
        """Process id of the running Erlang machine, or None."""
        pid = pids.read_pid(self.directory / "node.pid")
        if pid is None or not pids.is_alive(pid) or not pids.mentions(pid, str(self.directory)):
            return None
        return pid

    def start(self, *, deadline_seconds: float = 90) -> None:
        """Run the node until it lets a client in; one that runs already is kept.

        Raises Unavailable when a port is taken, the disk is full, or it does not start in time.
        """
        if self.pid is None:
            require_space(self.directory, megabytes=500)
            self._settle_ports()
            rabbitmq_moved.follow(self.directory)
            rabbitmq_files.write_configuration(self.directory, self._identity, self._plugins)
            rabbitmq_files.write_control(self.directory, self._identity, self._programs.ctl)
            self._start_epmd()
            self._spawn()
        self._was_started = True
        if not until(self._lets_in_or_died, seconds=deadline_seconds, pause_seconds=0.1):
            self.kill9()
            self._stop_epmd()
            raise self._did_not_start(f"did not let anybody in within {deadline_seconds:g} s")

    def stop(self, *, deadline_seconds: float = 40) -> None:
        """End the node in good order, and its epmd."""
        if (pid := self.pid) is not None:
            pids.end(pid, polite_seconds=deadline_seconds)
        self._collect_script()
        self._stop_epmd()

    def kill9(self) -> None:
        """Kill the node as a power cut would; `start` brings it back on the same ports and data."""
        if (pid := self.pid) is not None:
            pids.send(pid, signal.SIGKILL)
        self._collect_script()
        if pid is not None:
            pids.has_ended(pid, seconds=10)

    def control(self, *words: str, seconds: float = 60) -> str:
        """What `rabbitmqctl` prints for these words; takes about half a second."""
        environment = rabbitmq_files.environment(self.directory, self._identity)
        return control(self._programs, environment, *words, seconds=seconds)

    def _settle_ports(self) -> None:
        keep = self._was_started or self._wanted_port is not None
        if keep:
            # After a crash the kernel may hold the port for a moment.
            until(lambda: is_free(self._identity.amqp_port), seconds=5)
            require_free(self._identity.amqp_port, purpose="the private RabbitMQ", variable=None)
        self._stop_epmd()
        self._identity = rabbitmq_files.moved_if_taken(self._identity, keep_amqp=keep)
        rabbitmq_files.write_identity(self.directory, self._identity)

    def _start_epmd(self) -> None:
        # Without one of our own the node would start a daemon that nobody ever ends.
        if self._programs.epmd is None:
            return
        command = [str(self._programs.epmd), "-port", str(self._identity.epmd_port)]
        self._epmd = subprocess.Popen(
            [*command, "-address", "127.0.0.1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        (self.directory / "epmd.pid").write_text(f"{self._epmd.pid}\n")

    def _stop_epmd(self) -> None:
        file = self.directory / "epmd.pid"
        pid = pids.read_pid(file)
        if pid is not None and pids.is_alive(pid) and pids.mentions(pid, "epmd"):
            pids.send(pid, signal.SIGKILL)
        if self._epmd is not None:
            self._epmd.wait(10)
            self._epmd = None
        file.unlink(missing_ok=True)

    def _spawn(self) -> None:
        with self.log.open("wb") as log:
            self._script = subprocess.Popen(
                [str(self._programs.server)],
                env=rabbitmq_files.environment(self.directory, self._identity),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the launcher, which ends us in good order.
            )

    def _lets_in_or_died(self) -> bool:
        if self._script is not None and self._script.poll() is not None:
            self._script = None
            self._stop_epmd()
            raise self._did_not_start("did not start")
        return amqp_greeting.lets_us_in(self.url)

    def _collect_script(self) -> None:
        if self._script is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._script.wait(10)
                self._script = None

    def _did_not_start(self, what: str) -> Unavailable:
        return Unavailable(
            f"the private RabbitMQ {what}: {rabbitmq_files.last_complaint(self.log)}",
            code="broker-not-started",
            remedy=f"The logs are in {self.log.parent}; or set KESU_AMQP_URL to another broker.",
        )
