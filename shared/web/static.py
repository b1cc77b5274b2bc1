"""Which files do pages link to, and under which address?"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter, Response

from shared.errors import NotFound

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = MappingProxyType({".css": "text/css", ".js": "text/javascript"})
YEAR_SECONDS = 365 * 24 * 3600


def asset(name: str) -> str:
    """The file's address with its content hash, so that browsers may keep it for a year."""
    return f"/static/{name}?v={hashlib.sha256(_files()[name]).hexdigest()[:12]}"


def static_router() -> APIRouter:
    """`GET /static/{name}`: the few files of `shared/web/static`, read once and held in memory."""
    router = APIRouter()

    @router.get("/static/{name}", include_in_schema=False)
    async def static_file(name: str) -> Response:
        content = _files().get(name)
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


@lru_cache(maxsize=1)
def _files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in FOLDER.iterdir() if file.suffix in MEDIA_TYPES}
