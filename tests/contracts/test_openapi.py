"""Do the OpenAPI documents say which doors need a token, and where they stand?"""

from __future__ import annotations

import pytest

from tests.support.documents import SERVICES, openapi_of

OPEN = {
    "intake": {"/c/{token}"},
    "routing": {"/d/{token}", "/p/{token}"},
    "escalation": {"/a/{token}"},
    "surveys": {"/s/{token}"},
}
"""Doors whose key is the secret of a link."""


def operations(document: dict):
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


@pytest.mark.parametrize("service", SERVICES)
def test_every_door_names_the_token_or_says_that_it_needs_none(service):
    document = openapi_of(service)

    assert document["components"]["securitySchemes"]["token"] | {"description": ""} == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "",
    }
    assert {path for path, one in operations(document) if one["security"] == []} == OPEN[service]
    either = {path for path, one in operations(document) if one["security"] == [{}, {"token": []}]}
    assert either == ({"/complaints/{complaint_id}/replies"} if service == "intake" else set())
    others = [one["security"] for path, one in operations(document) if path not in OPEN[service] | either]
    assert others == [[{"token": []}]] * len(others)


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_says_where_the_service_is_and_under_which_licence(service):
    document = openapi_of(service, public_url="https://kesu.example.org/x")

    assert document["servers"] == [{"url": "https://kesu.example.org/x"}]
    assert document["info"]["license"]["identifier"] == "Apache-2.0"
    assert openapi_of(service, port=8007)["servers"] == [{"url": "http://127.0.0.1:8007"}]


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_a_name_of_its_own_a_tag_and_a_refusal(service):
    """What linters of OpenAPI ask (redocly's recommended rules run clean over all four)."""
    found = [one for _, one in operations(openapi_of(service))]

    assert len({one["operationId"] for one in found}) == len(found)
    assert all(one["tags"] and one["summary"] for one in found)
    assert all(any(status.startswith("4") for status in one["responses"]) for one in found)
