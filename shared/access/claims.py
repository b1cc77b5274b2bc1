"""Where does a token of an identity provider say who somebody is? Each provider has names of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from shared.errors import Rejected


@dataclass(frozen=True, slots=True)
class Claims:
    """Where a token says what; a dot goes one level down, as in `realm_access.roles`."""

    person: str = "sub"
    roles: str = "roles"
    sites: str = "kesu_sites"
    departments: str = "kesu_departments"

    @classmethod
    def from_setting(cls, text: str) -> Claims:
        """Read `roles=realm_access.roles,person=preferred_username`; the rest stays as it is.

        Raises Rejected('bad-oidc-claims').
        """
        parts = (part.strip().partition("=") for part in text.split(",") if part.strip())
        given = {name: claim for name, _, claim in parts}
        known = {field.name for field in fields(cls)}
        wrong = sorted(name for name, claim in given.items() if name not in known or not claim)
        if wrong:
            raise Rejected(
                "bad-oidc-claims",
                f"cannot read {', '.join(wrong)}",
                field="KESU_OIDC_CLAIMS",
                remedy=f"Write name=claim; names are {', '.join(sorted(known))}.",
            )
        return cls(**given)


def found(claims: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """The texts that stand there, one or many; nothing if there is none."""
    value: Any = claims
    # A claim may have dots in its own name (https://example.org/roles).
    for step in (path,) if path in claims else path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    given = [value] if isinstance(value, str) else value
    return tuple(one for one in given if isinstance(one, str)) if isinstance(given, list) else ()
