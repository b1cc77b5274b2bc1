"""Do the docs name exactly those events that are announced and that nobody tells yet?"""

from __future__ import annotations

import re
from pathlib import Path

from shared.events.catalogue import all_events

ROOT = Path(__file__).parents[2]


def test_what_is_announced_and_not_told_is_named_and_nothing_else():
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "services").rglob("*.py"))
    untold = {
        event.type_name.partition(".")[0] + ".*"
        for event in all_events()
        if re.search(rf"\b{event.__name__}\b", code) is None
    }
    text = (ROOT / "docs" / "integrators.md").read_text("utf-8")
    found = re.search(r"^(.*) (?:is|are) announced and not told yet\.$", text, re.MULTILINE)

    assert set(re.findall(r"`([^`]+)`", found[1] if found else "")) == untold
