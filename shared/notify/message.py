"""What does a notice say in the reader's language? Templates and values become subject and body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unicodedata import category

from shared.errors import Rejected
from shared.web.naming import clock_name

TEMPLATES = Path(__file__).parent / "templates"
FALLBACKS = ("en", "zh")
"""Languages that are tried when there is no text in the reader's own."""
_TEXTS = frozenset({"list"})
"""The fields that have lines, made by ourselves; all others are one line, whoever wrote them."""
_BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of control characters, surrogates, separators of lines and of paragraphs."""
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates; joiners are left, which Persian and Indian names need."""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody reads."""

    subject: str
    body: str


class _Fields(dict[str, str]):
    """A field without a value shows as a dash: an alarm with a gap is better than no alarm."""

    def __missing__(self, key: str) -> str:
        return "–"


def render(template: str, language: str, values: Mapping[str, str]) -> Message:
    """The template's first line with the values as subject, the rest as body.

    Languages are tried in this order: as asked (`zh-CN` is `zh`), English, Chinese.
    Raises Rejected('unknown-template').
    """
    first, _, rest = _text(template, language.replace("_", "-").split("-")[0].lower()).partition("\n")
    fields = _Fields(values)
    if "clock" in values:
        fields["clock"] = clock_name(values["clock"], language)
    # A line break in a value would begin another header of the mail, or a paragraph that looks like ours.
    fields = _Fields({name: value if name in _TEXTS else one_line(value) for name, value in fields.items()})
    subject = one_line(first.format_map(fields))
    return Message(subject, rest.strip("\n").format_map(fields) + "\n")


def one_line(value: str) -> str:
    """The value without line breaks, control characters and marks that turn the direction of a text."""
    spaced = (" " if category(sign) in _BREAKS else sign for sign in _TURNS.sub("", value))
    return " ".join("".join(spaced).split())


def template_names() -> tuple[str, ...]:
    """Every template that there is, in whatever language; sorted."""
    return tuple(sorted({file.name.split(".")[0] for file in TEMPLATES.glob("*.txt")}))


@cache
def _text(template: str, language: str) -> str:
    if template not in template_names():
        raise Rejected(
            "unknown-template",
            f"no template {template} is known",
            field="template",
            remedy=f"Known: {', '.join(template_names())}.",
        )
    for tried in dict.fromkeys((language, *FALLBACKS)):
        file = TEMPLATES / f"{template}.{tried}.txt"
        if tried.isalpha() and file.is_file():
            return file.read_text("utf-8")
    raise Rejected("unknown-template", f"template {template} has no text", field="language")
