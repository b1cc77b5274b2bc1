"""How does a service look over HTTP? Its own routes, and health, metrics and documents beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import orjson
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp

from shared.clock import monotonic
from shared.host import problems
from shared.host.figures import Figures
from shared.host.front import add_front
from shared.host.gate import Gate
from shared.host.lane import Lane
from shared.host.liveness import Liveness
from shared.host.plan import ServicePlan
from shared.host.process import Process
from shared.host.rates import Rates
from shared.messaging.topology import work_queue
from shared.observability import metrics
from shared.settings import ServiceSettings


def build(plan: ServicePlan, settings: ServiceSettings, process: Process | None = None) -> FastAPI:
    """The application; its process starts with the ASGI lifespan. `app.state.process` holds it."""
    process = process or Process(plan, settings)

    liveness = _liveness(process)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await process.start()
        process.beside(liveness.run(), "liveness")
        yield
        await process.stop()

    app = FastAPI(
        title=plan.title,
        description=plan.description,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=problems.PROBLEM_RESPONSES,
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        servers=[{"url": settings.public_url or f"http://127.0.0.1:{settings.port}"}],
        separate_input_output_schemas=False,
    )
    app.state.process = process
    problems.install(app)
    for make in plan.routers:
        app.include_router(make(process.desk))
    add_front(app, plan, settings)
    _add_operations(app, process, liveness)
    return app


def guarded(app: FastAPI) -> ASGIApp:
    """The application behind its gate, as it is served."""
    process: Process = app.state.process
    lanes = {door: make(process.desk) for door, make in process.plan.lanes.items()}
    settings = process.settings
    return Gate(
        Lane(app, lanes),
        limit_bytes=settings.body_limit_bytes,
        rates=Rates(settings.public_per_minute) if settings.public_per_minute else None,
        operations_port=settings.operations_port,
    )


def _liveness(process: Process) -> Liveness:
    async def finds_queue() -> bool:
        return await process.post.waiting_in(work_queue(process.plan.name)) is not None

    return Liveness(lambda: process.consumer.attached, finds_queue)


def _add_operations(app: FastAPI, process: Process, liveness: Liveness) -> None:
    counting = Figures(partial(_counted, process))

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> Response:
        """Whether a restart would do it good."""
        dead = [*process.dead_parts(), *liveness.complaints()]
        return _json({"status": "dead" if dead else "ok", "parts": dead}, 500 if dead else 200)

    @app.get("/readyz", include_in_schema=False)
    async def ready() -> Response:
        """Whether it can do its work now: database, broker, relay, consumer."""
        found = await process.readiness() if process.started else {"process": "is starting"}
        return _json({"status": "not ready" if found else "ready", "problems": found}, 503 if found else 200)

    @app.get("/metrics", include_in_schema=False)
    async def figures() -> Response:
        """Prometheus text format."""
        await counting.up_to_date()
        _policy_figures(process)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _counted(process: Process) -> None:
    await process.measure()
    if process.plan.refresh is not None:
        await process.plan.refresh(process.desk.queries)


def _policy_figures(process: Process) -> None:
    rules = process.rules.current()
    if process.plan.on_rules is not None:
        process.plan.on_rules(rules)
    metrics.POLICY.clear()
    metrics.POLICY.labels("organisation", rules.organisation.version).set(1)
    for profile in rules.profiles.values():
        metrics.POLICY.labels(profile.profile, profile.version).set(1)
    metrics.POLICY_ERROR.set(1 if process.rules.error else 0)
    held = process.shell.held_since
    metrics.HELD.set(monotonic() - held if held is not None else 0)


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
