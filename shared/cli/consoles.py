"""How is foreign text shown where Rich draws? As text: its brackets are no markup."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from shared.cli.printing import clean, one_line


def cell(text: object) -> Text:
    """The text for a table of Rich, as it is: brackets are no markup."""
    return Text(one_line(str(text)))


def show(console: Console, text: str) -> None:
    """The same through a console of Rich, which may be drawing progress: no markup, no colours of its own."""
    console.print(Text(clean(text)), soft_wrap=True, highlight=False, markup=False)
