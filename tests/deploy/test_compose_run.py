"""Does the suite really run in containers? Built, started, used, killed and taken down on this machine's Docker.

Slow, so only when asked for: KESU_TEST_COMPOSE=1 pytest tests/deploy. Without access to a registry make
the images with tests/deploy/standins.sh first; BUILD_NETWORK=host lets the build use the host's network.
"""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.database.migrate import SERVICES
from shared.local.ports import free_ports
from tests.deploy.files import DEPLOY, alerts
from tests.support.waiting import eventually_sync

pytestmark = [
    pytest.mark.slow,
    pytest.mark.loopback,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        "KESU_TEST_COMPOSE" not in os.environ, reason="slow; ask for it with KESU_TEST_COMPOSE=1"
    ),
]

COMPLAINT = {
    "site": "sh01",
    "kind": "complaint",
    "category": "product",
    "type": "quality",
    "channel": "web",
    "customer": {"name": "Wang Fang", "email": "fang@example.org"},
    "narrative": "The coil is scratched.",
}


class Suite:
    """The running project: its command, its ports and a token for all sites."""

    def __init__(self, env_file: Path, project: str, ports: dict[str, int]) -> None:
        plugin = subprocess.run(["docker", "compose", "version"], check=False, capture_output=True)
        program = ["docker", "compose"] if plugin.returncode == 0 else ["docker-compose"]
        file = str(DEPLOY / "docker-compose.yml")
        self.command = [*program, "-f", file, "--env-file", str(env_file), "-p", project]
        self.project = project
        self.ports = ports
        self.token = ""
        self.restarts: dict[str, int] = {}

    def compose(self, *words: str) -> str:
        done = subprocess.run([*self.command, *words], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def found(self, form: str, *filters: str) -> list[str]:
        """What `docker ps` says of the project's containers; the compose program itself takes a second."""
        words = [
            word
            for one in (f"label=com.docker.compose.project={self.project}", *filters)
            for word in ("-f", one)
        ]
        done = subprocess.run(
            ["docker", "ps", "-a", *words, "--format", form], check=True, capture_output=True, text=True
        )
        return done.stdout.splitlines()

    def container(self, service: str, form: str) -> str:
        (identifier,) = self.found("{{.ID}}", f"label=com.docker.compose.service={service}")
        command = ["docker", "inspect", "-f", form, identifier]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def ask(self, service: str, method: str, path: str, body=None, **headers: str):
        link = http.client.HTTPConnection("127.0.0.1", self.ports[service], timeout=15)
        try:
            link.request(
                method,
                path,
                json.dumps(body) if body else None,
                {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers},
            )
            answer = link.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            link.close()

    def register(self, number: int) -> str:
        status, body = self.ask(
            "intake", "POST", "/complaints", COMPLAINT, **{"Idempotency-Key": f"run-{number}"}
        )
        assert status == 201, body
        return body["id"]

    def crash(self, service: str) -> None:
        """End its process as the kernel would; `docker kill` counts as a wish and would not bring it back."""
        pid, restarts = self.container(service, "{{.State.Pid}} {{.RestartCount}}").split()
        assert f"services.{service}" in Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        os.kill(int(pid), signal.SIGKILL)
        self.restarts[service] = int(restarts) + 1

    def is_back(self, service: str) -> bool:
        """Restarted once since its crash, by Docker alone, and healthy again."""
        state = self.container(service, "{{.RestartCount}} {{.State.Health.Status}}")
        return state == f"{self.restarts[service]} healthy"


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    if shutil.which("docker") is None:
        pytest.fail("KESU_TEST_COMPOSE is set, but there is no docker command")
    env_file = tmp_path_factory.mktemp("compose") / ".env"
    subprocess.run([DEPLOY / "make-env", env_file], check=True, capture_output=True)
    names = [*SERVICES, "prometheus"]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    text = env_file.read_text()
    for name, port in ports.items():
        text = re.sub(rf"^{name.upper()}_PORT=.*$", f"{name.upper()}_PORT={port}", text, flags=re.MULTILINE)
    env_file.write_text(text)
    found = Suite(env_file, f"kesu-test-{os.getpid()}", ports)
    try:
        found.compose("up", "-d", "--build")
        eventually_sync(lambda: all_are_healthy(found), 240, what="every container healthy")
        # No service can make tokens.
        found.token = found.compose(
            "run",
            "--rm",
            "--no-deps",
            "-T",
            "provision",
            "kesu",
            "token",
            "--person",
            "zhao.min",
            "--role",
            "admin",
        ).strip()
        yield found
    finally:
        found.compose("down", "-v", "--remove-orphans")


def all_are_healthy(suite: Suite) -> bool:
    healthy = suite.found('{{.Label "com.docker.compose.service"}}', "health=healthy")
    return set(healthy) == {*SERVICES, "rabbitmq", "postgres", "prometheus"}


def is_under_way(suite: Suite, complaint: str) -> bool:
    """Assigned by routing, its clock running in escalation, and both known to intake."""
    _, seen = suite.ask("intake", "GET", f"/complaints/{complaint}")
    status, sheet = suite.ask("escalation", "GET", f"/complaints/{complaint}/clocks")
    return (
        status == 200 and seen["status"] == "assigned" and [c["state"] for c in sheet["items"]] == ["running"]
    )


def test_a_complaint_through_the_published_port_is_assigned_and_its_clock_runs(suite):
    complaint = suite.register(0)

    eventually_sync(lambda: is_under_way(suite, complaint), 60, what="assigned, clock running")


def test_nobody_in_our_containers_is_root_and_files_stay_as_built(suite):
    assert suite.compose("exec", "-T", "routing", "id", "-u").strip() == "10001"
    written = subprocess.run(
        [*suite.command, "exec", "-T", "routing", "sh", "-c", "echo > /srv/kesu/x"],
        check=False,
        capture_output=True,
    )
    assert written.returncode != 0


def test_prometheus_reaches_everything_and_has_the_rules(suite):
    def answers():
        _, found = suite.ask("prometheus", "GET", "/api/v1/targets")
        targets = found["data"]["activeTargets"]
        return {t["labels"].get("service", t["labels"]["job"]) for t in targets if t["health"] == "up"}

    eventually_sync(lambda: answers() == {*SERVICES, "rabbitmq", "prometheus"}, 180, what="all targets up")
    _, rules = suite.ask("prometheus", "GET", "/api/v1/rules")
    loaded = {rule["name"]: rule for group in rules["data"]["groups"] for rule in group["rules"]}
    assert set(loaded) == set(alerts())
    assert all(rule["health"] != "err" for rule in loaded.values())

    def attached():
        _, found = suite.ask("prometheus", "GET", "/api/v1/query?query=kesu_consumer_attached")
        return {one["metric"]["service"]: one["value"][1] for one in found["data"]["result"]}

    # Figures that are read from the servers are fresh in every service, without anybody asking /readyz.
    eventually_sync(lambda: attached() == dict.fromkeys(SERVICES, "1"), 180, what="all consumers attached")


@pytest.mark.parametrize("service", ["routing", "escalation"])
def test_a_crashed_service_comes_back_by_itself_and_misses_nothing(suite, service):
    suite.crash(service)
    with ThreadPoolExecutor(8) as workers:
        complaints = list(
            workers.map(suite.register, range(100, 140) if service == "routing" else range(200, 240))
        )

    eventually_sync(lambda: suite.is_back(service), 180, what=f"{service} back")
    assert len(set(complaints)) == 40
    for complaint in complaints:
        eventually_sync(lambda one=complaint: is_under_way(suite, one), 60, what=f"{complaint} under way")


def test_what_was_answered_is_there_after_intake_crashed(suite):
    complaints = [suite.register(number) for number in range(300, 310)]
    suite.crash("intake")

    eventually_sync(lambda: suite.is_back("intake"), 180, what="intake back")
    for complaint in complaints:
        eventually_sync(lambda one=complaint: is_under_way(suite, one), 60, what=f"{complaint} under way")


def test_an_orderly_end_is_a_clean_exit_and_keeps_everything(suite):
    complaint = suite.register(400)
    suite.compose("stop", *SERVICES)
    codes = {name: suite.container(name, "{{.State.ExitCode}}") for name in SERVICES}
    suite.compose("up", "-d")

    assert set(codes.values()) == {"0"}
    eventually_sync(lambda: all_are_healthy(suite), 180, what="every container healthy")
    eventually_sync(lambda: is_under_way(suite, complaint), 60, what="assigned, clock running")
