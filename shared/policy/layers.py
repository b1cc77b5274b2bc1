"""What does a file say once the files that it builds on are counted in?

A profile `inherits` another by name: a key that it gives replaces the parent's altogether, only the
sections of `MERGED` are merged key by key. Under `set:` it fills what the parent leaves open, by the
field that `kesu policy check` names. An organisation `extends` another file: mappings are merged key by
key, so that it can change a single site; lists are replaced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.policy.document import Document, read_document
from shared.policy.filling import filled
from shared.policy.problems import Keys, Place, did_you_mean

MERGED = (
    "survey",
    "intake",
    "promises",
    "extension",
    "disputes",
    "warranty",
    "liability",
    "corrective",
    "site_survey",
    "records",
    "custody",
    "customer_file",
)
"""Sections of a profile that describe one thing, so that an heir can change a part of it."""
Shelf = Sequence[Mapping[str, Document]]
"""Profiles by name, one mapping per directory; a later directory overrides an earlier one."""


def version_of(content: object) -> str:
    """First 12 hexadecimal digits of the content's SHA-256; comments and order do not count."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def inherited(name: str, shelf: Shelf, trail: tuple[tuple[str, int], ...] = ()) -> Document:
    """The profile of that name with everything that it inherits. The name must be on the shelf."""
    level = max(index for index, layer in enumerate(shelf) if name in layer)
    document = shelf[level][name]
    parent = document.value.get("inherits")
    if parent is None:
        return _without_set(document)
    here = (*trail, (name, level))
    # A profile that inherits its own name builds on the one of an earlier directory.
    below = shelf[:level] if parent == name else shelf
    known = {known for layer in below for known in layer}
    if not isinstance(parent, str) or parent not in known:
        remedy = did_you_mean(str(parent), known)
        return _with_problem(document, "inherits", f"no profile {parent} is known", remedy)
    parent_level = max(index for index, layer in enumerate(below) if parent in layer)
    if (parent, parent_level) in here:
        way = " -> ".join([step for step, _ in here] + [parent])
        return _with_problem(document, "inherits", f"goes round in a circle: {way}", "Break it.")
    base = inherited(parent, below, here)
    merged = _merge(base, document, deep=MERGED, drop=("inherits", "set"))
    return filled(merged, document) if "set" in document.value else merged


def extended(path: Path, trail: tuple[Path, ...] = ()) -> tuple[Document, tuple[Path, ...]]:
    """The organisation file with all that it extends, and the files that were read for it."""
    document = read_document(path)
    parent = document.value.get("extends")
    files = (*trail, path.resolve())
    if parent is None:
        return document, files
    target = path.parent / str(parent)
    if target.resolve() in files:
        return _with_problem(document, "extends", "goes round in a circle", "Break it."), files
    base, files = extended(target, files)
    return _merge(base, document, deep=None, drop=("extends",)), files


def merged_with(base: Document, change: Document) -> Document:
    """The base with what the change says: mappings merged key by key, anything else replaced."""
    return _merge(base, change, deep=None, drop=())


def _without_set(document: Document) -> Document:
    if "set" not in document.value:
        return document
    return _with_problem(document, "set", "fills nothing", "It completes what the profile `inherits`.")


def _with_problem(document: Document, key: str, detail: str, remedy: str) -> Document:
    problem = document.problem((key,), detail, remedy)
    value = {name: inner for name, inner in document.value.items() if name != key}
    return Document(document.file, value, document.places, (*document.problems, problem))


def _merge(
    base: Document, child: Document, *, deep: tuple[str, ...] | None, drop: tuple[str, ...]
) -> Document:
    places = dict(base.places)
    value = dict(base.value)
    for key, inner in child.value.items():
        if key in drop:
            continue
        below_top = deep is None or key in deep
        value[key] = _merged((key,), value.get(key), inner, (places, child.places), below_top)
    return Document(child.file, value, places, (*base.problems, *child.problems))


def _merged(
    keys: Keys,
    old: object,
    new: object,
    places: tuple[dict[Keys, Place], Mapping[Keys, Place]],
    deep: bool,
) -> Any:
    kept, added = places
    if keys in added:
        kept[keys] = added[keys]
    if deep and isinstance(old, dict) and isinstance(new, dict):
        inner = {key: _merged((*keys, key), old.get(key), new[key], places, deep) for key in new}
        return {**old, **inner}
    for key in [key for key in kept if key[: len(keys)] == keys and key != keys]:
        del kept[key]
    kept.update((key, place) for key, place in added.items() if key[: len(keys)] == keys)
    return new
