"""Which rulebook holds now? The files' last good state, read again when they change.

What an organisation file says of later times comes into force by itself when its moment has come. Sites that
a new file does not name any more are served on as they were last known (docs/decisions/0060).
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
from shared.policy.leaving import Leaving, leaving, serving_on
from shared.policy.loader import Content, Loaded, load, load_again
from shared.policy.model import Rulebook
from shared.policy.organisation import Organisation
from shared.policy.shelf import SHIPPED, Fingerprint, fingerprint
from shared.policy.workload import Workload

log = structlog.get_logger("kesu.policy")
_CLOCK = SystemClock()


class RulebookSource:
    """Gives the rulebook and looks at the files again, at most every `check_seconds`.

    Files that have become wrong change nothing: the last good rulebook stays in force and `error`
    says what is wrong. The first reading raises PolicyErrors: no service starts on nothing. A source that
    `may_recall` waits for what was in force before this process began, and raises only then.
    """

    def __init__(
        self,
        organisation_file: Path,
        profile_dirs: Sequence[Path] = (),
        *,
        may_recall: bool = False,
        check_seconds: float = 2.0,
        monotonic: Callable[[], float] = monotonic,
        now: Callable[[], datetime] = _CLOCK.now,
    ) -> None:
        self._file = organisation_file
        self._dirs = tuple(profile_dirs)
        self._check_seconds = check_seconds
        self._monotonic = monotonic
        self._now = now
        self.error: str | None = None
        """Why the files as they are now are not in force; None: they are."""
        self.content: Content = {}
        """What the rulebook in force was made of; empty while nothing is in force."""
        self.leaving: tuple[Leaving, ...] = ()
        """Who and what left when the organisation last changed."""
        self._files = extended(self._file)[1]
        self._seen = self._fingerprint()
        self._former: tuple[Rulebook, ...] = ()
        self.unreadable: Rejected | None = None
        """Why nothing is in force at all; None: something is."""
        try:
            loaded = load(self._file, self._dirs)
        except Rejected as error:
            if not may_recall:
                raise
            self.unreadable, self.error = error, error.detail
        else:
            self._take(loaded)
            self._rules = self._written.at(now())
        self._checked = monotonic()

    def recall(self, kept: Sequence[tuple[Content, datetime]]) -> None:
        """Take in what was in force before, newest first, each with the moment until which it was.

        Its sites are served on; if the files cannot be read, the newest is in force again.
        Raises what the first reading raised if there is nothing that could be.
        """
        known = [(content, rules.at(until)) for content, until in kept if (rules := _again(content))]
        former = tuple(rules for _, rules in known)
        if self.unreadable is not None:
            if not known:
                raise self.unreadable
            self.content, written = known[0][0], load_again(known[0][0])
            log.critical("policy.refused", reason=self.error, then="what was last in force is again")
            self._written, self.unreadable = written, None
        self._former = former
        self._written = serving_on(self._written, former)
        self._rules = self._written.at(self._now())
        self._note_leaving(former[0].organisation if former else self._rules.organisation)

    def current(self) -> Rulebook:
        """The rulebook in force; cheap, so ask for each decision.

        Raises PolicyErrors while a source that may recall has not done so and cannot read its files.
        """
        if self.unreadable is not None:
            raise self.unreadable
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
            loaded = load(self._file, self._dirs)
        except Rejected as error:
            self.error = error.detail
            log.warning("policy.refused", reason=error.detail)
            return
        self.error = None
        self._former = (self._rules,)
        self._take(loaded)
        self._put_in_force(self._written.at(self._now()))

    def _take(self, loaded: Loaded) -> None:
        self._written = serving_on(loaded.rules, self._former)
        self.content = loaded.content

    def _put_in_force(self, rules: Rulebook) -> None:
        before = self._rules.organisation
        self._rules = self._as_carried(rules)
        self._note_leaving(before)

    def _note_leaving(self, before: Organisation) -> None:
        """Say who and what has left: what they had goes elsewhere, or on without them."""
        found = leaving(before, self._rules.organisation)
        self.leaving = found or self.leaving
        for one in found:
            log.warning("organisation.left", part=one.part, id=one.id, heir=one.heir)

    def _come_into_force(self) -> None:
        wanted = self._written.at(self._now())
        if wanted.organisation is not self._rules.organisation:
            self._put_in_force(wanted)

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


def _again(content: Content) -> Rulebook | None:
    """The rulebook of what was kept; None: this release reads it otherwise than the one that kept it."""
    try:
        return load_again(content)
    except Rejected as error:
        log.warning("policy.not_recalled", reason=error.detail)
        return None
