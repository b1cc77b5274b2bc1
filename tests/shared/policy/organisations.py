"""What is the smallest company that can live by a profile? Built from what the profile asks for.

Every department that it names has a manager, every role is held by one person, and a profile of the
company's own fills in what the source leaves open.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.policy.document import LOADER
from shared.policy.loader import load_rulebook, read_profiles
from shared.policy.model import Profile, Rulebook
from shared.policy.role_checks import deciders_named, departments_named, roles_named, units_named
from shared.policy.vocabulary import HANDLER, SELF_ROLES

DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
SITE = "sh01"
CASES = Path(__file__).parent / "profiles"
"""What each profile answers, and what its company sets where a source leaves the figure open, under `set:`."""
OPENING = [["08:30", "12:00"], ["13:00", "17:30"]]


@cache
def spelled(name: str) -> dict[str, Any]:
    """The file of cases of this profile."""
    return yaml.load((CASES / f"{name}.yaml").read_text("utf-8"), LOADER)


@cache
def rules_with(profile: str) -> Rulebook:
    """One of the 26 profiles in force, at the smallest company that can live by it.

    `boss` is the general manager, `the.<role>` holds a role, `head.of.<department>` leads one.
    """
    with tempfile.TemporaryDirectory() as folder:
        return company_of(Path(folder), profile, spelled(profile).get("set") or {})


def own_profile(name: str, filled: dict[str, Any]) -> dict[str, Any]:
    """A company's profile that inherits the shipped one and fills what that leaves open."""
    own: dict[str, Any] = {"profile": f"our-{name}", "inherits": name}
    return {**own, "set": filled} if filled else own


def write_company(folder: Path, name: str, filled: dict[str, Any]) -> tuple[Path, Path]:
    """Organisation file and folder of profiles of a company that lives by this profile."""
    profiles = folder / "profiles"
    profiles.mkdir(parents=True)
    _write(profiles / f"our-{name}.yaml", own_profile(name, filled))
    found = {loaded.name: loaded for loaded in read_profiles([profiles])[0]}[f"our-{name}"]
    assert not found.problems, [problem.sentence() for problem in found.problems]
    assert found.profile is not None, [problem.sentence() for problem in found.to_set]
    organisation = folder / f"{name}.yaml"
    _write(organisation, an_organisation(found.profile))
    return organisation, profiles


def company_of(folder: Path, name: str, filled: dict[str, Any]) -> Rulebook:
    """The rulebook of the smallest company."""
    organisation, profiles = write_company(folder, name, filled)
    return load_rulebook(organisation, [profiles])


def an_organisation(profile: Profile) -> dict[str, Any]:
    """One site, a manager for every department, one holder for every role."""
    departments = dict.fromkeys(name for _, name in departments_named(profile))
    roles = dict.fromkeys(role for _, role, _ in roles_named(profile))
    roles.update(dict.fromkeys(role for _, role in deciders_named(profile)))
    for _, unit in units_named(profile):
        if unit and unit not in roles:
            (roles if "_" in unit else departments).setdefault(unit)
    people: dict[str, Any] = {"boss": {"name": "老板", "roles": ["general_manager"]}}
    for department in departments:
        people[f"head.of.{department}"] = {"name": department, "stand_in": "boss", "roles": []}
    for role in roles:
        if role not in {*SELF_ROLES, HANDLER, "general_manager"}:
            people[f"the.{role}"] = {"name": role, "stand_in": "boss", "roles": [role]}
    return {
        "name": f"A company by {profile.profile}",
        "sites": {
            SITE: {
                "name": {"zh": "上海"},
                "timezone": "Asia/Shanghai",
                "calendar": "china",
                "profile": profile.profile,
                "manager": "boss",
                "triage_desk": next(iter(departments)),
            }
        },
        "calendars": {
            "china": {
                "timezone": "Asia/Shanghai",
                "weekly_hours": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OPENING),
            }
        },
        "departments": {name: {"name": {"zh": name}, "manager": f"head.of.{name}"} for name in departments},
        "people": people,
    }


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False), "utf-8")
