"""Is what the machine lacks told in a plain sentence, and is the machine left as it was?"""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.local import debian, pids
from shared.local.directories import Claim, cannot_write, made, require_space
from tests.support.waiting import eventually_sync


def test_a_disk_without_room_is_told_before_anything_starts(tmp_path):
    with pytest.raises(Unavailable) as refused:
        require_space(tmp_path, megabytes=10**9)

    assert refused.value.code == "disk-full"
    assert "KESU_VAR" in refused.value.sentence()


def test_a_full_disk_while_writing_is_told_as_one():
    full = cannot_write(Path("/srv/x"), OSError(errno.ENOSPC, "No space left on device"))

    assert full.code == "disk-full"
    assert full.sentence() == ("the disk that holds /srv/x is full. Free some space and try again.")


def test_a_directory_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Unavailable, match="cannot be written"):
        made(tmp_path / "file" / "below")


def test_a_directory_belongs_to_one_at_a_time(tmp_path):
    first, second = Claim(tmp_path), Claim(tmp_path)

    assert first.take()
    assert not second.take()
    first.give_back()
    assert second.take()
    second.give_back()


def test_while_a_package_is_installed_no_service_may_start(tmp_path):
    policy = tmp_path / "policy-rc.d"

    with debian.services_held_back(policy):
        refused = subprocess.run([str(policy), "rabbitmq-server", "start"], check=False)

    assert refused.returncode == 101
    assert list(tmp_path.iterdir()) == []


def test_a_policy_of_the_machine_itself_stays(tmp_path):
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n# mine\n")

    with debian.services_held_back(policy):
        assert "# mine" in policy.read_text()

    assert [entry.name for entry in tmp_path.iterdir()] == ["policy-rc.d"]
    assert "# mine" in policy.read_text()


def test_an_ended_child_that_nobody_collected_is_not_alive():
    child = subprocess.Popen([sys.executable, "-I", "-c", ""])

    eventually_sync(lambda: not pids.is_alive(child.pid))

    assert child.wait() == 0


def test_a_process_that_ignores_the_request_is_killed():
    stubborn = (
        "import signal,time; signal.signal(15, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-I", "-c", stubborn], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"on\n"
    assert pids.mentions(child.pid, "SIG_IGN")
    assert not pids.mentions(child.pid, "another program")

    pids.end(child.pid, polite_seconds=0.1)

    assert child.wait() == -9
    child.stdout.close()
