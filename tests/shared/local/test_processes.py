"""Are services started, found ready, crashed and ended as told?"""

import socket
import subprocess
import sys
import textwrap

import pytest

from shared.errors import Unavailable
from shared.local import pids
from shared.local.addresses import ServiceAddress, addresses, require_free_ports
from shared.local.guardian import watched
from shared.local.orphans import only_launcher
from shared.local.ports import free_ports
from shared.local.processes import ServiceProcess
from shared.local.settings import ROOT, LocalSettings

pytestmark = pytest.mark.loopback

STAND_IN = textwrap.dedent("""
    import http.server, os, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(int(os.environ.get("ANSWER", "200")))
            self.end_headers()
        def log_message(self, *words):
            pass
    print("listening on", os.environ["KESU_PORT"], flush=True)
    http.server.HTTPServer(("127.0.0.1", int(os.environ["KESU_PORT"])), Handler).serve_forever()
""")


@pytest.fixture
def a_service(tmp_path):
    services = []

    def make(script=STAND_IN, **environment):
        address = ServiceAddress("intake", free_ports(1)[0])
        command = (sys.executable, "-I", "-c", script)
        services.append(ServiceProcess(address, logs=tmp_path, environment=environment, command=command))
        return services[-1]

    yield make
    for service in services:
        service.kill9()


def test_a_service_is_ready_when_readyz_says_so(a_service):
    service = a_service()

    service.start()
    service.wait_ready(seconds=10)

    assert service.pid is not None
    assert "listening on" in service.log.read_text()


def test_a_service_comes_back_after_kill_9(a_service):
    service = a_service()
    service.start()
    service.wait_ready(seconds=10)
    before = service.pid

    service.kill9()
    assert service.pid is None
    service.start()
    service.wait_ready(seconds=10)

    assert service.pid not in {None, before}


def test_a_suspended_service_can_still_be_ended(a_service):
    service = a_service()
    service.start()
    service.wait_ready(seconds=10)

    service.suspend()
    service.stop(polite_seconds=5)

    assert service.pid is None


def test_a_service_that_dies_is_reported_with_its_last_words(a_service):
    service = a_service("raise SystemExit('no policy file')")
    service.start()

    with pytest.raises(Unavailable, match=r"ended instead of getting ready.*no policy file"):
        service.wait_ready(seconds=10)


def test_a_service_that_is_never_ready_is_reported_with_its_answer(a_service):
    service = a_service(ANSWER="503")
    service.start()

    with pytest.raises(Unavailable, match="/readyz answers 503"):
        service.wait_ready(seconds=1)


def test_a_taken_port_is_named_with_the_variable_that_changes_it():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        intake, routing, surveys = free_ports(3)
        settings = LocalSettings(
            intake_port=intake, routing_port=routing, escalation_port=taken, surveys_port=surveys
        )

        with pytest.raises(Unavailable) as refused:
            require_free_ports(settings)

    assert refused.value.code == "port-taken"
    assert f"port {taken}" in refused.value.sentence()
    assert "KESU_ESCALATION_PORT" in refused.value.sentence()


def test_a_service_that_a_killed_launcher_left_is_ended(tmp_path, a_service):
    # The stand-in's command line must name the service, as the real one does.
    orphan = a_service(f"# services.intake{STAND_IN}")
    orphan.start()
    orphan.wait_ready(seconds=10)

    with only_launcher(tmp_path, ("intake",)):
        assert orphan.pid is None


LAUNCHER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from threading import Thread
    from shared.local.addresses import ServiceAddress
    from shared.local.processes import ServiceProcess
    script, port, logs = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    command = (sys.executable, "-I", "-c", script)
    service = ServiceProcess(ServiceAddress("intake", port), logs=logs, command=command)
    # As the fault rig does: the thread that starts it ends long before the launcher.
    thread = Thread(target=service.start)
    thread.start()
    thread.join()
    service.wait_ready(seconds=10)
    if sys.argv[4] == "suspended":
        service.suspend()
    print(service.pid, flush=True)
    sys.stdin.read()
""")


@pytest.mark.parametrize("how", ["running", "suspended"])
def test_services_do_not_outlive_a_launcher_that_was_killed(tmp_path, how):
    (port,) = free_ports(1)
    words = (STAND_IN, str(port), str(tmp_path), how)
    launcher = subprocess.Popen(
        (sys.executable, "-c", LAUNCHER, *words), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with launcher:
        assert launcher.stdout is not None
        service = int(launcher.stdout.readline())
        assert pids.is_alive(service)

        launcher.kill()

        assert pids.has_ended(service, seconds=10)


def test_a_service_that_was_ended_is_no_longer_watched():
    lines = ["+ 11 services.intake", "+ 12 services.routing", "- 11 .", "+ 13 services.surveys"]

    assert watched(f"{line}\n" for line in lines) == {12: "services.routing", 13: "services.surveys"}


def test_a_process_that_only_has_an_old_number_is_left_alone(tmp_path, a_service):
    stranger = a_service()
    stranger.start()
    stranger.wait_ready(seconds=10)

    with only_launcher(tmp_path, ("intake",)):
        assert stranger.pid is not None


def test_two_launchers_do_not_share_their_logs(tmp_path):
    with only_launcher(tmp_path, ()), pytest.raises(Unavailable) as refused, only_launcher(tmp_path, ()):
        pass

    assert refused.value.code == "already-running"


def test_the_four_services_have_their_own_ports():
    assert [(a.name, a.port, a.variable) for a in addresses(LocalSettings())] == [
        ("intake", 8001, "KESU_INTAKE_PORT"),
        ("routing", 8002, "KESU_ROUTING_PORT"),
        ("escalation", 8003, "KESU_ESCALATION_PORT"),
        ("surveys", 8004, "KESU_SURVEYS_PORT"),
    ]


def test_a_port_from_the_environment_wins(monkeypatch):
    monkeypatch.setenv("KESU_ROUTING_PORT", "9102")

    assert addresses(LocalSettings())[1].port == 9102
