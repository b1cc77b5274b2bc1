"""How does a command show text that is not its own? So that the terminal takes none of it for an order.

Names in files, cells, messages and what a service answers may hold escape sequences, control characters
and what Rich would take for its markup. Whatever the command line prints passes here.
"""

from __future__ import annotations

import re

import typer

# C0 but for tab and line feed, DEL, C1, what turns the direction of writing, other ends of line, surrogates.
_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ENDS = re.compile("[\n\t]")


def clean(text: str) -> str:
    r"""The text with everything that a terminal might obey written out, e.g. \u001b; lines stay lines."""
    return _ORDERS.sub(_written_out, text)


def one_line(text: str) -> str:
    r"""The same on one line: what is a name or a cell can begin no line of its own."""
    return _ENDS.sub(_written_out, clean(text))


def say(text: str, *, err: bool = False) -> None:
    """Print the text and a line feed."""
    typer.echo(clean(text), err=err)


def _written_out(found: re.Match[str]) -> str:
    # As JSON writes it, so that a line of JSON stays JSON.
    return f"\\u{ord(found.group()):04x}"
