"""How does somebody say that they are away, without a token? `GET|POST /p/{token}`.

A token is `<person>~<last day>.<secret>`; the secret is the credential, for this one switch until that day
and nothing else.
Opening the page only shows: programs that scan mails follow every link in them.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.routing.domain.presence import home_of, person_named, presence_id
from services.routing.handlers.switch_presence import Switch, SwitchPresence
from services.routing.pages.wording import TEMPLATES
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.errors import NotFound, Rejected, Unauthenticated, Unavailable
from shared.host.desk import Desk
from shared.policy.model import Person
from shared.web.forms import posted
from shared.web.languages import page_language
from shared.web.links import unknown_link
from shared.web.pages import render
from shared.web.responses import page

PURPOSE = "presence"


def router(desk: Desk[CaseQueries], *, switch: Switch) -> APIRouter:
    """The page of the switch."""
    routes = APIRouter(tags=["presence"])

    @routes.get("/p/{token:path}", response_class=HTMLResponse, summary="Am I at work?")
    async def show(token: str, request: Request, lang: str | None = None, *, done: bool = False) -> Response:
        """What holds now; looking changes nothing."""
        try:
            person = _opened(desk, token)
        except NotFound:
            return _unknown(request, lang)
        return await _page(desk, person, request, lang, saved=done)

    @routes.post("/p/{token:path}", response_class=HTMLResponse, summary="Say that I am away, or back")
    async def say(token: str, request: Request, lang: str | None = None) -> Response:
        """Keeps it and shows the page again."""
        try:
            person = _opened(desk, token)
        except NotFound:
            return _unknown(request, lang)
        fields = posted(await request.body(), ("present", "until"))
        try:
            await switch(desk, _command(desk, person, fields), request=request)
        except Unavailable:
            return await _page(desk, person, request, lang, problem="later", status=503)
        except Rejected:
            return await _page(desk, person, request, lang, problem="choose", status=422)
        return RedirectResponse(f"?done=true&lang={_language(request, lang, person)}", 303)

    return routes


def _opened(desk: Desk[CaseQueries], token: str) -> Person:
    name, _, secret = token.rpartition(".")
    person = desk.rules().person(person_named(name, desk.clock.now()) or "")
    try:
        desk.links.check(PURPOSE, name, secret)
    except Unauthenticated:
        raise unknown_link() from None
    if person is None:
        raise unknown_link()
    return person


def _command(desk: Desk[CaseQueries], person: Person, fields: dict[str, str]) -> SwitchPresence:
    """What the form says. Raises Rejected('bad-form')."""
    if fields.get("present") not in {"yes", "no"}:
        raise Rejected("bad-form", "neither there nor away was chosen", field="present")
    until = None
    if "until" in fields:
        try:
            until = datetime.fromisoformat(fields["until"])
        except ValueError:
            raise Rejected("bad-form", "that is no moment", field="until") from None
        until = until if until.tzinfo else until.replace(tzinfo=_zone(desk, person))
    present = fields["present"] == "yes"
    return SwitchPresence(presence_id(person.id), Actor(person.id), person.id, present, until)


async def _page(
    desk: Desk[CaseQueries],
    person: Person,
    request: Request,
    lang: str | None,
    *,
    saved: bool = False,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    rules, now = desk.rules(), desk.clock.now()
    language = _language(request, lang, person)
    said = await desk.queries.presence(person.id)
    holds = said is not None and said.switch.holds(now)
    present = said.present if said is not None and holds else rules.is_there(person.id, now)
    until = said.until if said is not None and holds else None
    other = None if present else rules.person(rules.present(person.id, now) or "")
    html = render(
        "presence.html",
        language=language,
        directories=(TEMPLATES,),
        name=person.name,
        present=present,
        until=f"{until.astimezone(_zone(desk, person)):%Y-%m-%d %H:%M}" if until else None,
        stand_in=other.name if other is not None else None,
        saved=saved,
        problem=problem,
    )
    return page(html, language=language, status=status)


def _zone(desk: Desk[CaseQueries], person: Person) -> ZoneInfo:
    rules = desk.rules()
    return ZoneInfo(rules.site(home_of(person, rules)).timezone)


def _language(request: Request, lang: str | None, person: Person | None) -> str:
    own = person.language if person is not None else None
    return page_language(lang, own, request.headers.get("accept-language"))


def _unknown(request: Request, lang: str | None) -> Response:
    language = _language(request, lang, None)
    html = render("message.html", language=language, name="link.unknown", fields={})
    return page(html, language=language, status=404)
