"""What of the environment decides how the local servers and processes are run?"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class LocalSettings(BaseSettings):
    """The variables `KESU_...` that the embedded default listens to."""

    model_config = SettingsConfigDict(env_prefix="KESU_", extra="ignore", env_ignore_empty=True)

    amqp_url: str | None = None
    """A broker to use; without it one is started under `var`."""
    database_url: str | None = None
    """A PostgreSQL server to use; without it the embedded one is started under `var`."""
    var: Path = ROOT / "var"
    """Where data, logs and pid files of the local servers live."""
    intake_port: int = 8001
    routing_port: int = 8002
    escalation_port: int = 8003
    surveys_port: int = 8004


def inherited_environment(**changes: str) -> dict[str, str]:
    """The environment for a child process: ours, with these changes."""
    return {**os.environ, **changes}
