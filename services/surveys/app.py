"""How is surveys put together? The only module that knows every room."""

from __future__ import annotations

from fastapi import FastAPI

from services.surveys import metrics
from services.surveys.api import invitations, results, rounds
from services.surveys.domain.involvement import involvement_of
from services.surveys.handlers import COMMANDS, REACTIONS
from services.surveys.handlers.recalling import RECALLS
from services.surveys.handlers.score_answer import admit
from services.surveys.jobs import chasing
from services.surveys.pages import survey
from services.surveys.settings import Settings
from services.surveys.store.queries import InvitationQueries
from services.surveys.store.tables import STORE
from shared.host.application import build
from shared.host.plan import ServicePlan

PLAN = ServicePlan(
    name="surveys",
    title="Kesu surveys",
    description="What did the customer think of how the complaint was handled?",
    store=STORE,
    reactions=REACTIONS,
    commands=COMMANDS,
    ordered_from=frozenset({"intake"}),
    admit=admit,
    involved=involvement_of,
    recalls=lambda _settings: RECALLS,
    queries=InvitationQueries,
    routers=(survey.router, results.router, invitations.router, rounds.router),
    chores=(chasing.chase,),
    refresh=metrics.refresh,
    port=8004,
    # Asking for an opinion may wait; an alarm may not (docs/operations.md).
    events_apart_seconds=0.25,
    nice=10,
)


def create() -> FastAPI:
    """The service as an ASGI application, settings from the environment."""
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment has the rest
    return build(PLAN, settings)
