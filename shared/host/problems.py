"""How does a failure look over HTTP? RFC 9457 problem details with a stable code, made in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.database.transaction import is_passing
from shared.errors import (
    Conflict,
    Forbidden,
    KesuError,
    NotFound,
    NotYet,
    Rejected,
    Unauthenticated,
    Unavailable,
)
from shared.host.documenting import PROBLEM, with_problems

log = structlog.get_logger("kesu.door")
_STATUS: tuple[tuple[type[KesuError], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Rejected, 422),
    (NotYet, 409),
    (Unavailable, 503),
)
_MOST_ERRORS = 20
SEND_LESS = "Send less at once; evidence goes as files, imports in parts."
_SEND_JSON = "Send valid JSON in UTF-8."
_OF_HTTP: dict[int, tuple[str, str | None, str | None]] = {
    # The framework says 400 only where it could not read the body.
    400: ("malformed-json", "body", _SEND_JSON),
    404: ("no-such-path", None, None),
    405: ("method-not-allowed", None, None),
    413: ("body-too-large", "body", SEND_LESS),
    499: ("hung-up", "body", None),
}
"""Code, field and remedy of what the framework refuses by itself."""


class FieldProblem(BaseModel):
    """One field and what is wrong with it."""

    field: str
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457); `code` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    remedy: str | None = None
    errors: list[FieldProblem] | None = None
    changes: list[dict[str, str]] | None = None
    """What happened meanwhile, oldest first: what, by whom, when, and the status after it."""


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": title}
    for status, title in {
        400: "The request is not valid JSON",
        401: "No or no valid token",
        403: "Role or scope does not allow it",
        404: "Not found",
        409: "The status forbids it, or somebody was quicker",
        413: "The body is too large",
        422: "A field or a rule refuses it",
        429: "Too many requests from this address",
        503: "A server behind this one is away",
    }.items()
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    field: str | None = None,
    remedy: str | None = None,
    errors: list[dict[str, str]] | None = None,
    changes: Sequence[Mapping[str, str]] = (),
) -> Response:
    """The response."""
    body: dict[str, Any] = {
        "type": f"urn:kesu:problem:{code}",
        "title": code.replace("-", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if field:
        body["field"] = field
    if remedy:
        body["remedy"] = remedy
    if errors:
        body["errors"] = errors
    if changes:
        body["changes"] = [dict(one) for one in changes]
    headers = {"retry-after": "5"} if status == 503 else {}  # noqa: PLR2004 - HTTP's own number
    if status == 401:  # noqa: PLR2004 - HTTP's own number
        headers["www-authenticate"] = 'Bearer realm="kesu"'
    return Response(orjson.dumps(body), status, media_type=PROBLEM, headers=headers)


def install(app: FastAPI) -> None:
    """Translate every failure of this app."""
    app.add_exception_handler(KesuError, _kesu)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(SQLAlchemyError, _server)
    app.add_exception_handler(OSError, _server)
    app.add_exception_handler(Exception, _bug)
    plain = app.openapi
    app.openapi = lambda: with_problems(plain())  # type: ignore[method-assign]  # FastAPI's own way


def of_error(error: KesuError) -> Response:
    """The problem that a KesuError is."""
    status = next((number for kind, number in _STATUS if isinstance(error, kind)), 500)
    changes = error.changes if isinstance(error, Conflict) else ()
    return problem(status, error.code, error.detail, field=error.field, remedy=error.remedy, changes=changes)


def of_validation(errors: Any) -> Response:
    """The problem that pydantic's list of errors is; a broken JSON text is 400, the rest 422."""
    found = [{"field": _where(one["loc"]), "detail": str(one["msg"])} for one in list(errors)[:_MOST_ERRORS]]
    if any(one["type"] == "json_invalid" for one in errors):
        return problem(
            400,
            "malformed-json",
            found[0]["detail"],
            field="body",
            remedy=_SEND_JSON,
        )
    return problem(422, "invalid-body", found[0]["detail"], field=found[0]["field"], errors=found)


async def _kesu(_: Request, error: Exception) -> Response:
    assert isinstance(error, KesuError)
    return of_error(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return of_validation(error.errors())


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code, field, remedy = _OF_HTTP.get(status, (f"http-{status}", None, None))
    response = problem(status, code, str(error.detail), field=field, remedy=remedy)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    if status == 405:  # noqa: PLR2004 - HTTP's own number
        # The router names the methods of the first route that fits, and a path may have several.
        response.headers["allow"] = ", ".join(sorted(_methods_of(request)))
    return response


def _methods_of(request: Request) -> set[str]:
    known: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            known |= getattr(route, "methods", None) or set()
    return known | ({"HEAD"} if "GET" in known else set())


async def _server(request: Request, error: Exception) -> Response:
    if not is_passing(error):
        return await _bug(request, error)
    log.warning("door.database_away", error=type(error).__name__)
    return problem(503, "database-away", "the database does not answer", remedy="Try again in a moment.")


async def _bug(request: Request, error: Exception) -> Response:
    log.error("door.bug", path=request.url.path, method=request.method, exc_info=error)
    return problem(
        500,
        "bug",
        "this is our mistake; it has been logged",
        remedy="Report it with the time of day.",
    )


def _where(location: Any) -> str:
    parts = [str(part) for part in location]
    if len(parts) > 1 and parts[0] in {"body", "query", "path", "header"}:
        parts = parts[1:]
    return ".".join(parts) or "body"
