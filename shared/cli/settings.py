"""Which settings does the command line need? Some of the services', each only where it is used."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import Rejected


class CliSettings(BaseSettings):
    """The environment as the command line sees it; nothing is required until a command needs it."""

    model_config = SettingsConfigDict(env_prefix="KESU_", extra="ignore")

    database_url: str = ""
    amqp_url: str = ""
    amqp_management_url: str = ""
    accounts: str = ""
    secret: str = ""
    seal_keys: str = ""
    inbox_days: int = Field(default=35, ge=1, description="As the services have it.")
    token: str = Field(default="", description="Bearer token for commands that call a service.")

    def need(self, name: str) -> str:
        """The setting. Raises Rejected('setting-missing') with its variable."""
        value = str(getattr(self, name))
        if not value:
            raise Rejected(
                "setting-missing",
                f"KESU_{name.upper()} is not set",
                field=f"KESU_{name.upper()}",
                remedy="`kesu up` prints the values of a local suite; a deployment has its own.",
            )
        return value
