"""What does a service show whoever opens it: what it is, its documents, and nothing from other hosts?"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from tests.support.documents import SERVICES, app_of

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


class Addresses(HTMLParser):
    """What a page loads by itself, and what it links to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in {"script", "img"} and given.get("src"):
            self.loads.append(given["src"])
        if tag == "link":
            self.loads.append(given["href"])
        if tag == "a":
            self.links.append(given["href"])


def client_of(service: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app_of(service, intake_public_url="https://intake.example.org"))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("path", ["/", "/docs", "/asyncapi"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_loads_what_it_needs_from_the_service_itself(service, path, language):
    async with client_of(service) as client:
        answer = await client.get(path, headers={"accept": BROWSER, "accept-language": language})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["content-language"] == language[:2]
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        loads = Addresses(answer.text).loads
        assert loads
        for address in loads:
            assert address.startswith("/static/"), "nothing comes from another host"
            found = await client.get(address)
            assert (found.status_code, bool(found.content)) == (200, True)
        assert not re.search(r"<script(?![^>]*src=)", answer.text), "the policy forbids scripts in the page"


@pytest.mark.parametrize("service", SERVICES)
async def test_the_first_page_leads_to_the_documents_and_to_the_other_services(service):
    async with client_of(service) as client:
        answer = await client.get("/", headers={"accept": BROWSER, "accept-language": "en"})
        links = Addresses(answer.text).links
        for address in ("/docs", "/asyncapi", "/readyz", "/metrics"):
            assert address in links
        assert ("https://intake.example.org" in links) == (service != "intake")
        for other in set(SERVICES) - {service}:
            assert f"Kesu {other}" in answer.text


@pytest.mark.parametrize("service", SERVICES)
async def test_programs_get_json_at_the_same_addresses(service):
    async with client_of(service) as client:
        first = (await client.get("/", headers={"accept": "*/*"})).json()
        assert first["service"] == service
        for address in first["links"].values():
            assert (await client.get(address, headers={"accept": "*/*"})).status_code in {200, 503}
        events = (await client.get("/asyncapi")).json()
        assert events["asyncapi"] == "3.0.0"
        told = await client.get("/asyncapi.json", headers={"accept": BROWSER})
        assert told.json() == events


async def test_the_page_of_events_shows_each_with_its_fields():
    async with client_of("escalation") as client:
        page = (await client.get("/asyncapi?lang=en", headers={"accept": BROWSER})).text
        document = (await client.get("/asyncapi.json")).json()

    for message in document["components"]["messages"].values():
        assert f'id="{message["name"]}"' in page
    assert "clock.breached.v1.{site}" in page
    assert re.search(r"<code>due_at</code></th><td>string \(date-time\)", page)


async def test_swagger_begins_where_the_page_says_and_asks_no_other_host():
    async with client_of("intake") as client:
        page = (await client.get("/docs", headers={"accept": BROWSER})).text
        script = (await client.get("/static/kesu-openapi.js")).text
        icon = await client.get("/static/kesu.svg")

    assert 'data-url="/openapi.json"' in page
    assert "validatorUrl: null" in script
    assert icon.headers["content-type"].startswith("image/svg+xml")
