"""How does the customer get to the question and answer it? `GET|POST /s/{token}`.

The secret in the link is the credential, for this one form and nothing else: there is no session
that a foreign page could ride on, and an answer counts once.
"""

# No postponed annotations here: FastAPI must see the desk of the enclosing function in them.

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.surveys.pages.answering import Answering, open_rule
from services.surveys.pages.entry import read_form, read_json
from services.surveys.pages.json_view import REQUEST_BODY, AnswerTaken, SurveyView, taken, view
from services.surveys.pages.link import find_invitation
from services.surveys.pages.views import message_page
from services.surveys.store.queries import InvitationQueries
from shared.errors import NotFound
from shared.host.desk import Desk
from shared.outbox.writing import Idempotency
from shared.web.languages import page_language
from shared.web.responses import page, wants_json
from shared.web.static import static_router

_HTML = {"content": {"text/html": {"schema": {"type": "string"}}}}


def router(desk: Desk[InvitationQueries]) -> APIRouter:
    """The customer's routes and the static files that the pages link to."""
    routes = APIRouter(tags=["survey"])
    routes.include_router(static_router())
    answering = Answering(desk)

    @routes.get(
        "/s/{token}",
        response_model=SurveyView,
        responses={200: _HTML},
        summary="The survey form: a page, or JSON for programs",
    )
    async def show(
        token: str, request: Request, lang: str | None = None, *, done: bool = False
    ) -> Response | SurveyView:
        """What the link opens; `done` says that the customer has just answered."""
        try:
            invitation = await find_invitation(desk, token)
        except NotFound:
            if _is_program(request):
                raise
            return _unknown_page(request, lang)
        if _is_program(request):
            now = desk.clock.now()
            rule = open_rule(invitation, desk.rules(), now)
            return view(invitation, invitation.status_at(now), rule)
        language = page_language(lang, invitation.language, _accepted(request))
        return answering.page(invitation, language=language, just_answered=done)

    @routes.post(
        "/s/{token}",
        response_model=AnswerTaken,
        status_code=201,
        responses={303: {"description": "Answered by a browser: back to the page"}},
        openapi_extra=REQUEST_BODY,
        summary="Answer the survey, once",
    )
    async def answer(
        token: str,
        request: Request,
        idempotency: Annotated[Idempotency | None, Depends(desk.idempotency)],
        lang: str | None = None,
    ) -> Response | AnswerTaken:
        """Stores grade and comment; the comment is sealed before anything else sees it."""
        try:
            invitation = await find_invitation(desk, token)
        except NotFound:
            if _is_program(request):
                raise
            return _unknown_page(request, lang)
        content = await request.body()
        if _is_program(request):
            stored = await answering.submit(invitation, read_json(content), idempotency)
            return taken(stored)
        language = page_language(lang, invitation.language, _accepted(request))
        refused = await answering.post(invitation, read_form(content), language=language)
        # A relative address keeps whatever path a proxy has put in front.
        return refused or RedirectResponse(f"?done=true&lang={language}", 303)

    return routes


def _accepted(request: Request) -> str | None:
    return request.headers.get("accept-language")


def _is_program(request: Request) -> bool:
    return wants_json(request.headers.get("accept"), request.headers.get("content-type"))


def _unknown_page(request: Request, lang: str | None) -> Response:
    language = page_language(lang, None, _accepted(request))
    return page(message_page("link.unknown", language=language), language=language, status=404)
