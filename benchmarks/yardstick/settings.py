"""Where are the yardstick's servers? The same variables that Kesu's services read."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.local.databases import database_url


class YardstickSettings(BaseSettings):
    """The environment of one process."""

    model_config = SettingsConfigDict(env_prefix="KESU_", extra="ignore")

    database_url: str
    """The PostgreSQL server; every process has its own database on it."""
    amqp_url: str
    port: int = 8000

    def database_of(self, role: str) -> str:
        """URL of the database of one process."""
        return database_url(self.database_url, database_name(role))


def database_name(role: str) -> str:
    """`yardstick_intake` and its like."""
    return f"yardstick_{role}"
