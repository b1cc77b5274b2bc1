"""How does somebody print a case? `GET /cases/{id}/documents/{document}`, as a page or as PDF."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
import asyncio
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response

from services.routing.domain.authority import may_read
from services.routing.domain.case import Case
from services.routing.pages.corrective_sheet import corrective_sheet
from services.routing.pages.handling_sheet import Personal, handling_sheet
from services.routing.pages.letters import REPLY, reply_letter, settlement_agreement
from services.routing.pages.paper import Paper
from services.routing.pages.pdf import render_pdf
from services.routing.pages.record_sheet import record_sheet
from services.routing.pages.wording import TEMPLATES, Wording, wording
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.errors import Forbidden, NotFound
from shared.host.desk import Desk
from shared.host.fields import Code
from shared.web.languages import known_language
from shared.web.pages import render
from shared.web.responses import PAGE_HEADERS, page
from shared.web.static import static_router

READERS = ("agent", "handler", "manager", "director", "auditor")
CONFIDANTS = frozenset({"handler", "manager", "director", "admin"})
"""Who has to do with the customer, and so sees who it is (PRV-01)."""
Document = Literal["handling-sheet", "8d-sheet", "reply-letter", "settlement-agreement", "case-record"]


@dataclass(frozen=True, slots=True)
class Order:
    """Which paper is wanted, and how."""

    document: Document
    language: str
    sheet: int | None
    for_customer: bool
    record: str = ""
    item: str = ""
    version: int | None = None

    def query(self, language: str) -> str:
        """The address of the same paper as PDF, below that of the page."""
        parts = {"format": "pdf", "lang": language, "record": self.record, "item": self.item}
        parts |= {"sheet": str(self.sheet or ""), "version": str(self.version or "")}
        parts["audience"] = "customer" if self.for_customer else ""
        return urlencode({name: value for name, value in parts.items() if value})


def router(desk: Desk[CaseQueries]) -> APIRouter:
    """The papers of a case, and the static files that their pages link to."""
    routes = APIRouter(tags=["documents"])
    routes.include_router(static_router())

    @routes.get(
        "/cases/{identifier}/documents/{document}",
        response_class=HTMLResponse,
        responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
        summary="A sheet, letter or agreement to print, as a page or as PDF",
    )
    async def printed(
        identifier: Code,
        document: Document,
        actor: Annotated[Actor, Depends(desk.actor(*READERS))],
        lang: Literal["zh", "en"] | None = None,
        output: Annotated[Literal["html", "pdf"], Query(alias="format")] = "html",
        sheet: Annotated[int | None, Query(ge=1)] = None,
        audience: Literal["internal", "customer"] = "internal",
        record: Code | None = None,
        item: Code | None = None,
        version: Annotated[int | None, Query(ge=1)] = None,
    ) -> Response:
        """In the customer's language unless `lang` says otherwise; names only for those entitled."""
        case = await _find(desk, identifier, actor)
        language = lang or known_language(case.language) or desk.rules().site(case.site).language
        customer = audience == "customer"
        order = Order(document, language, sheet, customer, record or "", item or "", version)
        paper = _paper(desk, case, order, actor)
        if output == "pdf":
            return await as_pdf(paper)
        return _as_page(paper, order)

    return routes


async def _find(desk: Desk[CaseQueries], identifier: str, actor: Actor) -> Case:
    try:
        case = await desk.queries.find(UUID(identifier))
    except ValueError:
        case = await desk.queries.find(identifier)
    if case is None:
        raise NotFound("unknown-case", "there is no such case", field="id")
    if not may_read(case, actor):
        raise Forbidden("out-of-scope", "this case is not for you to see", field="id")
    return case


def _paper(desk: Desk[CaseQueries], case: Case, order: Order, actor: Actor) -> Paper:
    """The paper. Raises Forbidden('personal'), and what the papers themselves raise."""
    rules, now = desk.rules(), desk.clock.now()
    words: Wording = wording(case, rules, order.language)
    entitled = not actor.roles.isdisjoint(CONFIDANTS)
    personal = _personal(desk, case) if entitled else None
    if order.document == "handling-sheet":
        return handling_sheet(case, rules, words, personal, now)

    def opener(sealed: str | None) -> str | None:
        if sealed is None or not entitled:
            return None
        return str(desk.sealer.open(sealed, about=case.complaint_id).get("text", ""))

    if order.document == "case-record":
        named = {"record": order.record, "item": order.item}
        return record_sheet(case, rules, words, now, version=order.version, opener=opener, **named)
    if order.document == "8d-sheet":
        return corrective_sheet(
            case,
            rules,
            words,
            personal,
            now,
            sheet=order.sheet,
            for_customer=order.for_customer,
            opener=opener,
        )
    if personal is None:
        raise Forbidden(
            "personal",
            "a letter names the customer, which is not for your role to see",
            field="Authorization",
            remedy="A handler or manager prints it.",
        )
    make = reply_letter if order.document == REPLY else settlement_agreement
    return make(case, rules, words, personal, now)


def _personal(desk: Desk[CaseQueries], case: Case) -> Personal:
    """The opened personal part; empty where the complaint came without one."""
    return desk.sealer.open(case.sealed, about=case.complaint_id) if case.sealed is not None else {}


async def as_pdf(paper: Paper) -> Response:
    """The paper as a PDF file, shown in the browser."""
    # Drawing takes tens of milliseconds of processor: the loop goes on meanwhile.
    content = await asyncio.to_thread(render_pdf, paper)
    name = quote(f"{paper.number}-{paper.name}.pdf")
    headers = {
        **PAGE_HEADERS,
        "Content-Language": paper.language,
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
    }
    return Response(content, media_type="application/pdf", headers=headers)


def _as_page(paper: Paper, order: Order) -> HTMLResponse:
    html = render(
        "paper.html",
        language=paper.language,
        directories=(TEMPLATES,),
        paper=paper,
        pdf=f"?{order.query(paper.language)}",
    )
    return page(html, language=paper.language)
