"""How does a service run for real? One process, one event loop, uvloop and uvicorn."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from shared.errors import KesuError
from shared.host import restoring
from shared.host.application import build, guarded
from shared.host.connections import ConnectionLimits, affordable, protocol
from shared.host.plan import ServicePlan
from shared.host.process import Process
from shared.observability import logs, telemetry
from shared.settings import ServiceSettings

_DIED = 1
_NOT_STARTED = 3


def serve(plan: ServicePlan, settings_type: Callable[..., ServiceSettings]) -> None:
    """Run the service until SIGTERM or Ctrl-C; exits with 2 and one sentence when it cannot start.

    Exits with 1, in good order, when a part of it died: whoever supervises it starts it anew (ADR 0049).
    """
    if sys.argv[1:2] == ["restore"]:
        sys.exit(restoring.main(plan, partial(_settings, settings_type), sys.argv[2:]))
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
    server = _server(app, settings)
    process: Process = app.state.process
    process.on_death = partial(setattr, server, "should_exit", True)
    # Where the start fails uvicorn leaves by itself; why it failed decides below.
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        server.run(sockets=_sockets(settings))
    if not server.started:
        if process.rules.unreadable is not None:
            _leave(process.rules.unreadable.sentence())
        sys.exit(_NOT_STARTED)
    if process.died is not None:
        sys.exit(_DIED)


def _server(app: FastAPI, settings: ServiceSettings) -> uvicorn.Server:
    config = uvicorn.Config(
        guarded(app),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=protocol(ConnectionLimits(connections=affordable(settings.most_connections))),
        forwarded_allow_ips=settings.trusted_proxies,
        access_log=False,
        log_config=None,
        server_header=False,
        # Longer than clients and proxies keep an idle connection, so that it is they who close it.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=20,
        lifespan="on",
    )
    return uvicorn.Server(config)


def _sockets(settings: ServiceSettings) -> list[socket.socket] | None:
    """Both ports where there are two; None: uvicorn opens the one."""
    if not settings.operations_port:
        return None
    places = (
        (settings.host, settings.port),
        (settings.operations_host or settings.host, settings.operations_port),
    )
    try:
        return [_listening(*place) for place in places]
    except OSError as error:
        _leave(
            f"The service cannot listen: {error}. KESU_PORT and KESU_OPERATIONS_PORT must be free and differ."
        )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


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
