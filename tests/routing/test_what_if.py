"""What would a changed policy have done with the cases of routing's database, or of a file?"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.routing.jobs.what_if import changed_rulebook, over_database
from shared.errors import Rejected
from shared.ids import derived_id
from shared.policy.loader import load_rulebook
from shared.policy.model import RouteRule
from shared.policy.what_if import WhatIf
from tests.routing.builders import NOW, RULES, a_rulebook, an_event, registered
from tests.shared.policy.files import Files

ROOT = Path(__file__).parents[2]


@pytest.fixture
def company(tmp_path):
    (tmp_path / "company").mkdir()
    return Files(tmp_path / "company")


def a_change(folder: Path, files: Files) -> Path:
    """A folder with the company's profile, changed so that thanks go to a department of their own."""
    changed = folder / "changed"
    (changed / "profiles").mkdir(parents=True)
    organisation = files.organisation.read_text("utf-8")
    organisation = organisation.replace(
        "people:\n", "  thanks: {name: {zh: 谢}, manager: boss}\npeople:\n", 1
    )
    (changed / "organisation.yaml").write_text(organisation, "utf-8")
    profile = files.profile.read_text("utf-8")
    profile = profile.replace("{kind: [praise]}\n    lead: service", "{kind: [praise]}\n    lead: thanks")
    (changed / "profiles" / "own.yaml").write_text(profile, "utf-8")
    return changed


def test_a_changed_folder_takes_the_place_of_the_files_it_holds(tmp_path, company):
    rules = changed_rulebook(a_change(tmp_path, company), company.organisation, (company.profiles,))

    assert rules.profile_of("sh01").routing[0].lead == "thanks"
    assert (
        load_rulebook(company.organisation, [company.profiles]).profile_of("sh01").routing[0].lead
        == "service"
    )


def test_a_folder_of_profiles_alone_keeps_the_organisation(tmp_path, company):
    changed = tmp_path / "changed"
    changed.mkdir()
    text = company.profile.read_text("utf-8").replace("target: 3 wd", "target: 5 wd")
    (changed / "own.yaml").write_text(text, "utf-8")

    rules = changed_rulebook(changed, company.organisation, (company.profiles,))

    assert str(rules.profile_of("sh01").clocks[0].limits[0].target) == "5 wd"


def test_a_folder_that_is_not_there_is_refused(tmp_path, company):
    with pytest.raises(Rejected, match="folder-missing"):
        changed_rulebook(tmp_path / "none", company.organisation, ())


async def test_every_case_received_since_then_is_decided_again(workplace, routing_database):
    for number in range(3):
        complaint = derived_id(NOW, str(number))
        category = "refund" if number else "quality"
        await workplace.shell.submit(an_event(registered(category=category), complaint=complaint))
    after = a_rulebook(routing=(RouteRule("rest", "sales"),))
    since_then, since_later = WhatIf(RULES, after, NOW), WhatIf(RULES, after, NOW)

    await over_database(since_then, routing_database, datetime(2026, 3, 1, tzinfo=UTC))
    await over_database(since_later, routing_database, datetime(2026, 4, 1, tzinfo=UTC))

    assert (since_then.total, since_then.elsewhere, since_later.total) == (3, 2, 0)
    assert [(move.before, move.after) for move in since_then.moves] == [("billing", "sales")]


def test_the_command_reads_a_file_of_facts_and_changes_nothing(tmp_path, company):
    facts = tmp_path / "facts.csv"
    facts.write_text("complaint_no,site,kind\nA-1,sh01,praise\nA-2,sh01,complaint\n", "utf-8")
    changed = a_change(tmp_path, company)
    words = [str(changed), "--organisation", str(company.organisation), "--profiles", str(company.profiles)]

    done = subprocess.run(
        [sys.executable, "-m", "shared.cli.main", "policy", "what-if", *words, "--facts", str(facts), "--json"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["complaints"], found["elsewhere"]) == (2, 1)
    assert found["moves"] == [{"from": "service", "to": "thanks", "count": 1, "samples": ["A-1"]}]
