"""Which kinds of failure exist, and what a caller does about each of them?"""

from __future__ import annotations

from collections.abc import Mapping


class KesuError(Exception):
    """Base of every failure that Kesu raises on purpose; `code` is stable, `detail` is for people."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.field = field
        self.remedy = remedy

    def sentence(self) -> str:
        """The failure as one plain line: what is wrong, where, and what to do."""
        where = f" (field {self.field})" if self.field else ""
        told = f"{self.detail}{where}"
        if not self.remedy:
            return told
        return f"{told}{'' if told.endswith(('.', '!', '?', '。')) else '.'} {self.remedy}"


class Rejected(KesuError):
    """A rule was broken and a retry cannot help: 4xx for a caller, parking for a message."""


class NotFound(Rejected):
    """The thing that was asked for does not exist, or not for this caller: 404."""


class Forbidden(Rejected):
    """The caller is known but may not do this: 403."""


class Unauthenticated(Rejected):
    """Nobody knows who is calling: 401."""


class Conflict(Rejected):
    """The world moved on, or the status forbids it: 409.

    `changes` say what happened meanwhile, oldest first: by whom, when, and which status it led to.
    """

    changes: tuple[Mapping[str, str], ...] = ()


class NotYet(KesuError):
    """Something that must come first has not arrived; a later try can succeed (retry ladder)."""


class Unavailable(KesuError):
    """A server or tool outside this process is down or missing: 503, or hold and try again."""

    def __init__(
        self,
        detail: str,
        *,
        code: str = "unavailable",
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(code, detail, field=field, remedy=remedy)
