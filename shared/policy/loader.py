"""How do policy and organisation get from their YAML files into a rulebook, or why not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.policy.layers import extended
from shared.policy.model import Rulebook
from shared.policy.organisation_checks import check_organisation, check_together
from shared.policy.organisation_reading import read_calendars, read_organisation
from shared.policy.problems import PolicyErrors, did_you_mean
from shared.policy.shelf import SHIPPED, LoadedProfile, read_profiles
from shared.policy.statutes import shipped_laws

__all__ = ["SHIPPED", "Loaded", "LoadedProfile", "load", "load_rulebook", "read_profiles"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: the rulebook, and all profiles, those that no site uses too."""

    rules: Rulebook
    profiles: tuple[LoadedProfile, ...]


def load_rulebook(organisation_file: Path, profile_dirs: Sequence[Path] = ()) -> Rulebook:
    """The rulebook of these files; profiles of a later directory override earlier and shipped ones.

    Raises PolicyErrors with every problem of every file: file, line, field and remedy.
    """
    return load(organisation_file, profile_dirs).rules


def load(organisation_file: Path, profile_dirs: Sequence[Path] = ()) -> Loaded:
    """As `load_rulebook`, with the profiles that no site uses."""
    profiles, problems = read_profiles(profile_dirs)
    document, _ = extended(organisation_file)
    problems += document.problems
    calendars, declared, wrong = read_calendars(document)
    problems += wrong
    organisation, wrong = read_organisation(document, calendars)
    problems += [*wrong, *(problem for loaded in profiles for problem in loaded.problems)]
    if organisation is None:
        raise PolicyErrors(problems)
    names = [loaded.name for loaded in profiles]
    problems += check_organisation(organisation, document, names, declared)
    used = {site.profile for site in organisation.sites.values()}
    problems += [open_ for loaded in profiles if loaded.name in used for open_ in loaded.to_set]
    usable = {loaded.name: loaded.profile for loaded in profiles if loaded.profile is not None}
    laws = shipped_laws()
    for name, site in organisation.sites.items():
        for at, law in enumerate(site.laws):
            if law not in laws:
                keys = ("sites", name, "laws", at)
                problems.append(document.problem(keys, f"no law {law} is known", did_you_mean(law, laws)))
    rules = Rulebook(organisation, usable, laws)
    problems += check_together(rules, {loaded.name: loaded.document for loaded in profiles})
    if problems:
        raise PolicyErrors(problems)
    return Loaded(rules, profiles)
