"""Which nodes does a YAML text consist of? Composed within limits, so that no file can cost more than it may.

The library composes by recursion and writes every alias out: a few hundred bytes of brackets or of aliases
end the process or fill its memory. Here depth is counted while the text is still being parsed.
"""

from __future__ import annotations

from typing import Any

import yaml

# libyaml reads ten times faster, and a running service reads changed files while it works.
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_BYTES = 4_000_000
"""An organisation of twenty thousand people is about three million bytes."""
MOST_DEPTH = 50
"""No file of ours nests deeper than eight."""
_MAP, _SEQ = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
_Collection = yaml.MappingNode | yaml.SequenceNode


class Unreadable(Exception):
    """Why a text is not taken: the line, counted from 1, what is wrong and what to do."""

    def __init__(self, line: int, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.line, self.detail, self.remedy = line, detail, remedy


def composed(text: str) -> yaml.Node | None:
    """The root of the text's only document; None if it is empty. An alias is the very node that it names.

    Scalars carry the tag `!` where the text is quoted, and no tag where it stands plain.
    Raises Unreadable: no YAML, several documents, too deep, an alias that names nothing.
    """
    try:
        composer = _Composer()
        event: Any
        for event in yaml.parse(text, LOADER):
            composer.hear(event, event.start_mark.line + 1)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise Unreadable(line, f"is not YAML: {what}", "Look at quotes and indents.") from error
    return composer.root


class _Composer:
    """Hears events one by one; what is open lies on a stack of its own instead of Python's."""

    def __init__(self) -> None:
        self.root: yaml.Node | None = None
        self._anchors: dict[str, yaml.Node] = {}
        self._open: list[_Collection] = []
        self._keys: list[yaml.Node | None] = []
        """For each open mapping the key that waits for its value."""
        self._documents = 0

    def hear(self, event: Any, line: int) -> None:
        """Take in one event of the parser. Raises Unreadable."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise Unreadable(line, "begins a second document", "Put each into a file of its own.")
        elif isinstance(event, yaml.AliasEvent):
            self._take(self._named(event.anchor or "", line))
        elif isinstance(event, yaml.ScalarEvent):
            self._take(self._anchored(event, _scalar(event)))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, line)

    def _begin(self, event: Any, line: int) -> None:
        if len(self._open) >= MOST_DEPTH:
            raise Unreadable(line, f"is nested deeper than {MOST_DEPTH} levels", "Write it flatter.")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        kind, tag = (yaml.MappingNode, _MAP) if is_mapping else (yaml.SequenceNode, _SEQ)
        node: _Collection = kind(event.tag or tag, [], event.start_mark)
        self._take(self._anchored(event, node))
        self._open.append(node)
        self._keys.append(None)

    def _take(self, node: yaml.Node) -> None:
        """Put the node where the text has it: into a list, as a key, as the last key's value, or on top."""
        if not self._open:
            self.root = node
            return
        around = self._open[-1]
        if isinstance(around, yaml.SequenceNode):
            around.value.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = node
        else:
            around.value.append((key, node))
            self._keys[-1] = None

    def _anchored(self, event: yaml.NodeEvent, node: yaml.Node) -> yaml.Node:
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _named(self, anchor: str, line: int) -> yaml.Node:
        if anchor not in self._anchors:
            raise Unreadable(line, f"no anchor &{anchor} comes before it", "Write the value out.")
        return self._anchors[anchor]


def _scalar(event: Any) -> yaml.ScalarNode:
    """The scalar with the tag that was written, `!` for a quoted one, and none for a plain one."""
    tag = event.tag or ("" if event.implicit[0] else "!")
    return yaml.ScalarNode(tag, event.value, event.start_mark)
