"""What is said of a link that opens nothing?"""

from __future__ import annotations

from shared.errors import NotFound


def unknown_link() -> NotFound:
    """The same for a wrong secret and for something that does not exist, so that a guess learns nothing."""
    return NotFound(
        "unknown-link",
        "this link is not valid",
        field="token",
        remedy="Use the whole link as it stood in the message.",
    )
