"""Which rulebook holds now? The files' last good state, read again when they change.

What an organisation file says of later times comes into force by itself when its moment has come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from shared.clock import SystemClock, monotonic
from shared.errors import Rejected
from shared.policy.attendance import Attendance
from shared.policy.layers import extended
from shared.policy.loader import load_rulebook
from shared.policy.model import Rulebook
from shared.policy.shelf import SHIPPED, Fingerprint, fingerprint
from shared.policy.workload import Workload

log = structlog.get_logger("kesu.policy")
_CLOCK = SystemClock()


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
        now: Callable[[], datetime] = _CLOCK.now,
    ) -> None:
        self._file = organisation_file
        self._dirs = tuple(profile_dirs)
        self._check_seconds = check_seconds
        self._monotonic = monotonic
        self._now = now
        self._files = extended(self._file)[1]
        self._seen = self._fingerprint()
        self._written = load_rulebook(self._file, self._dirs)
        self._rules = self._written.at(now())
        self._checked = monotonic()
        self.error: str | None = None
        """Why the files as they are now are not in force; None: they are."""

    def current(self) -> Rulebook:
        """The rulebook in force; cheap, so ask for each decision."""
        if self._monotonic() - self._checked >= self._check_seconds:
            self.refresh()
        elif self._written.stages:
            self._come_into_force()
        return self._rules

    def carry(self, found: Workload | Attendance) -> None:
        """Give every rulebook from now on this count of open cases, or these switches of presence."""
        if isinstance(found, Attendance):
            self._rules = self._rules.with_attendance(found)
        else:
            self._rules = self._rules.with_workload(found)

    @property
    def workload(self) -> Workload:
        """The count that is carried now."""
        return self._rules.workload

    def refresh(self) -> bool:
        """Looks at the files now; whether another rulebook is in force since."""
        self._checked = self._monotonic()
        before = self._rules
        self._look()
        if self._written.stages:
            self._come_into_force()
        changed = self._rules != before
        if changed:
            log.info("policy.changed", versions=self.versions)
        return changed

    def _look(self) -> None:
        """Read the files again if they have changed.

        Whatever goes wrong, also in the reader itself, is a matter of the files and of whoever changes
        them: parts that ask for the rulebook go on with the last good one.
        """
        found = self._seen
        try:
            found = self._fingerprint()
            if found != self._seen:
                self._files = extended(self._file)[1]
                self._read()
        except Exception as error:
            self.error = f"the files cannot be read: {type(error).__name__}: {str(error)[:200]}"
            log.exception("policy.unreadable")
        self._seen = found

    def _read(self) -> None:
        """The files' new content, if it is sound; else the last good one stays."""
        try:
            self._written = load_rulebook(self._file, self._dirs)
        except Rejected as error:
            self.error = error.detail
            log.warning("policy.refused", reason=error.detail)
            return
        self.error = None
        self._rules = self._as_carried(self._written)

    def _come_into_force(self) -> None:
        wanted = self._written.at(self._now())
        if wanted.organisation is not self._rules.organisation:
            self._rules = self._as_carried(wanted)

    def _as_carried(self, rules: Rulebook) -> Rulebook:
        return rules.with_workload(self._rules.workload).with_attendance(self._rules.attendance)

    @property
    def versions(self) -> dict[str, str]:
        """Version by name of the profiles in force; the organisation's under `organisation`."""
        used = {site.profile for site in self._rules.organisation.sites.values()}
        versions = {name: self._rules.profiles[name].version for name in sorted(used)}
        return {"organisation": self._rules.organisation.version, **versions}

    def _fingerprint(self) -> Fingerprint:
        profiles = (file for folder in (SHIPPED, *self._dirs) for file in folder.glob("*.yaml"))
        return fingerprint(sorted((*self._files, *profiles)))
