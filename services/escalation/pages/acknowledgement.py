"""How does somebody answer an alarm from a mail? `GET|POST /a/{token}`.

Opening the link only shows: programs that scan mails follow every link in them. The button answers. The
secret in the link is the credential, for this one alarm and nothing else.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.escalation.handlers.acknowledge_escalation import AcknowledgeEscalation
from services.escalation.pages.link import Opened, open_link
from services.escalation.pages.views import alarm_page, message_page, page_language
from services.escalation.store.queries import SheetQueries
from shared.deciding import Actor
from shared.errors import NotFound, Unavailable
from shared.host.desk import Desk
from shared.web.responses import page
from shared.web.static import static_router

_MOST_FIELDS = 5


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The page's routes and the static files that it links to."""
    routes = APIRouter(tags=["acknowledgement"])
    routes.include_router(static_router())

    def language_of(request: Request, lang: str | None, person: str | None = None) -> str:
        return page_language(lang, person, request.headers.get("accept-language"), desk.rules())

    def unknown(request: Request, lang: str | None) -> Response:
        language = language_of(request, lang)
        return page(message_page("link.unknown", language=language), language=language, status=404)

    @routes.get("/a/{token}", response_class=HTMLResponse, summary="The alarm as a page")
    async def show(token: str, request: Request, lang: str | None = None) -> Response:
        """What is late, and a button; looking changes nothing."""
        try:
            opened = await open_link(desk, token)
        except NotFound:
            return unknown(request, lang)
        language = language_of(request, lang, opened.person)
        return page(alarm_page(opened, desk.rules(), language=language), language=language)

    @routes.post("/a/{token}", response_class=HTMLResponse, summary="Answer the alarm from the page")
    async def answer(token: str, request: Request, lang: str | None = None) -> Response:
        """Answers it and shows the page again; who was first stays first."""
        try:
            opened = await open_link(desk, token)
        except NotFound:
            return unknown(request, lang)
        language = language_of(request, lang, opened.person)
        person = _person(opened, await request.body())
        if person is None:
            html = alarm_page(opened, desk.rules(), language=language, problem="who")
            return page(html, language=language, status=422)
        actor = Actor(person, frozenset({"manager"}), frozenset({opened.sheet.site}))
        command = AcknowledgeEscalation(opened.sheet.complaint_id, opened.escalation.id, actor)
        try:
            await desk.submit(command, request=request)
        except Unavailable:
            html = alarm_page(opened, desk.rules(), language=language, problem="later")
            return page(html, language=language, status=503)
        # A relative address keeps whatever path a proxy has put in front.
        return RedirectResponse(f"?lang={language}", 303)

    return routes


def _person(opened: Opened, content: bytes) -> str | None:
    """Who answers: the link's own person, else whoever of those told the form names."""
    if opened.person is not None:
        return opened.person
    try:
        fields = dict(parse_qsl(content.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        return None
    person = fields.get("person")
    return person if person in opened.escalation.told else None
