"""Which settings has escalation beyond those of every service? Its port."""

from __future__ import annotations

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables KESU_*, read once at start."""

    port: int = 8003
