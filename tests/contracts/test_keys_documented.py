"""Does the OpenAPI of every door that takes a command name the Idempotency-Key?"""

from __future__ import annotations

import base64
from importlib import import_module

import pytest

from shared.host.application import build
from shared.local.suite import ORGANISATION

SAFE_WITHOUT = {
    "/imports": "rows have their own references",
    "/explain": "a question",
    "/clocks/recompute": "computes the same again",
    "/rounds": "the same moment is the same round",
    "/rounds/{round_id}/moments": "a moment is noted once",
}
PAGES = ("/a/", "/c/", "/d/", "/p/")
"""Forms for people; the survey's takes a key all the same."""


@pytest.mark.parametrize("service", ["intake", "routing", "escalation", "surveys"])
def test_every_command_names_the_key(service):
    settings = import_module(f"services.{service}.settings").Settings(
        database_url="postgresql://nowhere/none",
        amqp_url="amqp://127.0.0.1:1/",
        secret="0" * 32,
        seal_keys="k1:" + base64.b64encode(b"k" * 32).decode(),
        organisation=ORGANISATION,
    )
    document = build(import_module(f"services.{service}.app").PLAN, settings).openapi()

    nameless = {
        path
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in {"post", "put", "patch", "delete"} and not path.startswith(PAGES)
        if all(one["name"] != "Idempotency-Key" for one in operation.get("parameters", ()))
    }

    assert nameless <= SAFE_WITHOUT.keys()
