"""A service's application without servers behind it, for what it says of itself."""

from __future__ import annotations

import base64
from importlib import import_module
from typing import Any

from fastapi import FastAPI

from shared.host.application import build
from shared.local.suite import ORGANISATION

SERVICES = ("intake", "routing", "escalation", "surveys")


def app_of(service: str, **settings: Any) -> FastAPI:
    """The application; its process is not started."""
    given = {
        "database_url": "postgresql://nowhere/none",
        "amqp_url": "amqp://127.0.0.1:1/",
        "secret": "0" * 32,
        "seal_keys": "k1:" + base64.b64encode(b"k" * 32).decode(),
        "organisation": ORGANISATION,
        "port": 8000,
    }
    settings_type = import_module(f"services.{service}.settings").Settings
    return build(import_module(f"services.{service}.app").PLAN, settings_type(**given | settings))


def openapi_of(service: str, **settings: Any) -> dict[str, Any]:
    """Its OpenAPI document."""
    return app_of(service, **settings).openapi()
