"""Which headers does every page carry, and does a caller want a page at all?"""

from __future__ import annotations

from types import MappingProxyType

from fastapi.responses import HTMLResponse

PAGE_HEADERS = MappingProxyType(
    {
        # Nothing inline and nothing from elsewhere; nobody may frame the page to steal a click.
        "Content-Security-Policy": (
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
            "object-src 'none'"
        ),
        # The address holds the secret of the link: it must not travel on, be kept or be indexed.
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept, Accept-Language",
    }
)


def page(html: str, *, language: str, status: int = 200) -> HTMLResponse:
    """The rendered page with the headers that keep a secret link secret."""
    return HTMLResponse(html, status, headers={**PAGE_HEADERS, "Content-Language": language})


def wants_json(accept: str | None, content_type: str | None = None) -> bool:
    """Whether the caller is a program: it asks for JSON and not for a page, or sends JSON."""
    accepted = (accept or "").lower()
    if "text/html" in accepted:
        return False
    sent = (content_type or "").partition(";")[0].strip().lower()
    return "application/json" in accepted or sent == "application/json"
