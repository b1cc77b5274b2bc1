"""What does a YAML file hold, and on which line does each value stand?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shared.policy.problems import Keys, Place, Problem, dotted

MUST_BE_SET = "must_be_set"
"""Stands in a shipped file where the source names no figure (edge case 42)."""


# libyaml reads ten times faster, and a running service reads changed files while it works.
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content as plain values, the place of each of them, and what could not be read."""

    file: str
    value: dict[str, Any]
    places: Mapping[Keys, Place]
    problems: tuple[Problem, ...] = ()

    def place(self, keys: Keys) -> Place:
        """Where this value stands, or the nearest thing around it that is in the file."""
        for length in range(len(keys), 0, -1):
            if (found := self.places.get(keys[:length])) is not None:
                return found
        return Place(self.file, 1)

    def problem(self, keys: Keys, detail: str, remedy: str = "") -> Problem:
        """A problem with the value at this way."""
        place = self.place(keys)
        return Problem(place.file, place.line, dotted(keys), detail, remedy)

    def placeholders(self) -> tuple[Keys, ...]:
        """The ways to all values that somebody still has to set."""
        return tuple(keys for keys, value in _walk((), self.value) if value == MUST_BE_SET)


def read_document(path: Path) -> Document:
    """The file's content; what YAML cannot read, and keys given twice, are among its problems."""
    file = str(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return _broken(file, 1, f"cannot be read: {error}", "Name a readable file in UTF-8.")
    loader = LOADER(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            return _broken(file, 1, "holds no mapping", "Begin with `key: value` lines.")
        reading = _Reading(loader, file)
        value = reading.mapping(node, ())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "cannot be read"
        return _broken(
            file,
            mark.line + 1 if mark else 1,
            f"is not YAML: {what}",
            "Look at quotes and indents.",
        )
    finally:
        loader.dispose()
    return Document(file, value, reading.places, tuple(reading.problems))


def _broken(file: str, line: int, detail: str, remedy: str) -> Document:
    return Document(file, {}, {}, (Problem(file, line, "", detail, remedy),))


def _walk(keys: Keys, value: object) -> Iterator[tuple[Keys, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk((*keys, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk((*keys, index), inner)
    else:
        yield keys, value


class _Reading:
    """Turns YAML nodes into plain values and notes where each stood."""

    def __init__(self, loader: yaml.SafeLoader, file: str) -> None:
        self._loader = loader
        self._file = file
        self._open: set[int] = set()
        self.places: dict[Keys, Place] = {}
        self.problems: list[Problem] = []

    def mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        self._refuse_doubles(node, keys)
        self._loader.flatten_mapping(node)
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            # The text as written: YAML would turn the language `no` into False.
            key = str(key_node.value)
            here = (*keys, key)
            self.places[here] = Place(self._file, key_node.start_mark.line + 1)
            result[key] = self._value(value_node, here)
        return result

    def _refuse_doubles(self, node: yaml.MappingNode, keys: Keys) -> None:
        first: dict[str, int] = {}
        for key_node, _ in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in first:
                detail = f"is given twice, first in line {first[key]}"
                self._problem(key_node, (*keys, key), detail, "Keep one of them.")
            first.setdefault(key, line)

    def _value(self, node: yaml.Node, keys: Keys) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, keys)
        if id(node) in self._open:
            self._problem(node, keys, "contains itself", "Write the inner part out.")
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self.mapping(node, keys)
            return [self._item(item, (*keys, i)) for i, item in enumerate(node.value)]
        finally:
            self._open.discard(id(node))

    def _item(self, node: yaml.Node, keys: Keys) -> Any:
        self.places[keys] = Place(self._file, node.start_mark.line + 1)
        return self._value(node, keys)

    def _scalar(self, node: yaml.ScalarNode, keys: Keys) -> Any:
        try:
            return self._loader.construct_object(node)
        except ValueError as error:
            self._problem(node, keys, f"cannot be {node.value}: {error}", "Quote it if it is a text.")
            return node.value

    def _problem(self, node: yaml.Node, keys: Keys, detail: str, remedy: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(self._file, line, dotted(keys), detail, remedy))
