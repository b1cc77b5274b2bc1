"""What is wrong with a policy or organisation file, where, and what should its writer do?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from shared.errors import Rejected

Keys = tuple[str | int, ...]
"""The way from the top of a file to one value, e.g. ("routing", 2, "when", "kind")."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that must be mended before the file is used."""

    file: str
    line: int
    field: str
    detail: str
    remedy: str = ""

    def sentence(self) -> str:
        """`file:line: field: what is wrong. What to do.`"""
        where = f"{self.field}: " if self.field else ""
        return f"{self.file}:{self.line}: {where}{self.detail}. {self.remedy}".rstrip()


class PolicyErrors(Rejected):
    """Everything that is wrong with the files at once, so that one look mends them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        self.problems = tuple(sorted(unique, key=lambda p: (p.file, p.line, p.field)))
        count = len(self.problems)
        lines = "\n  ".join(problem.sentence() for problem in self.problems)
        noun = "problem" if count == 1 else "problems"
        super().__init__(
            "policy-invalid",
            f"{count} {noun} in policy and organisation:\n  {lines}",
            remedy="Mend these lines, then run `kesu policy check`.",
        )


def dotted(keys: Keys) -> str:
    """The way to a value as people write it: routing[2].when.kind."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def keys_of(field: str) -> Keys:
    """The way that a dotted field such as weekly_hours.mon[0] means."""
    parts = re.findall(r"[^.\[\]]+", field)
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """A remedy: the nearest known name, or all of them if none is near."""
    names = sorted(set(known))
    near = get_close_matches(written, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known: {', '.join(names)}." if names else "None is known yet."
