"""How does a service run for real? One process, one event loop, uvloop and uvicorn."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import NoReturn

import uvicorn
from pydantic import ValidationError

from shared.errors import KesuError
from shared.host.application import build, guarded
from shared.host.plan import ServicePlan
from shared.observability import logs, telemetry
from shared.settings import ServiceSettings


def serve(plan: ServicePlan, settings_type: Callable[..., ServiceSettings]) -> None:
    """Run the service until SIGTERM or Ctrl-C; exits with 2 and one sentence when it cannot start."""
    settings = _settings(settings_type)
    logs.configure(plan.name, settings.log_level)
    try:
        telemetry.configure(plan.name, settings.otlp_endpoint)
        app = build(plan, settings)
    except KesuError as error:
        _leave(error.sentence())
    if plan.nice:
        os.nice(plan.nice)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    uvicorn.run(
        guarded(app),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        # Longer than clients and proxies keep an idle connection, so that it is they who close it.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=20,
        lifespan="on",
    )


def _settings(settings_type: Callable[..., ServiceSettings]) -> ServiceSettings:
    try:
        return settings_type()
    except ValidationError as error:
        lines = [
            f"KESU_{'.'.join(str(part) for part in one['loc']).upper()}: {one['msg']}"
            for one in error.errors(include_input=False)
        ]
        _leave("Settings are missing or wrong. " + "; ".join(lines))


def _leave(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(2)
