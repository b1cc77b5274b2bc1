"""Which query parameters does a door read? Any other is refused: a misspelt filter asks another question."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.errors import Rejected


def only_known(request: Request) -> None:
    """Nothing, if the route reads every parameter given. Raises Rejected('unknown-parameter').

    For lists and reports; pages may be opened with whatever a mail program adds to their links.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = set(_names(route.dependant))
    for name in request.query_params:
        if name not in known:
            raise Rejected(
                "unknown-parameter",
                f"{name!r} is not read here, so the answer would be to another question",
                field=name,
                remedy=f"Known are {', '.join(sorted(known))}.",
            )


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _names(inner)
