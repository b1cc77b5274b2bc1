"""What do pages and static files carry with them?"""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI

from shared.errors import NotFound
from shared.web.responses import page, wants_json
from shared.web.static import asset, static_router


def test_a_page_behind_a_secret_link_gives_the_link_to_nobody():
    headers = page("<p>", language="zh").headers

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-language"] == "zh"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("accept", "content_type", "expected"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", None, False),
        ("text/html, application/json", None, False),
        ("application/json", None, True),
        ("Application/JSON; charset=utf-8", None, True),
        ("*/*", "application/json; charset=utf-8", True),
        ("*/*", "application/x-www-form-urlencoded", False),
        (None, None, False),
    ],
)
def test_a_program_is_told_from_a_person(accept, content_type, expected):
    assert wants_json(accept, content_type) is expected


async def fetch(path: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(static_router())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


@pytest.mark.parametrize(("name", "kind"), [("kesu.css", "text/css"), ("kesu.js", "text/javascript")])
async def test_a_static_file_may_be_kept_because_its_address_names_its_content(name, kind):
    answer = await fetch(asset(name))

    assert re.fullmatch(rf"/static/{re.escape(name)}\?v=[0-9a-f]{{12}}", asset(name))
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{kind}; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["other.css", "static.py", "%2e%2e"])
async def test_nothing_but_the_known_files_is_served(name):
    with pytest.raises(NotFound):
        await fetch(f"/static/{name}")
