"""How are the four services run beside each other on one machine, watched, crashed and ended?"""

from __future__ import annotations

import contextlib
import http.client
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from shared.errors import Unavailable
from shared.local import pids
from shared.local.addresses import NAMES, ServiceAddress, addresses, require_free_ports
from shared.local.directories import cannot_write, made
from shared.local.guardian import GUARDIAN
from shared.local.orphans import note, only_launcher
from shared.local.ports import require_free
from shared.local.settings import ROOT, LocalSettings, inherited_environment
from shared.local.waiting import until


class ServiceProcess:
    """One `python -m services.<name>` with its log in `<logs>/<name>.log`."""

    def __init__(
        self,
        address: ServiceAddress,
        *,
        logs: Path,
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self.address = address
        self.log = made(logs) / f"{address.name}.log"
        self._environment = dict(environment or {})
        self._command = list(command or (sys.executable, "-m", f"services.{address.name}"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """Name of the service."""
        return self.address.name

    @property
    def pid(self) -> int | None:
        """Process id while it runs, or None."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

    def start(self) -> None:
        """Begin the process; `wait_ready` tells when it serves. Raises Unavailable."""
        if self.pid is not None:
            return
        require_free(
            self.address.port,
            purpose=f"the service {self.name}",
            variable=self.address.variable,
        )
        environment = inherited_environment(
            **{
                "PYTHONPATH": str(ROOT),
                "PYTHONUNBUFFERED": "1",
                "KESU_PORT": str(self.address.port),
                **self._environment,
            }
        )
        try:
            log = self.log.open("ab")
        except OSError as failure:
            raise cannot_write(self.log, failure) from failure
        with log:
            self._process = subprocess.Popen(
                self._command,
                env=environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the launcher, which ends us in good order.
            )
        note(self.log.parent, self.name, self._process.pid)
        GUARDIAN.watch(self._process.pid, self._command[-1].split()[0])

    def is_ready(self) -> bool:
        """Whether `/readyz` answers 200 now."""
        return self._readiness() == http.client.OK

    def wait_ready(self, *, seconds: float = 40) -> None:
        """Come back when `/readyz` answers 200. Raises Unavailable when it dies or does not."""
        if not until(self._ready_or_died, seconds=seconds, pause_seconds=0.1):
            answer = self._readiness()
            said = f"/readyz answers {answer}" if answer else "/readyz does not answer"
            raise self._failure(f"is not ready after {seconds:g} s ({said})")

    def stop(self, *, polite_seconds: float = 20) -> None:
        """Ask it to end (SIGTERM: it finishes what it holds), kill it when it does not."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.send_signal(signal.SIGCONT)  # One that a test had stopped must hear it.
        try:
            self._process.wait(polite_seconds)
            GUARDIAN.forget(self._process.pid)
        except subprocess.TimeoutExpired:
            self.kill9()

    def kill9(self) -> None:
        """Kill it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            GUARDIAN.forget(self._process.pid)

    def suspend(self) -> None:
        """Stop it in its tracks (SIGSTOP), as a paused virtual machine would."""
        if (pid := self.pid) is not None:
            pids.send(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `suspend`."""
        if (pid := self.pid) is not None:
            pids.send(pid, signal.SIGCONT)

    def restart(self, *, seconds: float = 40) -> None:
        """End it politely, start it anew and wait until it is ready."""
        self.stop()
        self.start()
        self.wait_ready(seconds=seconds)

    def _ready_or_died(self) -> bool:
        if self.pid is None:
            raise self._failure("ended instead of getting ready")
        return self.is_ready()

    def _readiness(self) -> int | None:
        link = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=3)
        try:
            link.request("GET", "/readyz")
            return link.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            link.close()

    def _failure(self, what: str) -> Unavailable:
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        last = f" Its last words: {lines[-1].strip()[:300]}" if lines else ""
        return Unavailable(
            f"the service {self.name} {what}.{last}",
            code="service-not-ready",
            remedy=f"Its whole log is {self.log}.",
        )


@contextlib.contextmanager
def local_services(
    environment: Mapping[str, str], *, settings: LocalSettings, ready_seconds: float = 60
) -> Iterator[dict[str, ServiceProcess]]:
    """The four services, ready, by name; ended politely at the end, all at once.

    Those that a killed launcher left behind are ended first; then all ports are looked at before
    anything starts. Raises Unavailable.
    """
    logs = settings.var / "log"
    with only_launcher(logs, NAMES):
        require_free_ports(settings)
        services = {
            address.name: ServiceProcess(address, logs=logs, environment=environment)
            for address in addresses(settings)
        }
        try:
            for service in services.values():
                service.start()
            for service in services.values():
                service.wait_ready(seconds=ready_seconds)
            yield services
        finally:
            stop_all(tuple(services.values()))


def stop_all(services: Sequence[ServiceProcess], *, polite_seconds: float = 20) -> None:
    """End them together: each is asked before the first is waited for."""
    for service in services:
        if (pid := service.pid) is not None:
            pids.send(pid, signal.SIGTERM)
    for service in services:
        service.stop(polite_seconds=polite_seconds)
