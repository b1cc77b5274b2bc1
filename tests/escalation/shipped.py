"""The 26 profiles in force: each at the smallest company that can live by it."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import yaml

from shared.policy.model import Rulebook
from tests.shared.policy.organisations import company_of

FILLED = Path(__file__).parents[1] / "shared" / "policy" / "profiles"
"""What the example companies set where a source leaves the figure open, under `set:`."""


@cache
def rules_with(profile: str) -> Rulebook:
    """The rulebook; `boss` is the general manager, `the.<role>` holds a role, `head.of.<department>` leads."""
    filled = yaml.safe_load((FILLED / f"{profile}.yaml").read_text("utf-8")).get("set") or {}
    with tempfile.TemporaryDirectory() as folder:
        return company_of(Path(folder), profile, filled)
