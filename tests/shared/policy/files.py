"""What do the tests of policy have in common? A small company as files, to be spoilt one line at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.policy.loader import load_rulebook
from shared.policy.problems import PolicyErrors, Problem

ORGANISATION = """\
name: Small Company
sites:
  sh01:
    name: {zh: 上海}
    timezone: Asia/Shanghai
    calendar: china
    profile: own
    manager: boss
    triage_desk: service
calendars:
  china:
    timezone: Asia/Shanghai
    weekly_hours: {mon: [["09:00", "18:00"]]}
departments:
  service:
    name: {zh: 客服}
    manager: wang
people:
  boss:
    name: 老板
    roles: [general_manager]
  wang:
    name: 王
    sites: [sh01]
    stand_in: boss
"""
PROFILE = """\
profile: own
source: a test
kinds: [complaint, praise]
routing:
  - name: thanks
    when: {kind: [praise]}
    lead: service
  - name: rest
    lead: service
clocks:
  - name: answer
    starts_on: complaint.registered
    meets_on: [resolution.answered]
    limits:
      - target: 3 wd
    warn_at_percent: [75]
escalation:
  - level: 1
    to: [department.manager]
    acknowledge_within: 4 wh
  - level: 2
    to: [general_manager]
survey:
  name: after
  scale:
    - {code: good, points: 100, label: {zh: 好, en: Good}}
    - {code: bad, points: 0, label: {zh: 坏, en: Bad}}
  satisfied_from: 100
  expires_after: 10 d
"""


class Files:
    """An organisation file and a folder with one profile."""

    def __init__(self, folder: Path) -> None:
        self.organisation = folder / "organisation.yaml"
        self.profiles = folder / "profiles"
        self.profiles.mkdir()
        self.profile = self.profiles / "own.yaml"
        self.organisation.write_text(ORGANISATION, "utf-8")
        self.profile.write_text(PROFILE, "utf-8")

    def spoil(self, old: str, new: str) -> None:
        """Replace a text that stands once in one of the two files."""
        for file in (self.organisation, self.profile):
            text = file.read_text("utf-8")
            if old in text:
                assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
                file.write_text(text.replace(old, new), "utf-8")
                return
        raise AssertionError(f"{old!r} stands nowhere")

    def load(self):
        return load_rulebook(self.organisation, [self.profiles])

    def problems(self) -> tuple[Problem, ...]:
        with pytest.raises(PolicyErrors) as refused:
            self.load()
        return refused.value.problems

    def problem(self) -> Problem:
        """The only problem that there is."""
        (only,) = self.problems()
        return only
