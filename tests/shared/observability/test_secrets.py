"""Is the secret of a link in no log, whatever breaks behind its door and whoever writes the line?"""

from __future__ import annotations

import base64
import subprocess
import sys
import textwrap
from importlib import import_module

import httpx
import pytest
from fastapi import Request
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from services.routing.domain.presence import link_name
from shared.access.links import Links
from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.host.application import build, guarded
from shared.host.desk import idempotency_of
from shared.local.suite import ORGANISATION
from shared.observability.redacting import redact, without_secrets

SECRET = "0" * 32
LINKS = Links(SECRET)
ID = "0198c1a2-0000-7000-8000-000000000001"
KINDS = {
    "intake": ("case", "/c/", ID, "/c/{token:path}"),
    "escalation": ("ack", "/a/", f"{ID}~2", "/a/{token}"),
    "surveys": ("survey", "/s/", ID, "/s/{token}"),
    "routing": ("sheet", "/d/", f"{ID}~1", "/d/{token:path}"),
}
"""By service: purpose, door, identifier, and the route's pattern."""
PRESENCE = ("presence", "/p/", link_name("lena.vogel", SystemClock().now()), "/p/{token:path}")
ALL = [*KINDS.items(), ("routing", PRESENCE)]


def settings_of(service: str):
    return import_module(f"services.{service}.settings").Settings(
        database_url="postgresql://127.0.0.1:1/none",
        amqp_url="amqp://127.0.0.1:1/",
        secret=SECRET,
        seal_keys="k1:" + base64.b64encode(b"k" * 32).decode(),
        organisation=ORGANISATION,
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("between", [".", "/"])
@pytest.mark.parametrize(("service", "kind"), ALL, ids=[kind[0] for _, kind in ALL])
async def test_a_failure_behind_a_link_logs_the_route_and_not_the_path(
    monkeypatch, service, kind, between, method
):
    purpose, door, identifier, route = kind
    secret = LINKS.secret(purpose, identifier)
    path = f"{door}{identifier}{between}{secret}"

    def broken(*_args: object, **_keywords: object) -> None:
        raise RuntimeError("something about " + path)

    app = build(import_module(f"services.{service}.app").PLAN, settings_of(service))
    for name in ("reading", "direct", "batch"):
        monkeypatch.setattr(Database, name, broken)
    monkeypatch.setattr(type(app.state.process.rules), "current", broken)
    transport = httpx.ASGITransport(guarded(app), raise_app_exceptions=False)

    with capture_logs(processors=[format_exc_info, redact]) as lines:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.request(method, path, content=b"grade=5")

    if between == "/" and answer.status_code == 404:
        return  # not every door takes a slash for the dot
    assert answer.status_code == 500
    assert secret not in str(lines)
    (bug,) = [line for line in lines if line["event"] == "door.bug"]
    assert bug["route"] == route
    assert "path" not in bug
    assert secret not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "/c/{id}/{secret}",
        "/c/{id}.{secret}",
        "https://intake.example/c/{id}.{secret}?lang=de",
        '"GET /s/{id}.{secret} HTTP/1.1" 500',
        "/a/{id}~2.{secret}",
        "/p/lena.vogel.{secret}",
        "{id}/{secret}",
        "RuntimeError('{id}.{secret}')",
        "/c/{id}.{secret}x",
        "%2Fc%2F{id}%2F{secret}",
        "case:{id} became https://x.example/app/c/{id}.{secret}, again /d/{id}~1.{secret}",
    ],
)
def test_what_opens_a_link_is_taken_out_of_any_text(text):
    secret = LINKS.secret("case", ID)

    shown = without_secrets(text.format(id=ID, secret=secret))

    assert secret not in shown
    assert secret[:12] not in shown
    assert "[secret]" in shown


@pytest.mark.parametrize(
    "text",
    [
        'File "/srv/app/shared/observability/redacting.py", line 12, in without_secrets',
        f"complaint {ID} at 2026-11-28T00:00:00.123456Z",
        f"/complaints/{ID}/history",
        "/healthz",
    ],
)
def test_other_texts_stay_as_they_are(text):
    assert without_secrets(text) == text


def test_a_running_process_writes_no_secret_whoever_logs():
    secret = LINKS.secret("case", ID)
    program = textwrap.dedent(
        """
        import logging, sys, structlog
        from shared.observability import logs
        logs.configure("intake", "DEBUG")
        path = sys.stdin.read()
        try:
            raise ValueError("bad path " + path)
        except ValueError as error:
            structlog.get_logger().error("ours", exc_info=error)
            logging.getLogger("uvicorn.error").error("theirs %s", path, exc_info=error)
        """
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        input=f"/c/{ID}/{secret}",
        capture_output=True,
        text=True,
        check=True,
    )

    assert "ours" in done.stderr
    assert "theirs" in done.stderr
    assert "ValueError" in done.stderr
    assert secret not in done.stderr


def test_the_key_of_a_request_to_a_link_holds_no_secret():
    secret = LINKS.secret("survey", ID)
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/s/{ID}.{secret}",
        "headers": [],
        "query_string": b"",
    }

    assert secret not in idempotency_of("k", Request(scope), b"", caller="").key


async def test_a_failing_statement_does_not_show_what_was_to_be_written(database_url):
    database = Database(database_url, service="test")
    with pytest.raises(ProgrammingError) as failed:
        async with database.reading() as connection:
            await connection.execute(text("SELECT :who FROM nowhere"), {"who": "li@customer.example"})
    await database.close()

    assert "li@customer.example" not in str(failed.value)
