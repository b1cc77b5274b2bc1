"""How is escalation put together? The only module that knows every room."""

from __future__ import annotations

from fastapi import FastAPI

from services.escalation import metrics
from services.escalation.api import agreements, clocks, decisions, escalations, ledger, recomputation, reports
from services.escalation.domain.involvement import involvement_of
from services.escalation.handlers import COMMANDS, REACTIONS
from services.escalation.handlers.recalling import RECALLS
from services.escalation.handlers.scope import admit
from services.escalation.jobs import auditing, forecasting, succession, undelivered
from services.escalation.pages import acknowledgement
from services.escalation.settings import Settings
from services.escalation.store.outcomes import write_outcomes
from services.escalation.store.queries import SheetQueries
from services.escalation.store.tables import STORE
from services.escalation.store.terms import TermsShelf
from shared.host.application import build
from shared.host.plan import ServicePlan

PLAN = ServicePlan(
    name="escalation",
    title="Kesu escalation",
    description="By when is an answer due, and who is told if it does not come?",
    store=STORE,
    reactions=REACTIONS,
    commands=COMMANDS,
    ordered_from=frozenset({"intake", "routing"}),
    admit=admit,
    involved=involvement_of,
    recalls=lambda _settings: RECALLS,
    queries=SheetQueries,
    routers=(
        clocks.router,
        agreements.router,
        escalations.router,
        decisions.router,
        recomputation.router,
        ledger.router,
        reports.router,
        acknowledgement.router,
    ),
    keep_terms=TermsShelf,
    on_told=metrics.on_told,
    note=write_outcomes,
    refresh=metrics.refresh,
    on_rules=metrics.on_rules,
    on_undelivered=undelivered.about_alarm,
    chores=(succession.keep_answerable,),
    jobs=(auditing.again(metrics.on_audit), forecasting.again(metrics.on_learned)),
    port=8003,
)


def create() -> FastAPI:
    """The service as an ASGI application, settings from the environment."""
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment has the rest
    return build(PLAN, settings)
