"""Which settings has escalation of its own? Its port, and how often it audits and learns."""

from __future__ import annotations

from pydantic import Field

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables KESU_*, read once at start."""

    port: int = 8003
    audit_minutes: float = Field(
        default=0, ge=0, description="How often the service audits itself from the log of events; 0: never."
    )
    forecast_minutes: float = Field(
        default=60, ge=0, description="How often it learns which clocks tend to be missed; 0: never."
    )
    audit_grace_seconds: float = Field(
        default=60, ge=0, description="What happened so recently is left out: it may still be on its way."
    )
