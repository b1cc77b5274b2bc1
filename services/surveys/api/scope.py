"""Which sites may this person's question cover?"""

from __future__ import annotations

from shared.deciding import Actor
from shared.errors import Forbidden

READERS = ("manager", "director", "auditor")
"""Roles that may read results; scores of single departments are nobody else's business."""


def visible_sites(actor: Actor, site: str | None) -> tuple[str, ...] | None:
    """The sites to look at, None for all. Raises Forbidden('out-of-scope')."""
    if site is not None:
        if not actor.may_see_site(site):
            raise Forbidden(
                "out-of-scope",
                f"your token does not cover site {site}",
                field="site",
                remedy="Ask an administrator for a token with this site.",
            )
        return (site,)
    return None if "*" in actor.sites else tuple(sorted(actor.sites))
