"""How do policy and organisation get from their YAML files into a rulebook, or why not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.policy.document import Document
from shared.policy.layers import extended
from shared.policy.leaving import serving_on
from shared.policy.model import Rulebook, Stage
from shared.policy.organisation import Organisation
from shared.policy.organisation_checks import check_organisation, check_together
from shared.policy.organisation_reading import read_calendars, read_organisation
from shared.policy.organisation_stages import stages_of, told_once
from shared.policy.problems import PolicyErrors, Problem, did_you_mean
from shared.policy.shelf import SHIPPED, LoadedProfile, loaded_profile, read_profiles
from shared.policy.statutes import Law, shipped_laws

__all__ = [
    "SHIPPED",
    "Content",
    "Loaded",
    "LoadedProfile",
    "load",
    "load_again",
    "load_rulebook",
    "read_profiles",
]


Content = Mapping[str, Any]
"""Plain values that JSON can hold: the organisation as it was written, and the profiles of its sites."""
KEPT = "what was last in force"
"""Where problems of a rulebook stand that is read from a database."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: the rulebook, and all profiles, those that no site uses too."""

    rules: Rulebook
    profiles: tuple[LoadedProfile, ...]
    content: Content = field(default_factory=dict)
    """Everything that the rulebook was made of, as `load_again` reads it."""


def load_rulebook(organisation_file: Path, profile_dirs: Sequence[Path] = ()) -> Rulebook:
    """The rulebook of these files; profiles of a later directory override earlier and shipped ones.

    Raises PolicyErrors with every problem of every file: file, line, field and remedy.
    """
    return load(organisation_file, profile_dirs).rules


def load(organisation_file: Path, profile_dirs: Sequence[Path] = ()) -> Loaded:
    """As `load_rulebook`, with the profiles that no site uses.

    The rulebook's organisation is the first of its stages; `Rulebook.at` gives that of a moment.
    """
    profiles, problems = read_profiles(profile_dirs)
    document, _ = extended(organisation_file)
    return _assembled(document, profiles, problems)


def load_again(content: Content) -> Rulebook:
    """The rulebook of what `Loaded.content` held once. Raises PolicyErrors if it is not sound any more."""
    organisation, profiles = content.get("organisation", {}), content.get("profiles", {})
    document = Document(KEPT, organisation, {})
    loaded = tuple(loaded_profile(name, Document(KEPT, value, {})) for name, value in profiles.items())
    return _assembled(document, loaded, []).rules


def _assembled(document: Document, profiles: Sequence[LoadedProfile], problems: list[Problem]) -> Loaded:
    problems += [*document.problems, *(problem for loaded in profiles for problem in loaded.problems)]
    stages, wrong = stages_of(document)
    problems += wrong
    books: list[tuple[datetime, Rulebook]] = []
    for stage in stages:
        rules, found = _read(stage.document, profiles)
        problems += told_once(found, document, stage.since, tuple(problems))
        if rules is not None:
            books.append((stage.since or _BEGINNING, rules))
    if problems:
        raise PolicyErrors(problems)
    rules = books[0][1]
    if len(books) > 1:
        rules = replace(rules, stages=tuple(Stage(since, one.organisation) for since, one in books))
    used = {site.profile for _, one in books for site in one.organisation.sites.values()}
    kept = {loaded.name: loaded.document.value for loaded in profiles if loaded.name in used}
    return Loaded(serving_on(rules, ()), tuple(profiles), {"organisation": document.value, "profiles": kept})


_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _read(document: Document, profiles: Sequence[LoadedProfile]) -> tuple[Rulebook | None, list[Problem]]:
    """The rulebook of one stage and everything that is wrong with it."""
    calendars, declared, problems = read_calendars(document)
    organisation, wrong = read_organisation(document, calendars)
    problems += wrong
    if organisation is None:
        return None, problems
    names = [loaded.name for loaded in profiles]
    problems += check_organisation(organisation, document, names, declared)
    used = {site.profile for site in organisation.sites.values()}
    problems += [open_ for loaded in profiles if loaded.name in used for open_ in loaded.to_set]
    usable = {loaded.name: loaded.profile for loaded in profiles if loaded.profile is not None}
    laws = shipped_laws()
    problems += _check_laws(organisation, document, laws)
    rules = Rulebook(organisation, usable, laws)
    problems += check_together(rules, {loaded.name: loaded.document for loaded in profiles})
    return rules, problems


def _check_laws(organisation: Organisation, document: Document, laws: Mapping[str, Law]) -> list[Problem]:
    return [
        document.problem(("sites", name, "laws", at), f"no law {law} is known", did_you_mean(law, laws))
        for name, site in organisation.sites.items()
        for at, law in enumerate(site.laws)
        if law not in laws
    ]
