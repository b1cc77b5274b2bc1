"""Which settings has routing beyond those of every service? Its port, and how often causes are counted."""

from __future__ import annotations

from pydantic import Field

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables KESU_*, read once at start."""

    port: int = 8002
    recurrence_minutes: float = Field(
        default=15, ge=0, description="How often it looks for causes that come back; 0: never."
    )
