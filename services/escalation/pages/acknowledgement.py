"""How does somebody answer an alarm from a mail, or decide what is to be done? `GET|POST /a/{token}`.

Opening the link only shows: programs that scan mails follow every link in them. The button answers. The
secret in the link is the credential, for this one alarm and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.escalation.domain.ruling import Wish
from services.escalation.handlers.acknowledge_escalation import AcknowledgeEscalation
from services.escalation.handlers.decide_escalation import DecideEscalation
from services.escalation.pages.link import Opened, open_link, require_answers
from services.escalation.pages.views import alarm_page, message_page, page_language
from services.escalation.store.queries import SheetQueries
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound, Rejected, Unavailable
from shared.events.escalation import Verdict
from shared.host.desk import Desk
from shared.web.responses import page
from shared.web.static import static_router

_MOST_FIELDS = 10
_MOST_LETTERS = 4000


def router(desk: Desk[SheetQueries]) -> APIRouter:
    """The page's routes and the static files that it links to."""
    routes = APIRouter(tags=["acknowledgement"])
    routes.include_router(static_router())

    def language_of(request: Request, lang: str | None, person: str | None = None) -> str:
        return page_language(lang, person, request.headers.get("accept-language"), desk.rules())

    def refused(request: Request, lang: str | None, error: NotFound | Forbidden) -> Response:
        language = language_of(request, lang)
        name, status = ("link.over", 403) if isinstance(error, Forbidden) else ("link.unknown", 404)
        return page(message_page(name, language=language), language=language, status=status)

    @routes.get("/a/{token}", response_class=HTMLResponse, summary="The alarm as a page")
    async def show(token: str, request: Request, lang: str | None = None) -> Response:
        """What is late, and a button; looking changes nothing."""
        try:
            opened = await open_link(desk, token)
        except (NotFound, Forbidden) as error:
            return refused(request, lang, error)
        language = language_of(request, lang, opened.person)
        return page(await _shown(desk, opened, language), language=language)

    @routes.post("/a/{token}", response_class=HTMLResponse, summary="Answer the alarm from the page")
    async def answer(token: str, request: Request, lang: str | None = None) -> Response:
        """Answers it and shows the page again; who was first stays first."""
        try:
            opened = await open_link(desk, token)
        except (NotFound, Forbidden) as error:
            return refused(request, lang, error)
        language = language_of(request, lang, opened.person)
        fields = _fields(await request.body())
        person = _person(opened, fields)
        if person is None:
            html = await _shown(desk, opened, language, problem="who")
            return page(html, language=language, status=422)
        try:
            require_answers(desk, opened, person)
            await desk.submit(_command(desk, opened, person, fields), request=request)
        except Unavailable:
            html = await _shown(desk, opened, language, problem="later")
            return page(html, language=language, status=503)
        except Rejected as error:
            html = await _shown(desk, opened, language, problem="refused", reason=error.detail)
            return page(html, language=language, status=422)
        # A relative address keeps whatever path a proxy has put in front.
        return RedirectResponse(f"?lang={language}", 303)

    return routes


async def _shown(
    desk: Desk[SheetQueries], opened: Opened, language: str, *, problem: str | None = None, reason: str = ""
) -> str:
    return alarm_page(
        opened,
        desk.rules(),
        language=language,
        learned=await desk.queries.learned(),
        now=desk.clock.now(),
        problem=problem,
        reason=reason,
    )


def _fields(content: bytes) -> dict[str, str]:
    """What the form says; nothing if it is none."""
    try:
        return dict(parse_qsl(content.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _person(opened: Opened, fields: Mapping[str, str]) -> str | None:
    """Who answers: the link's own person, else whoever of those told the form names."""
    if opened.person is not None:
        return opened.person
    person = fields.get("person")
    return person if person in opened.escalation.told else None


def _command(
    desk: Desk[SheetQueries], opened: Opened, person: str, fields: Mapping[str, str]
) -> AcknowledgeEscalation | DecideEscalation:
    """A decision if the form holds one and the link is the person's own, else the plain answer."""
    complaint, escalation = opened.sheet.complaint_id, opened.escalation.id
    actor = Actor(person, frozenset({"manager"}), frozenset({opened.sheet.site}))
    decision = next((one for one in get_args(Verdict) if one == fields.get("decision")), None)
    if decision is None or opened.person is None:
        return AcknowledgeEscalation(complaint, escalation, actor)
    words = fields.get("instruction", "").replace("\x00", "").strip()[:_MOST_LETTERS]
    wish = Wish(
        decision=decision,
        department=fields.get("department") or None,
        assignee=fields.get("assignee") or None,
        sealed=desk.sealer.seal({"instruction": words}, about=complaint) if words else None,
    )
    return DecideEscalation(
        complaint, escalation, actor, wish, target=fields.get("target", "").strip() or None
    )
