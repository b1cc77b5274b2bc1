"""Which address does a reference such as `survey:<id>` stand for? Handlers know no secrets; this does."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from shared.access.links import Links

PATHS = {"case": "/c/", "ack": "/a/", "survey": "/s/", "sheet": "/d/"}
"""Where the door of each purpose stands below its service's public address."""


class PublicLinks:
    """Turns references into the addresses that people click on: `<public>/s/<id>.<secret>`."""

    def __init__(self, links: Links, public_urls: Mapping[str, str]) -> None:
        """`public_urls`: by purpose (case, ack, survey, sheet) the address of the service that serves it."""
        self._links = links
        self._public = {purpose: url.rstrip("/") for purpose, url in public_urls.items()}

    def expand(self, value: str) -> str:
        """The address that a reference stands for; anything else unchanged."""
        purpose, colon, identifier = value.partition(":")
        if not colon or purpose not in PATHS or purpose not in self._public or not identifier:
            return value
        secret = self._links.secret(purpose, identifier)
        return f"{self._public[purpose]}{PATHS[purpose]}{quote(identifier, safe='')}.{secret}"
