"""How does a paper become a PDF? ReportLab draws it, with the Chinese font that every reader has.

STSong-Light is one of the fonts that PDF readers bring along for Chinese (ISO 32000 calls the way to it a
predefined CMap), so none is shipped and none is embedded. Latin letters are set in Helvetica, which every
reader has too: the Chinese font lacks most of those with accents.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
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
from shared.web.texts import speak

CHINESE, LATIN = "STSong-Light", "Helvetica"
_WIDTH = A4[0] - 32 * mm
_DRAWING = Lock()
"""ReportLab's reader of paragraphs is one for the whole process."""
_MISSING = "□"
_LAST_OF_PLANE = 0xFFFF


def render_pdf(paper: Paper) -> bytes:
    """The paper as PDF on A4; the same paper gives the same bytes."""
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

    with _DRAWING:
        _register()
        document.build(list(_story(paper)), onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


def _register() -> None:
    if CHINESE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


def _story(paper: Paper) -> Iterator[Flowable]:
    yield _text(paper.company, size=10, centred=True)
    yield _text(paper.title, size=16, centred=True)
    yield Spacer(0, 4 * mm)
    if paper.fields:
        yield _facts(paper.fields)
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
    if section.fields:
        head += [_facts(section.fields), Spacer(0, 1.5 * mm)]
    yield KeepTogether(head)
    for paragraph in section.paragraphs:
        yield _text(paragraph, space=3 if section.heading else 9)
    if section.grid is not None:
        empty = speak(TEXTS, "paper.empty", paper.language, {})
        yield _grid(section.grid) if section.grid.rows else _text(empty)


def _facts(fields: tuple[Field, ...]) -> Table:
    """Facts in two columns of label and value."""
    cells = [[_text(one.label, grey=True), _text(one.value)] for one in fields]
    if len(cells) % 2:
        cells.append([_text(""), _text("")])
    rows = [left + right for left, right in zip(cells[::2], cells[1::2], strict=True)]
    return Table(
        rows,
        colWidths=[_WIDTH * share for share in (0.16, 0.34, 0.16, 0.34)],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ],
    )


def _grid(grid: Grid) -> Table:
    rows = [[_text(cell, grey=True) for cell in grid.columns]]
    rows += [[_text(cell) for cell in row] for row in grid.rows]
    return Table(
        rows,
        colWidths=[_WIDTH / len(grid.columns)] * len(grid.columns),
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
    plain = _drawable(text)
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
    return Paragraph("<br/>".join(_marked(line) for line in plain.split("\n")), style)


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
    kept = (one if one.isprintable() or one == "\n" else " " for one in text.replace("\r\n", "\n"))
    return "".join(one if ord(one) <= _LAST_OF_PLANE else _MISSING for one in kept)
