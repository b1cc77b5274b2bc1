"""Which profiles are there, shipped and the company's own, and can each be used?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from shared.policy.document import Document, read_document
from shared.policy.layers import inherited, version_of
from shared.policy.problems import Problem
from shared.policy.profile import Profile
from shared.policy.profile_checks import check_profile
from shared.policy.shaping import shape

SHIPPED = Path(__file__).parent / "profiles"
"""The profiles that come with Kesu."""
Fingerprint = tuple[tuple[str, int, int], ...]
Layer = dict[str, Document]


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """One profile with everything it inherits; `profile` is None until it can be used."""

    name: str
    document: Document
    profile: Profile | None
    problems: tuple[Problem, ...]
    to_set: tuple[Problem, ...]
    """Figures that its source leaves open (`must_be_set`); a company sets them in its own."""


def read_profiles(
    profile_dirs: Sequence[Path] = (),
) -> tuple[tuple[LoadedProfile, ...], list[Problem]]:
    """Every profile by name, and what is wrong with the directories themselves."""
    shipped = _shipped(fingerprint(sorted(SHIPPED.glob("*.yaml"))))
    problems = list(shipped.problems)
    shelf = [shipped.layer]
    for directory in profile_dirs:
        if not directory.is_dir():
            remedy = "Make it, or name another with --profiles."
            problems.append(Problem(str(directory), 1, "", "is no directory", remedy))
        layer, wrong = _layer(sorted(directory.glob("*.yaml")))
        shelf.append(layer)
        problems += wrong
    names = sorted({name for layer in shelf for name in layer})
    # A company that replaces a shipped profile replaces it for those too that inherit it.
    replaced = any(name in shipped.layer for layer in shelf[1:] for name in layer)
    known: Mapping[str, LoadedProfile] = {} if replaced else shipped.loaded
    found = (known.get(name) or loaded_profile(name, inherited(name, shelf)) for name in names)
    return tuple(found), problems


def fingerprint(files: Sequence[Path]) -> Fingerprint:
    """Name, time of change and size of each file: the same as long as nobody writes to them."""
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> tuple[str, int, int]:
    try:
        found = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), found.st_mtime_ns, found.st_size


@dataclass(frozen=True, slots=True)
class _Shipped:
    layer: Layer
    loaded: Mapping[str, LoadedProfile]
    problems: tuple[Problem, ...]


@lru_cache(maxsize=2)
def _shipped(stamps: Fingerprint) -> _Shipped:
    """The shipped profiles, read once: most companies use one of the many."""
    layer, problems = _layer([Path(name) for name, _, _ in stamps])
    loaded = {name: loaded_profile(name, inherited(name, [layer])) for name in layer}
    return _Shipped(layer, loaded, tuple(problems))


def _layer(files: Sequence[Path]) -> tuple[Layer, list[Problem]]:
    layer: Layer = {}
    problems: list[Problem] = []
    for file in files:
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
    return layer, problems


def loaded_profile(name: str, document: Document) -> LoadedProfile:
    """The profile of a document in which everything that it inherits is counted in."""
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


_TO_SET = "Set it under `set:` in a profile of your own that inherits this one; name yours at the site."
