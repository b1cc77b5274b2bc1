"""How is intake put together? The only module that knows every room."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import FastAPI

from services.intake import metrics
from services.intake.api import amending, changes, contract, imports, merging, reading, register
from services.intake.domain.involvement import involvement_of
from services.intake.handlers import COMMANDS, ORDERED_FROM, REACTIONS
from services.intake.handlers.recalling import recalls
from services.intake.handlers.scope import admit
from services.intake.handlers.tell_merged import ERRAND
from services.intake.jobs import duplicates
from services.intake.pages import case
from services.intake.settings import Settings
from services.intake.store.queries import ComplaintQueries
from services.intake.store.tables import STORE
from shared.host.application import build
from shared.host.numbering import Numbering
from shared.host.plan import ServicePlan
from shared.sealed.sealer import Sealer

_NUMBERING = Numbering()


def _has_address(settings: Settings) -> Callable[[str, UUID], bool]:
    sealer = Sealer.from_setting(settings.seal_keys, secret=settings.secret)
    return lambda sealed, complaint: bool(sealer.open(sealed, about=complaint).get("email"))


PLAN = ServicePlan(
    name="intake",
    title="Kesu intake",
    description="The register: where does a complaint come in, and where does it stand?",
    store=STORE,
    reactions=REACTIONS,
    commands=COMMANDS,
    ordered_from=ORDERED_FROM,
    admit=admit,
    involved=involvement_of,
    recalls=lambda settings: recalls(_has_address(settings)),
    queries=ComplaintQueries,
    routers=(
        register.router,
        reading.router,
        changes.router,
        amending.router,
        imports.router,
        merging.router,
        contract.router,
        case.router,
    ),
    lanes={("POST", "/complaints"): register.endpoint},
    errands={ERRAND: duplicates.tell},
    on_told=metrics.on_told,
    before=(_NUMBERING.before,),
    jobs=(_NUMBERING.until_done,),
    events_apart_seconds=0.25,
    port=8001,
)


def create() -> FastAPI:
    """The service as an ASGI application, settings from the environment."""
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment has the rest
    return build(PLAN, settings)
