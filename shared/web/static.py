"""Which files do pages link to, and under which address?"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter, Response

from shared.errors import NotFound

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = MappingProxyType({".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"})
SWAGGER = ("swagger-ui-bundle.js", "swagger-ui.css")
"""Of the package fastapi-offline, for networks without internet."""
YEAR_SECONDS = 365 * 24 * 3600


def asset(name: str) -> str:
    """The file's address with its content hash, so that browsers may keep it for a year."""
    return f"/static/{name}?v={_hash(name)}"


def static_router() -> APIRouter:
    """`GET /static/{name}`: the few files of `shared/web/static`, held in memory, and Swagger's."""
    router = APIRouter()

    @router.get("/static/{name}", include_in_schema=False)
    async def static_file(name: str) -> Response:
        content = _content(name)
        if content is None:
            raise NotFound("unknown-file", "there is no such file", field="name")
        return Response(
            content,
            media_type=MEDIA_TYPES[Path(name).suffix],
            headers={
                "Cache-Control": f"public, max-age={YEAR_SECONDS}, immutable",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return router


@lru_cache
def _hash(name: str) -> str:
    content = _content(name)
    assert content is not None, f"no file {name} in shared/web/static"
    return hashlib.sha256(content).hexdigest()[:12]


def _content(name: str) -> bytes | None:
    """The file, or None; Swagger's two megabytes are read when somebody wants them, and not kept."""
    if name not in SWAGGER:
        return _files().get(name)
    spec = find_spec("fastapi_offline")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "static" / name).read_bytes()


@lru_cache(maxsize=1)
def _files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in FOLDER.iterdir() if file.suffix in MEDIA_TYPES}
