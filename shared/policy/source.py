"""Which rulebook holds now? The files' last good state, read again when they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from shared.clock import monotonic
from shared.errors import Rejected
from shared.policy.layers import extended
from shared.policy.loader import load_rulebook
from shared.policy.model import Rulebook
from shared.policy.shelf import SHIPPED, Fingerprint, fingerprint

log = structlog.get_logger("kesu.policy")


class RulebookSource:
    """Gives the rulebook and looks at the files again, at most every `check_seconds`.

    Files that have become wrong change nothing: the last good rulebook stays in force and `error`
    says what is wrong. The first reading raises PolicyErrors: no service starts on nothing.
    """

    def __init__(
        self,
        organisation_file: Path,
        profile_dirs: Sequence[Path] = (),
        *,
        check_seconds: float = 2.0,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        self._file = organisation_file
        self._dirs = tuple(profile_dirs)
        self._check_seconds = check_seconds
        self._monotonic = monotonic
        self._files = extended(self._file)[1]
        self._seen = self._fingerprint()
        self._rules = load_rulebook(self._file, self._dirs)
        self._checked = monotonic()
        self.error: str | None = None
        """Why the files as they are now are not in force; None: they are."""

    def current(self) -> Rulebook:
        """The rulebook in force; cheap, so ask for each decision."""
        if self._monotonic() - self._checked >= self._check_seconds:
            self.refresh()
        return self._rules

    def refresh(self) -> bool:
        """Looks at the files now; whether another rulebook is in force since."""
        self._checked = self._monotonic()
        found = self._fingerprint()
        if found == self._seen:
            return False
        self._seen = found
        self._files = extended(self._file)[1]
        try:
            rules = load_rulebook(self._file, self._dirs)
        except Rejected as error:
            self.error = error.detail
            log.warning("policy.refused", reason=error.detail)
            return False
        self.error = None
        changed = rules != self._rules
        self._rules = rules
        if changed:
            log.info("policy.changed", versions=self.versions)
        return changed

    @property
    def versions(self) -> dict[str, str]:
        """Version by name of the profiles in force; the organisation's under `organisation`."""
        used = {site.profile for site in self._rules.organisation.sites.values()}
        versions = {name: self._rules.profiles[name].version for name in sorted(used)}
        return {"organisation": self._rules.organisation.version, **versions}

    def _fingerprint(self) -> Fingerprint:
        profiles = (file for folder in (SHIPPED, *self._dirs) for file in folder.glob("*.yaml"))
        return fingerprint(sorted((*self._files, *profiles)))
