"""What does somebody see who opens a service in a browser? What it is, and its documents, without internet.

FastAPI's own page of documents loads its scripts from elsewhere: where the network has no internet it stays
white. Here everything comes from the service itself. Programs get JSON at the same addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Header, Response

from shared.events.asyncapi import asyncapi_document
from shared.host.plan import ServicePlan
from shared.settings import ServiceSettings
from shared.web.languages import page_language
from shared.web.pages import render
from shared.web.responses import page

_STYLES_OF_SCRIPTS = "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
Accept = Annotated[str | None, Header(include_in_schema=False)]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of an event's data."""

    name: str
    kind: str
    always: bool


@dataclass(frozen=True, slots=True)
class EventSection:
    """An event as the page shows it."""

    type: str
    address: str
    words: str
    fields: tuple[FieldLine, ...]


def add_front(app: FastAPI, plan: ServicePlan, settings: ServiceSettings) -> None:
    """`/`, `/docs`, `/asyncapi` and `/asyncapi.json` of a service."""
    siblings = {
        "intake": settings.intake_public_url,
        "routing": settings.routing_public_url,
        "escalation": settings.escalation_public_url,
        "surveys": settings.surveys_public_url,
    }

    @app.get("/", include_in_schema=False)
    async def front(
        accept: Accept = None, accept_language: Accept = None, lang: str | None = None
    ) -> Response:
        """What this is and where to go."""
        if not _is_browser(accept):
            links = {"openapi": "/openapi.json", "asyncapi": "/asyncapi.json", "health": "/healthz"}
            links |= {"readiness": "/readyz", "metrics": "/metrics", "docs": "/docs"}
            return _json(
                {"service": plan.name, "title": plan.title, "description": plan.description, "links": links}
            )
        language = page_language(lang, None, accept_language)
        others = [(name, address) for name, address in siblings.items() if name != plan.name]
        html = render("service.html", language=language, title=plan.title, name=plan.name, siblings=others)
        return page(html, language=language)

    @app.get("/docs", include_in_schema=False)
    async def documents(accept_language: Accept = None, lang: str | None = None) -> Response:
        """Swagger UI over the OpenAPI document."""
        language = page_language(lang, None, accept_language)
        response = page(render("openapi.html", language=language, title=plan.title), language=language)
        policy = response.headers["content-security-policy"]
        response.headers["content-security-policy"] = _STYLES_OF_SCRIPTS + policy
        return response

    @app.get("/asyncapi", include_in_schema=False)
    async def events(
        accept: Accept = None, accept_language: Accept = None, lang: str | None = None
    ) -> Response:
        """AsyncAPI 3: what this service tells; a page for people."""
        document = asyncapi_document(plan.name)
        if not _is_browser(accept):
            return _json(document)
        language = page_language(lang, None, accept_language)
        sections = tuple(_sections(document))
        html = render("asyncapi.html", language=language, title=plan.title, events=sections)
        return page(html, language=language)

    @app.get("/asyncapi.json", include_in_schema=False)
    async def events_as_json() -> Response:
        """The same for programs, whatever they accept."""
        return _json(asyncapi_document(plan.name))


def _is_browser(accept: str | None) -> bool:
    return "text/html" in (accept or "").lower()


def _sections(document: Mapping[str, Any]) -> Iterator[EventSection]:
    for key, channel in document["channels"].items():
        message = document["components"]["messages"][key]
        data = message["payload"]["properties"]["data"]
        always = set(data.get("required", ()))
        yield EventSection(
            type=message["name"],
            address=channel["address"],
            words=message["summary"],
            fields=tuple(
                FieldLine(name, _kind(schema), name in always) for name, schema in data["properties"].items()
            ),
        )


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a word or two: `string (date-time)`, `array of string`, `string or null`, the choices."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(str(one) for one in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
