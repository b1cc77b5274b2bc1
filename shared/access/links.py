"""How does somebody without a token get through one certain door? By a link with a secret in it.

The secret is derived from purpose and identifier, so nothing has to be stored and a link of one kind
opens no other door.
"""

from __future__ import annotations

import base64
import hmac
from uuid import UUID

from shared.errors import Unauthenticated
from shared.sealed.sealer import derive

_SECRET_BYTES = 18


class Links:
    """Makes and checks the secrets of links."""

    def __init__(self, secret: str) -> None:
        self._key = derive(secret, "links")

    def secret(self, purpose: str, identifier: UUID | str) -> str:
        """The secret part of a link: 24 characters, safe in a URL."""
        digest = hmac.digest(self._key, f"{purpose}:{identifier}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:_SECRET_BYTES]).decode()

    def check(self, purpose: str, identifier: UUID | str, given: str) -> None:
        """Raises Unauthenticated('bad-link') unless the secret belongs to purpose and identifier."""
        # What somebody typed may hold lone surrogates, which have no bytes of their own.
        typed = given.encode(errors="replace")
        if not hmac.compare_digest(self.secret(purpose, identifier).encode(), typed):
            raise Unauthenticated(
                "bad-link",
                "this link is not valid",
                field="secret",
                remedy="Use the whole link as it stood in the message.",
            )
