"""What is routing made of? The composition root: the only module that knows every room."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from services.routing import metrics
from services.routing.api import actions, cases, explain, instructions, presence, records, steps
from services.routing.domain.involvement import involvement_of
from services.routing.domain.workload import with_assignments
from services.routing.handlers import COMMANDS, REACTIONS
from services.routing.handlers.admitting import admit
from services.routing.handlers.recalling import RECALLS
from services.routing.jobs import attendance, recurrence, stranded, succession
from services.routing.jobs.counting import Counting
from services.routing.pages import customer_sheet, documents
from services.routing.pages import presence as presence_page
from services.routing.settings import Settings
from services.routing.store.queries import CaseQueries
from services.routing.store.tables import STORE
from shared.host.application import build
from shared.host.plan import ServicePlan

COUNTING = Counting()
PLAN = ServicePlan(
    name="routing",
    title="Kesu routing",
    description="Who has the case, how it moves, and that it cannot end before the customer agrees.",
    store=STORE,
    reactions=REACTIONS,
    commands=COMMANDS,
    ordered_from=frozenset({"intake"}),
    admit=admit,
    involved=involvement_of,
    recalls=lambda _settings: RECALLS,
    queries=CaseQueries,
    routers=(
        cases.router,
        instructions.router,
        steps.router,
        records.router,
        explain.router,
        actions.router,
        partial(presence.router, switch=attendance.switch),
        partial(presence_page.router, switch=attendance.switch),
        documents.router,
        customer_sheet.router,
    ),
    on_told=COUNTING.on_told,
    refresh=metrics.refresh,
    chores=(recurrence.watch, COUNTING.keep, attendance.keep, stranded.keep_trying, succession.keep_manned),
    learn=with_assignments,
    port=8002,
)


def create() -> FastAPI:
    """The application with the settings of the environment."""
    return build(PLAN, Settings())  # pyright: ignore[reportCallIssue]  # from the environment
