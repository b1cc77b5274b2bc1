"""How do policy and organisation get from their YAML files into a rulebook, or why not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shared.policy.document import Document, read_document
from shared.policy.layers import extended, inherited, version_of
from shared.policy.model import Rulebook
from shared.policy.organisation_checks import check_organisation, check_together
from shared.policy.organisation_reading import read_calendars, read_organisation
from shared.policy.problems import PolicyErrors, Problem, did_you_mean
from shared.policy.profile import Profile
from shared.policy.profile_checks import check_profile
from shared.policy.shaping import shape
from shared.policy.statutes import shipped_laws

SHIPPED = Path(__file__).parent / "profiles"
"""The profiles that come with Kesu."""


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """One profile with everything it inherits; `profile` is None until it can be used."""

    name: str
    document: Document
    profile: Profile | None
    problems: tuple[Problem, ...]
    to_set: tuple[Problem, ...]
    """Figures that its source leaves open (`must_be_set`); a company sets them in its own."""


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


def read_profiles(
    profile_dirs: Sequence[Path] = (),
) -> tuple[tuple[LoadedProfile, ...], list[Problem]]:
    """Every profile by name, and what is wrong with the directories themselves."""
    problems: list[Problem] = []
    shelf: list[dict[str, Document]] = []
    for directory in (SHIPPED, *profile_dirs):
        if not directory.is_dir():
            remedy = "Make it, or name another with --profiles."
            problems.append(Problem(str(directory), 1, "", "is no directory", remedy))
        layer: dict[str, Document] = {}
        for file in sorted(directory.glob("*.yaml")):
            document = read_document(file)
            name = document.value.get("profile")
            if not isinstance(name, str):
                problems += document.problems
                problems.append(document.problem(("profile",), "is missing", "Begin with `profile: <name>`."))
            elif name in layer:
                detail = f"{name} stands already in {layer[name].file}"
                problems.append(document.problem(("profile",), detail, "Rename one of them."))
            else:
                layer[name] = document
        shelf.append(layer)
    names = sorted({name for layer in shelf for name in layer})
    return tuple(_loaded(name, inherited(name, shelf)) for name in names), problems


def _loaded(name: str, document: Document) -> LoadedProfile:
    profile, wrong = shape(Profile, document)
    problems = [*document.problems, *wrong]
    to_set = tuple(
        document.problem(keys, "must be set: the source names no figure", _TO_SET)
        for keys in document.placeholders()
    )
    if profile is not None:
        open_fields = {problem.field for problem in to_set}
        found = check_profile(profile, document)
        problems += [problem for problem in found if problem.field not in open_fields]
        profile = replace(profile, version=version_of(document.value))
    usable = None if problems or to_set else profile
    return LoadedProfile(name, document, usable, tuple(problems), to_set)


_TO_SET = "Set it in a profile of your own that inherits this one, and name that one at the site."
