"""How does the customer see the report of corrective action, and comment on it? `GET|POST /d/{token}`.

A token is `<complaint id>~<sheet>.<secret>`; the secret opens this one sheet and nothing else. It stays
open, so that the result can be checked at any time (CAP-02, CAP-07).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.routing.domain.case import Case
from services.routing.domain.sheet_sending import BETWEEN, last_sent
from services.routing.handlers.judge_sheet import CUSTOMER, JudgeSheet
from services.routing.pages.corrective_sheet import corrective_sheet
from services.routing.pages.documents import as_pdf
from services.routing.pages.paper import Paper
from services.routing.pages.wording import TEMPLATES, wording
from services.routing.store.queries import CaseQueries
from shared.errors import NotFound, Unauthenticated, Unavailable
from shared.host.desk import Desk
from shared.web.forms import posted
from shared.web.languages import page_language
from shared.web.links import unknown_link
from shared.web.pages import render
from shared.web.responses import page

PURPOSE = "sheet"
MOST_LETTERS = 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """What the customer had entered before something went wrong; `problem` names a text."""

    verdict: str = ""
    comment: str = ""
    problem: str | None = None


def router(desk: Desk[CaseQueries]) -> APIRouter:
    """The customer's door to a sheet."""
    routes = APIRouter(tags=["sheet"])

    @routes.get("/d/{token:path}", response_class=HTMLResponse, summary="The sheet for the customer")
    async def show(
        token: str,
        request: Request,
        lang: str | None = None,
        output: Literal["html", "pdf"] = "html",
        *,
        done: bool = False,
    ) -> Response:
        """As it stands now; looking changes nothing."""
        try:
            case, sheet = await _opened(desk, token)
        except NotFound:
            return _unknown(request, lang)
        language = _language(request, lang, case)
        if output == "pdf":
            return await as_pdf(_paper(desk, case, sheet, language))
        return _page(desk, case, sheet, language, done=done)

    @routes.post("/d/{token:path}", response_class=HTMLResponse, summary="Say what I think of it")
    async def judge(token: str, request: Request, lang: str | None = None) -> Response:
        """Keeps the verdict; the comment is sealed before anything else sees it."""
        try:
            case, sheet = await _opened(desk, token)
        except NotFound:
            return _unknown(request, lang)
        language = _language(request, lang, case)
        fields = posted(await request.body(), ("satisfied", "comment"))
        verdict, comment = fields.get("satisfied", ""), fields.get("comment", "")
        if verdict not in {"yes", "no"} or len(comment) > MOST_LETTERS or "\0" in comment:
            draft = Draft(verdict, comment[:MOST_LETTERS].replace("\0", ""), "choose")
            return _page(desk, case, sheet, language, draft=draft, status=422)
        about = case.complaint_id
        sealed = desk.sealer.seal({"comment": comment}, about=about) if comment else None
        try:
            await desk.submit(JudgeSheet(about, CUSTOMER, sheet, verdict == "yes", sealed), request=request)
        except Unavailable:
            draft = Draft(verdict, comment, "later")
            return _page(desk, case, sheet, language, draft=draft, status=503)
        return RedirectResponse(f"?done=true&lang={language}", 303)

    return routes


async def _opened(desk: Desk[CaseQueries], token: str) -> tuple[Case, int]:
    """The case and the number of the sheet, if it was ever sent. Raises NotFound('unknown-link')."""
    identifier, _, secret = token.rpartition(".")
    written, _, number = identifier.partition(BETWEEN)
    try:
        complaint_id = UUID(written)
        desk.links.check(PURPOSE, identifier, secret)
        sheet = int(number)
    except (ValueError, Unauthenticated):
        raise unknown_link() from None
    case = await desk.queries.find(complaint_id)
    if case is None or last_sent(case, sheet) is None:
        raise unknown_link()
    return case, sheet


def _paper(desk: Desk[CaseQueries], case: Case, sheet: int, language: str) -> Paper:
    def opener(sealed: str | None) -> str | None:
        if sealed is None:
            return None
        return str(desk.sealer.open(sealed, about=case.complaint_id).get("text", ""))

    rules, now = desk.rules(), desk.clock.now()
    personal = desk.sealer.open(case.sealed, about=case.complaint_id) if case.sealed is not None else {}
    words = wording(case, rules, language)
    return corrective_sheet(case, rules, words, personal, now, sheet=sheet, for_customer=True, opener=opener)


def _page(
    desk: Desk[CaseQueries],
    case: Case,
    sheet: int,
    language: str,
    *,
    draft: Draft | None = None,
    done: bool = False,
    status: int = 200,
) -> Response:
    sending = last_sent(case, sheet)
    said = sending.verdict if sending is not None else None
    shown = draft or Draft(verdict="" if said is None else "yes" if said.satisfied else "no")
    html = render(
        "sheet.html",
        language=language,
        directories=(TEMPLATES,),
        paper=_paper(desk, case, sheet, language),
        pdf=f"?output=pdf&lang={language}",
        verdict=shown.verdict,
        comment=shown.comment,
        problem=shown.problem,
        done=done,
    )
    return page(html, language=language, status=status)


def _language(request: Request, lang: str | None, case: Case | None) -> str:
    own = case.language if case is not None else None
    return page_language(lang, own, request.headers.get("accept-language"))


def _unknown(request: Request, lang: str | None) -> Response:
    language = _language(request, lang, None)
    html = render("message.html", language=language, name="link.unknown", fields={})
    return page(html, language=language, status=404)
