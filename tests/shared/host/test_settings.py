"""Does a service that cannot start say in one sentence what is missing, without giving a secret away?"""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.host.serve import _settings
from shared.settings import ServiceSettings, asyncpg_url, database_of

GOOD = {
    "KESU_DATABASE_URL": "postgresql://kesu@127.0.0.1/",
    "KESU_AMQP_URL": "amqp://guest:guest@127.0.0.1/",
    "KESU_SECRET": "s" * 32,
    "KESU_SEAL_KEYS": "k1:x",
    "KESU_ORGANISATION": "organisation.yaml",
}


@pytest.fixture
def environment(monkeypatch):
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def sentence(capsys) -> str:
    with pytest.raises(SystemExit) as left:
        _settings(ServiceSettings)
    assert left.value.code == 2
    return capsys.readouterr().err


def test_with_all_settings_it_starts(environment):
    environment.setenv("KESU_PROFILES", "a/b:c::")
    settings = _settings(ServiceSettings)
    assert settings.profiles == (Path("a/b"), Path("c"))
    assert settings.body_limit_bytes == 1_048_576


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_setting_is_named(environment, capsys, name):
    environment.delenv(name)
    said = sentence(capsys)
    assert name in said
    assert said.count("\n") == 1, "one sentence"


def test_all_that_is_missing_is_named_at_once(environment, capsys):
    for name in GOOD:
        environment.delenv(name)
    said = sentence(capsys)
    assert all(name in said for name in GOOD)


def test_a_short_secret_is_refused_with_the_remedy_and_not_shown(environment, capsys):
    environment.setenv("KESU_SECRET", "hunter2-hunter2")
    said = sentence(capsys)
    assert "KESU_SECRET" in said and "32 characters" in said and "kesu token --new-secret" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("KESU_PORT", "http"), ("KESU_PREFETCH", "0"), ("KESU_BATCH_MESSAGES", "99999"), ("KESU_BODY_LIMIT_BYTES", "5"), ("KESU_INBOX_DAYS", "-1")],
)  # fmt: skip
def test_a_value_out_of_bounds_is_refused_by_name(environment, capsys, name, value):
    environment.setenv(name, value)
    assert name in sentence(capsys)


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("postgresql://h", "postgresql://h/kesu_intake"),
        ("postgresql://u:p@h:5433/", "postgresql://u:p@h:5433/kesu_intake"),
        ("postgresql://h/postgres?sslmode=require", "postgresql://h/kesu_intake?sslmode=require"),
        ("postgresql://h/mine", "postgresql://h/mine"),
    ],
)
def test_each_service_takes_its_own_database_unless_one_is_named(url, own):
    assert database_of(url, "intake") == own


def test_the_drivers_url_keeps_everything_but_the_scheme():
    assert asyncpg_url("postgresql://u:p@h:5433/x?y=z") == "postgresql+asyncpg://u:p@h:5433/x?y=z"
