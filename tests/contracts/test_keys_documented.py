"""Does the OpenAPI of every door that takes a command name the Idempotency-Key?"""

from __future__ import annotations

import pytest

from tests.support.documents import SERVICES, openapi_of

SAFE_WITHOUT = {
    "/imports": "rows have their own references",
    "/explain": "a question",
    "/clocks/recompute": "computes the same again",
    "/rounds": "the same moment is the same round",
    "/rounds/{round_id}/moments": "a moment is noted once",
}
PAGES = ("/a/", "/c/", "/d/", "/p/")
"""Forms for people; the survey's takes a key all the same."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_command_names_the_key(service):
    document = openapi_of(service)

    nameless = {
        path
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in {"post", "put", "patch", "delete"} and not path.startswith(PAGES)
        if all(one["name"] != "Idempotency-Key" for one in operation.get("parameters", ()))
    }

    assert nameless <= SAFE_WITHOUT.keys()
