"""How does a paper become a PDF? ReportLab draws it, with the Chinese font that every reader has.

STSong-Light is one of the fonts that PDF readers bring along for Chinese (ISO 32000 calls the way to it a
predefined CMap), so none is shipped and none is embedded. Latin letters are set in Helvetica, which every
reader has too: the Chinese font lacks most of those with accents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby, zip_longest
from math import ceil
from textwrap import wrap
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from services.routing.pages.paper import Field, Grid, Paper, Section
from services.routing.pages.wording import TEXTS
from shared.errors import Rejected
from shared.web.texts import speak

CHINESE, LATIN = "STSong-Light", "Helvetica"
_WIDTH = A4[0] - 32 * mm
_LABEL_SHARE, _VALUE_SHARE = 0.16, 0.34
_LINES_OF_A_CELL = 30
"""A page holds 45 lines; a row of a table has to fit on one, with the heading that is repeated."""
_WIDEST_LETTER = 10.0
"""Points: a Chinese letter of 9.5 with a little air."""
_AS_WRITTEN: Any = {"replace_whitespace": False, "drop_whitespace": False, "expand_tabs": False}
_READING = Lock()
"""ReportLab's reader of paragraphs is one for the whole process; a long paper is not held up by another's."""
_MOST_LINES = 20_000
"""Of one paper: some 450 pages. More takes minutes, and nobody wants it on paper."""
_MISSING = "□"
_EMPTY_LINES = re.compile(r"\n(?:[^\S\n]*\n){3,}")
_LAST_OF_PLANE = 0xFFFF


def render_pdf(paper: Paper) -> bytes:
    """The paper as PDF on A4; the same paper gives the same bytes.

    Raises Rejected('too-long-to-print').
    """
    _refuse_endless(paper)
    target = BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=16 * mm,
        rightMargin=16 * mm,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=f"{paper.title} {paper.number}",
        author=paper.company,
        lang="zh-Hans" if paper.language == "zh" else paper.language,
        invariant=1,
    )

    def foot(canvas: Canvas, _document: object) -> None:
        printed = speak(TEXTS, "paper.printed", paper.language, {"printed": paper.printed})
        page = speak(TEXTS, "paper.page", paper.language, {"page": canvas.getPageNumber()})
        line = _text(f"{paper.number} · {paper.form} · {printed} · {page}", size=8, grey=True)
        line.wrapOn(canvas, _WIDTH, 10 * mm)
        line.drawOn(canvas, 16 * mm, 9 * mm)

    _register()
    document.build(list(_story(paper)), onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


def _register() -> None:
    with _READING:
        if CHINESE not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


def _refuse_endless(paper: Paper) -> None:
    fields = [*paper.fields, *(field for section in paper.sections for field in section.fields)]
    lines = sum(_lines_of(one.value, _WIDTH) for one in fields)
    for section in paper.sections:
        lines += sum(_lines_of(one, _WIDTH) for one in section.paragraphs)
        if section.grid is not None and section.grid.rows:
            width = _WIDTH / len(section.grid.columns)
            lines += sum(max(_lines_of(cell, width) for cell in row) for row in section.grid.rows)
    if lines > _MOST_LINES:
        raise Rejected(
            "too-long-to-print",
            f"this paper would take about {lines} lines; at most {_MOST_LINES} are set as PDF",
            field="format",
            remedy="Open it as a page (format=html), or print its records one by one (document case-record).",
        )


def _story(paper: Paper) -> Iterator[Flowable]:
    yield _text(paper.company, size=10, centred=True)
    yield _text(paper.title, size=16, centred=True)
    yield Spacer(0, 4 * mm)
    short, long = _by_length(paper.fields)
    if short:
        yield _facts(short)
    yield from _told_below(long)
    for section in paper.sections:
        yield from _section(section, paper)
    if paper.signatures:
        yield KeepTogether([Spacer(0, 10 * mm), _lines(paper)])


def _section(section: Section, paper: Paper) -> Iterator[Flowable]:
    # A heading does not stand alone at the foot of a page.
    yield CondPageBreak(30 * mm)
    head: list[Flowable] = [Spacer(0, 4 * mm)]
    if section.heading:
        head += [_text(section.heading, size=12), Spacer(0, 1 * mm)]
    short, long = _by_length(section.fields)
    if short:
        head += [_facts(short), Spacer(0, 1.5 * mm)]
    yield KeepTogether(head)
    yield from _told_below(long)
    for paragraph in section.paragraphs:
        yield from _flowing(paragraph, space=3 if section.heading else 9)
    if section.grid is not None:
        empty = speak(TEXTS, "paper.empty", paper.language, {})
        yield _grid(section.grid) if section.grid.rows else _text(empty)


def _by_length(fields: tuple[Field, ...]) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Those whose value fits into a cell, and those that need pages: a row of a table cannot be broken."""
    fits = [_lines_of(one.value, _WIDTH * _VALUE_SHARE) <= _LINES_OF_A_CELL for one in fields]
    return (
        tuple(one for one, short in zip(fields, fits, strict=True) if short),
        tuple(one for one, short in zip(fields, fits, strict=True) if not short),
    )


def _told_below(fields: tuple[Field, ...]) -> Iterator[Flowable]:
    for one in fields:
        yield CondPageBreak(20 * mm)
        yield _text(one.label, grey=True)
        yield from _flowing(one.value, space=3)


def _flowing(text: str, *, space: float) -> Iterator[Flowable]:
    """A text of any length, in pieces that ReportLab sets one by one: its time grows with their square."""
    *pieces, last = list(_pieces(text, _WIDTH)) or [""]
    for piece in pieces:
        yield _text(piece)
    yield _text(last, space=space)


def _facts(fields: tuple[Field, ...]) -> Table:
    """Facts in two columns of label and value."""
    cells = [[_text(one.label, grey=True), _text(one.value)] for one in fields]
    if len(cells) % 2:
        cells.append([_text(""), _text("")])
    rows = [left + right for left, right in zip(cells[::2], cells[1::2], strict=True)]
    return Table(
        rows,
        colWidths=[_WIDTH * share for share in (_LABEL_SHARE, _VALUE_SHARE) * 2],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ],
    )


def _grid(grid: Grid) -> Table:
    rows = [[_text(cell, grey=True) for cell in grid.columns]]
    width = _WIDTH / len(grid.columns)
    for row in grid.rows:
        # A row cannot be broken over pages: a long one goes on in further rows.
        parts = zip_longest(*(_pieces(cell, width) for cell in row), fillvalue="")
        rows += [[_text(part) for part in one] for one in parts]
    return Table(
        rows,
        colWidths=[width] * len(grid.columns),
        repeatRows=1,
        style=[("GRID", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )


def _lines(paper: Paper) -> Table:
    """A line for each signature, and one for its date."""
    date = speak(TEXTS, "paper.date", paper.language, {})
    rows = [[_text(who), "", _text(date), ""] for who in paper.signatures]
    style: list[Any] = [("VALIGN", (0, 0), (-1, -1), "BOTTOM")]
    for row in range(len(rows)):
        style += [("LINEBELOW", (column, row), (column, row), 0.5, colors.black) for column in (1, 3)]
    return Table(
        rows,
        colWidths=[_WIDTH * share for share in (0.3, 0.35, 0.1, 0.25)],
        rowHeights=[13 * mm] * len(rows),
        style=style,
    )


def _text(
    text: str, *, size: float = 9.5, centred: bool = False, grey: bool = False, space: float = 0
) -> Paragraph:
    plain = _drawable(_tidy(text))
    latin = _is_latin(plain)
    style = ParagraphStyle(
        "text",
        fontName=LATIN if latin else CHINESE,
        fontSize=size,
        leading=size * 1.45,
        # Chinese has no blanks to break a line at.
        wordWrap=None if latin else "CJK",
        alignment=TA_CENTER if centred else 0,
        textColor=colors.HexColor(0x444444) if grey else colors.black,
        spaceAfter=space,
    )
    markup = "<br/>".join(_marked(line) for line in plain.split("\n"))
    with _READING:
        return Paragraph(markup, style)


def _pieces(text: str, width: float) -> Iterator[str]:
    """The text cut into parts that take at most `_LINES_OF_A_CELL` lines of the width (points), all of it."""
    in_a_line = max(1, int(width / _WIDEST_LETTER))
    piece: list[str] = []
    left = _LINES_OF_A_CELL
    for line in _tidy(text).split("\n"):
        for part in wrap(line, in_a_line * _LINES_OF_A_CELL, **_AS_WRITTEN) or [""]:
            needed = _lines_of(part, width)
            if needed > left and piece:
                yield "\n".join(piece)
                piece, left = [], _LINES_OF_A_CELL
            piece.append(part)
            left -= needed
    yield "\n".join(piece)


def _lines_of(text: str, width: float) -> int:
    """How many lines of the width (points) it takes at most."""
    in_a_line = max(1, int(width / _WIDEST_LETTER))
    return sum(max(1, ceil(len(line) / in_a_line)) for line in _tidy(text).split("\n"))


def _tidy(text: str) -> str:
    """With one kind of line end; more than two empty lines in a row say no more than two."""
    return _EMPTY_LINES.sub("\n\n\n", text.replace("\r\n", "\n").replace("\r", "\n"))


def _marked(line: str) -> str:
    """The line as ReportLab's markup: escaped, the Latin runs of Chinese text in the Latin font."""
    if _is_latin(line):
        return escape(line)
    runs = groupby(line, key=_is_latin)
    return "".join(
        f'<font name="{LATIN}">{escape("".join(run))}</font>' if latin else escape("".join(run))
        for latin, run in runs
    )


def _is_latin(text: str) -> bool:
    """Whether Helvetica has it all: it is encoded in WinAnsi."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _drawable(text: str) -> str:
    """The text without what the font cannot hold: control characters go, others become a box."""
    kept = (one if one.isprintable() or one == "\n" else " " for one in text)
    return "".join(one if ord(one) <= _LAST_OF_PLANE else _MISSING for one in kept)
