"""What does the OpenAPI say beyond what FastAPI writes? Refusals as they are, and who needs no token."""

from __future__ import annotations

from typing import Any

PROBLEM = "application/problem+json"
_PAGE = "text/html"
_FORM = "application/x-www-form-urlencoded"
_FIRST_REFUSAL = "400"


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every refusal as problem details; a customer's page may refuse as a page too.

    FastAPI writes all models down as `application/json`, whatever they are sent as. A door without a token
    says so: the secret in its address is the key.
    """
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.setdefault("security", [])
            refusal: dict[str, Any] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            if _is_page(operation):
                refusal[_PAGE] = {"schema": {"type": "string"}}
            for status, response in operation["responses"].items():
                if status >= _FIRST_REFUSAL:
                    response["content"] = refusal
    return document


def _is_page(operation: dict[str, Any]) -> bool:
    sent = operation.get("requestBody", {}).get("content", {})
    answered = [response.get("content", {}) for response in operation["responses"].values()]
    return _FORM in sent or any(_PAGE in content for content in answered)
