"""Which settings do all services share? Environment variables with the prefix KESU_, read once at start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_MINIMUM_SECRET = 32


class ServiceSettings(BaseSettings):
    """What every service process needs; each service adds its own in `services/<name>/settings.py`."""

    model_config = SettingsConfigDict(env_prefix="KESU_", extra="ignore")

    database_url: str = Field(
        description="PostgreSQL server; without a database name each service takes kesu_<service>."
    )
    amqp_url: str = Field(description="RabbitMQ, e.g. amqp://user:password@host:5672/vhost.")
    secret: str = Field(description="At least 32 characters; tokens, links and pseudonyms hang on it.")
    token_public_key: str = Field(
        default="", description="Reads tokens where the secret cannot make them; empty: the secret's own."
    )
    seal_keys: str = Field(
        description="Key ring for personal data: name:base64 of 32 bytes, newest first, comma between."
    )
    organisation: Path = Field(description="organisation.yaml.")
    profiles: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="Folders with your own policy profiles, separated by a colon."
    )
    oidc_issuer: str = Field(
        default="", description="OpenID Connect issuer whose tokens are taken beside ours; empty: none."
    )
    oidc_audience: str = Field(default="", description="Audience that its tokens must name.")
    oidc_claims: str = Field(
        default="", description="Where it says what, e.g. roles=realm_access.roles,sites=kesu_sites."
    )
    host: str = "127.0.0.1"
    port: int = 8000
    operations_port: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="Where alone /metrics, /docs, /openapi.json and /asyncapi are shown; 0: at the port.",
    )
    operations_host: str = Field(default="", description="Address of that port; empty: that of the host.")
    most_connections: int = Field(
        default=500, ge=10, description="At once; for one more the one that has been idle longest goes."
    )
    public_per_minute: int = Field(
        default=600, ge=0, description="Requests of one address at the doors that links open; 0: any number."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1,::1",
        description="Addresses or networks, comma between, whose X-Forwarded-For is believed.",
    )
    public_url: str = Field(
        default="",
        description="Where people reach this service from outside; links in mails begin with it.",
    )
    intake_public_url: str = "http://127.0.0.1:8001"
    routing_public_url: str = "http://127.0.0.1:8002"
    escalation_public_url: str = "http://127.0.0.1:8003"
    surveys_public_url: str = "http://127.0.0.1:8004"
    smtp_url: str = Field(default="", description="smtp://user:password@host:25; empty: no mail leaves.")
    mail_from: str = "kesu@localhost"
    log_level: str = "INFO"
    otlp_endpoint: str = Field(default="", description="OpenTelemetry collector over HTTP; empty: off.")
    prefetch: int = Field(default=60, ge=1, le=2000)
    batch_messages: int = Field(default=300, ge=1, le=2000, description="Most messages in one commit.")
    body_limit_bytes: int = Field(default=1_048_576, ge=1024)
    inbox_days: int = Field(default=35, ge=1, description="How long a handled event is remembered.")

    @field_validator("profiles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part) for part in value.split(":") if part)
        return value

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if len(value) < _MINIMUM_SECRET:
            msg = "must have at least 32 characters; `kesu token --new-secret` prints a good one"
            raise ValueError(msg)
        return value


def database_of(url: str, service: str) -> str:
    """The service's own database: kesu_<service>, unless the URL names one already."""
    parts = urlsplit(url)
    name = parts.path.strip("/")
    if name and name != "postgres":
        return url
    return urlunsplit((parts.scheme, parts.netloc, f"/kesu_{service}", parts.query, parts.fragment))


def asyncpg_url(url: str) -> str:
    """The same database for SQLAlchemy's asyncpg driver."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1]
