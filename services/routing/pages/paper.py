"""What is on a paper? One description, from which both the page and the PDF are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One line of facts; an empty value is shown as a blank to be filled in by hand."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading: facts, then text, then a table, each of which may be missing."""

    heading: str
    fields: tuple[Field, ...] = ()
    paragraphs: tuple[str, ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet, letter or agreement. All of it is plain text; whoever draws it escapes it."""

    name: str
    """What it is called in an address, e.g. handling-sheet."""
    title: str
    number: str
    """Its reference: the complaint number."""
    language: str
    company: str
    form: str
    """Code and version of the form (CLS-13)."""
    fields: tuple[Field, ...] = ()
    sections: tuple[Section, ...] = ()
    signatures: tuple[str, ...] = ()
    """Who signs, each with a line and a date."""
    printed: str = ""
