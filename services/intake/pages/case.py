"""How does the customer follow the case and reply to the answer? `GET|POST /c/{id}/{secret}`.

The secret in the link is the credential, for this one case and nothing else: there is no session
that a foreign page could ride on, and a reply counts once for each round.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.intake.domain.complaint import Complaint
from services.intake.domain.identity import Identity
from services.intake.handlers.record_reply import CUSTOMER, RecordReply
from services.intake.pages.entry import ReplyForm, read_form
from services.intake.pages.link import PURPOSE, find_case
from services.intake.pages.views import Continued, Draft, case_page, message_page
from services.intake.store.queries import ComplaintQueries
from shared.errors import Conflict, NotFound, Rejected, Unavailable
from shared.host.desk import Desk
from shared.web.languages import page_language
from shared.web.responses import page
from shared.web.static import static_router

_FORM = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": ReplyForm.model_json_schema()}},
    }
}


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The customer's routes and the static files that the page links to."""
    routes = APIRouter(tags=["case"])
    routes.include_router(static_router())

    @routes.get("/c/{token:path}", response_class=HTMLResponse, summary="The customer's case page")
    async def show(token: str, request: Request, lang: str | None = None, *, done: bool = False) -> Response:
        """What the link opens; `done` says that the customer has just replied."""
        try:
            complaint = await find_case(desk, token)
        except NotFound:
            return _unknown(request, lang)
        continued = await _continued(desk, complaint, token)
        language = _language(request, lang, complaint)
        return _page(desk, complaint, language, done=done, continued=continued)

    @routes.post(
        "/c/{token:path}",
        response_class=HTMLResponse,
        responses={303: {"description": "Stored: back to the page"}},
        openapi_extra=_FORM,
        summary="Agree to the answer or refuse it",
    )
    async def reply(token: str, request: Request, lang: str | None = None) -> Response:
        """Stores the reply; the comment is sealed before anything else sees it."""
        try:
            complaint = await find_case(desk, token)
        except NotFound:
            return _unknown(request, lang)
        language = _language(request, lang, complaint)
        refused = await _reply(desk, complaint, await request.body(), language)
        # A relative address keeps whatever path a proxy has put in front.
        return refused or RedirectResponse(f"?done=true&lang={language}", 303)

    return routes


async def _reply(
    desk: Desk[ComplaintQueries], complaint: Complaint, content: bytes, language: str
) -> Response | None:
    """None if the reply is stored, else the page that says why not, with what was entered."""
    entry = read_form(content)
    form, draft = entry.reply, entry.draft
    if form is None:
        return _page(desk, complaint, language, draft=draft, status=422)
    complaint_id = complaint.complaint_id
    sealed = desk.sealer.seal({"comment": form.comment}, about=complaint_id) if form.comment else None
    command = RecordReply(complaint_id, CUSTOMER, form.round, form.choice == "agree", sealed)
    try:
        await desk.submit(command)
    except Unavailable:
        later = Draft(draft.choice, draft.comment, "later")
        return _page(desk, complaint, language, draft=later, status=503)
    except Conflict:
        # Replied, withdrawn or answered anew in the meantime: show it as it is now.
        current = await desk.queries.by_id(complaint.complaint_id) or complaint
        changed = Draft("", draft.comment, "changed")
        return _page(desk, current, language, draft=changed, status=409)
    return None


async def _continued(desk: Desk[ComplaintQueries], complaint: Complaint, token: str) -> Continued | None:
    """What a merged complaint goes on as in the end, with a link for whoever is the customer of both."""
    other = await desk.queries.survivor(complaint)
    if other is complaint:
        return None
    if not _is_same_customer(desk, complaint, other):
        return Continued(other)
    secret = desk.links.secret(PURPOSE, other.complaint_id)
    # A relative address keeps whatever path a proxy has put in front; mails write a dot for the slash.
    link = f"{other.complaint_id}.{secret}"
    return Continued(other, f"../{link}" if token[36:37] == "/" else link)


def _is_same_customer(desk: Desk[ComplaintQueries], one: Complaint, other: Complaint) -> bool:
    """By the contacts as they are now: either may have been corrected to somebody else since."""
    try:
        return _identity(desk, one).is_same_as(_identity(desk, other))
    except Rejected:
        # Sealed with a key that is not here: nobody can tell, so nothing is shown.
        return False


def _identity(desk: Desk[ComplaintQueries], complaint: Complaint) -> Identity:
    sealed = complaint.sealed
    personal = desk.sealer.open(sealed, about=complaint.complaint_id) if sealed is not None else {}
    return Identity(complaint.customer_ref, personal)


def _page(
    desk: Desk[ComplaintQueries],
    complaint: Complaint,
    language: str,
    *,
    draft: Draft | None = None,
    done: bool = False,
    status: int = 200,
    continued: Continued | None = None,
) -> Response:
    rules = desk.rules()
    unit = rules.organisation.departments.get(complaint.department or "")
    html = case_page(
        complaint,
        rules.site(complaint.site),
        language=language,
        department=unit.name if unit is not None else None,
        draft=draft,
        done=done,
        continued=continued,
    )
    return page(html, language=language, status=status)


def _language(request: Request, lang: str | None, complaint: Complaint) -> str:
    return page_language(lang, complaint.language, request.headers.get("accept-language"))


def _unknown(request: Request, lang: str | None) -> Response:
    language = page_language(lang, None, request.headers.get("accept-language"))
    return page(message_page("link.unknown", language=language), language=language, status=404)
