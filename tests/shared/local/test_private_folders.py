"""Does the embedded PostgreSQL run for root below a folder that nobody else may enter, or say why not?"""

import os
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from shared.local import postgres_programs
from shared.local.databases import run_sql
from shared.local.postgres import PostgresServer
from shared.local.settings import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change the user")


def _linked(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture
def private(tmp_path, monkeypatch):
    """A folder with mode 0700 that holds the programs too, as a checkout in root's home does."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    package = postgres_programs.program("postgres").parents[2]
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, folder / part.name, copy_function=_linked, symlinks=True)
    spec = ModuleSpec(package.name, None, origin=str(folder / package.name / "__init__.py"))
    monkeypatch.setattr(postgres_programs, "find_spec", lambda _name: spec)
    return folder


@pytest.mark.servers
@pytest.mark.slow
def test_programs_and_data_in_a_private_folder_serve(private):
    server = PostgresServer(private / "var", durable=False)
    try:
        server.start()
        assert run_sql(server.url, "SELECT 7") == "7"
    finally:
        server.stop("immediate")
    assert Path(private).stat().st_mode & 0o777 == 0o700, "nothing was opened to others"


_START = """
import sys
from pathlib import Path
from shared.errors import Unavailable
from shared.local.postgres import PostgresServer
try:
    PostgresServer(Path(sys.argv[1]), durable=False).start()
except Unavailable as failure:
    print(failure.code, failure.sentence())
"""


@pytest.mark.slow
@pytest.mark.parametrize("withheld", ["dac_override", "setpcap"])
def test_where_the_capability_is_withheld_the_closed_folder_is_named(tmp_path, withheld):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for folder in (one for one in closed.parents if one.stat().st_mode & 0o777 == 0o700):
        folder.chmod(0o755)

    without = ["setpriv", f"--bounding-set=-{withheld}", f"--inh-caps=-{withheld}"]
    told = subprocess.run(
        [*without, sys.executable, "-c", _START, str(closed / "var")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert told.stdout.startswith("not-reachable "), told.stderr
    assert f"may not enter {closed}" in told.stdout
    assert "KESU_DATABASE_URL" in told.stdout


@pytest.mark.parametrize("mode", [0o711, 0o755])
def test_a_folder_that_others_may_pass_needs_no_capability(tmp_path, mode):
    place = tmp_path / "open"
    place.mkdir()
    account = postgres_programs.Account("nobody", 65534, 65534)
    for folder in (place, *(one for one in place.parents if one.stat().st_mode & 0o777 == 0o700)):
        folder.chmod(mode)

    assert "--securebits" not in " ".join(postgres_programs.command_as(account, ["true"], [place / "x"]))
