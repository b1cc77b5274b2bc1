"""What does a YAML file hold, and on which line does each value stand?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shared.policy.composing import LOADER, MOST_BYTES, Unreadable, composed
from shared.policy.problems import Keys, Place, Problem, dotted
from shared.policy.scalars import read_scalar

__all__ = ["LOADER", "MUST_BE_SET", "Document", "read_document"]

MUST_BE_SET = "must_be_set"
"""Stands in a shipped file where the source names no figure (edge case 42)."""


MOST_VALUES = 300_000
"""So many values, aliases written out: an organisation of twenty thousand people has half as many."""
_MERGE = "<<"
_PLAIN_TAGS = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


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


def read_document(path: Path, *, texts: bool = False) -> Document:
    """The file's content; what YAML cannot read, and keys given twice, are among its problems.

    Keys are always texts; with `texts` the values are too, as they were written.
    """
    file = str(path)
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        return _broken(file, 1, f"cannot be read: {error.strerror}", "Name a readable file.")
    if len(content) > MOST_BYTES:
        return _broken(
            file, 1, f"is larger than {MOST_BYTES} bytes", "Part it, or remove what is not needed."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _broken(file, line, "is not written in UTF-8", "Save it as UTF-8.")
    reading = _Reading(file, texts=texts)
    try:
        node = composed(text)
        if not isinstance(node, yaml.MappingNode):
            return _broken(file, 1, "holds no mapping", "Begin with `key: value` lines.")
        value = reading.mapping(node, ())
    except Unreadable as error:
        return _broken(file, error.line, error.detail, error.remedy)
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


_Pairs = dict[str, tuple[yaml.Node, yaml.Node]]


class _Reading:
    """Turns YAML nodes into plain values and notes where each stood."""

    def __init__(self, file: str, *, texts: bool) -> None:
        self._file = file
        self._texts = texts
        self._open: set[int] = set()
        self._count = 0
        self._known_pairs: dict[int, _Pairs] = {}
        self.places: dict[Keys, Place] = {}
        self.problems: list[Problem] = []

    def mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, (key_node, value_node) in self._pairs(node, keys).items():
            here = (*keys, key)
            self.places[here] = Place(self._file, key_node.start_mark.line + 1)
            result[key] = self._value(value_node, here)
        return result

    def _pairs(self, node: yaml.MappingNode, keys: Keys) -> _Pairs:
        """Key and value by the key's text, what `<<` merges first, so that the mapping's own word counts.

        Read once for each mapping: merges of merges would otherwise grow without end.
        """
        if (known := self._known_pairs.get(id(node))) is not None:
            return known
        merged: _Pairs = {}
        own: _Pairs = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, keys, "has a list or a mapping as a key", "Use a word as the key.")
                continue
            # The text as written: YAML would turn the language `no` into False.
            key = key_node.value
            if key in own:
                first = own[key][0].start_mark.line + 1
                detail = f"is given twice, first in line {first}"
                self._problem(key_node, (*keys, key), detail, "Keep one of them.")
            own[key] = key_node, value_node
            if key == _MERGE and not key_node.tag:
                # Of several the first counts, so the last is taken first.
                for one in reversed(self._bases(value_node, (*keys, key))):
                    merged.update(self._guarded(one, keys))
        if merged or (_MERGE in own and not own[_MERGE][0].tag):
            own.pop(_MERGE)
        pairs = self._known_pairs[id(node)] = {**merged, **own}
        return pairs

    def _bases(self, node: yaml.Node, keys: Keys) -> list[yaml.MappingNode]:
        named = node.value if isinstance(node, yaml.SequenceNode) else [node]
        bases = [one for one in named if isinstance(one, yaml.MappingNode)]
        if len(bases) < len(named):
            self._problem(node, keys, "merges what is no mapping", "Name anchors of mappings, or quote it.")
        return bases

    def _guarded(self, node: yaml.MappingNode, keys: Keys) -> _Pairs:
        """The pairs of a mapping that another merges, unless it is that other one itself."""
        if id(node) in self._open:
            self._problem(node, keys, "contains itself", "Write the inner part out.")
            return {}
        self._open.add(id(node))
        try:
            return self._pairs(node, keys)
        finally:
            self._open.discard(id(node))

    def _value(self, node: yaml.Node, keys: Keys) -> Any:
        self._count += 1
        if self._count > MOST_VALUES:
            detail = f"holds more than {MOST_VALUES} values once its aliases are written out"
            raise Unreadable(node.start_mark.line + 1, detail, "Use fewer aliases, or part the file.")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, keys)
        if id(node) in self._open:
            self._problem(node, keys, "contains itself", "Write the inner part out.")
            return None
        if node.tag not in _PLAIN_TAGS:
            self._problem(node, keys, f"has the tag {node.tag}", "Remove the tag.")
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
        text: str = node.value
        if self._texts:
            return text
        try:
            return read_scalar(text, node.tag)
        except ValueError as error:
            self._problem(node, keys, str(error), "Remove the tag; quote it if it is a text.")
            return text

    def _problem(self, node: yaml.Node, keys: Keys, detail: str, remedy: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(self._file, line, dotted(keys), detail, remedy))
