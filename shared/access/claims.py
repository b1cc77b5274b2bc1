"""Where does a token say who somebody is, and is it said in a form that can be used?

Each identity provider has names of its own for it. A signature says who wrote a token, not that what stands
in it makes sense.
"""

from __future__ import annotations

import math
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
    """The usable texts that stand there, one or many; nothing if there is none."""
    value: Any = claims
    # A claim may have dots in its own name (https://example.org/roles).
    for step in (path,) if path in claims else path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    given = [value] if isinstance(value, str) else value
    return tuple(one for one in given if _is_name(one)) if isinstance(given, list) else ()


def person_in(value: object) -> str:
    """A name that can be stored and compared. Raises ValueError for any other value."""
    if not isinstance(value, str) or not _is_name(value):
        raise ValueError(f"a person is named by 1 to {_LONGEST_NAME} printable characters")
    return value


def names_in(value: object, claim: str) -> frozenset[str]:
    """What a list of names holds. Raises ValueError for whatever is no such list."""
    if not isinstance(value, list) or not all(_is_name(one) for one in value):
        raise ValueError(f"{claim} is no list of names")
    return frozenset(value)


def moment_in(value: object, claim: str) -> float:
    """A moment in seconds since 1970 that comes some day. Raises ValueError for any other value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{claim} is no moment in seconds since 1970")
    return float(value)


_LONGEST_NAME = 200


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LONGEST_NAME and value.isprintable()
