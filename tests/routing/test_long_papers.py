"""Is a paper of any length set, with all of its words, without holding up others?"""

from __future__ import annotations

import re
from io import BytesIO
from threading import Event, Thread

import pytest
from pypdf import PdfReader

from services.routing.pages import pdf
from services.routing.pages.paper import Field, Grid, Paper, Section
from services.routing.pages.pdf import render_pdf
from shared.errors import Rejected

LONG = {
    "200 line breaks in a name": "\n" * 200 + "Wang",
    "lines": "".join(f"line {number} of the call\n" for number in range(600)),
    "Chinese without a blank": "客诉处理" * 800,
    "one endless word": "w" * 6_000,
    "Windows' line ends": "a b\r\n" * 300,
    "old Mac's line ends": "a b\r" * 300,
}


def a_paper(**parts) -> Paper:
    return Paper("sheet", "Sheet", "SH01-1", "zh", "鞍山钢贸", "F1", printed="now", **parts)


def placed(kind: str, text: str) -> Paper:
    if kind == "paragraph":
        return a_paper(sections=(Section("Content", paragraphs=(text,)),))
    if kind == "field":
        return a_paper(fields=(Field("Name", text), Field("Phone", "1")))
    if kind == "field of a section":
        return a_paper(sections=(Section("Content", fields=(Field("Name", text),)),))
    return a_paper(sections=(Section("Steps", grid=Grid(tuple("abcdefg"), ((text, *"bcdefg"),))),))


def letters_of(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("kind", ["paragraph", "field", "field of a section", "grid"])
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_text_is_set_whole_wherever_it_stands(kind, text):
    pages = PdfReader(BytesIO(render_pdf(placed(kind, text)))).pages

    printed = letters_of("".join(page.extract_text() for page in pages))
    letter = next(one for one in "客w" + text.strip() if one in text)
    # The feet of the pages hold letters too; none may be lost.
    assert printed.count(letter) >= letters_of(text).count(letter)
    assert len(pages) < 400


@pytest.mark.parametrize("width", [40.0, 170.0, 500.0])
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_pieces_are_the_text_and_none_is_longer_than_a_page(text, width):
    pieces = list(pdf._pieces(text, width))

    assert letters_of("".join(pieces)) == letters_of(text)
    assert max(pdf._lines_of(piece, width) for piece in pieces) <= 30


def test_more_than_two_empty_lines_say_no_more_than_two():
    assert pdf._tidy("a" + "\n" * 20_000 + "b\n\nc") == "a\n\n\nb\n\nc"


def test_a_paper_of_thousands_of_pages_is_refused_with_the_way_to_read_it():
    endless = a_paper(sections=tuple(Section("Record", paragraphs=("a\n" * 10_000,)) for _ in range(3)))

    with pytest.raises(Rejected, match="too-long-to-print") as refused:
        render_pdf(endless)

    assert "format=html" in str(refused.value.remedy)


def test_a_short_paper_is_drawn_while_a_long_one_still_is(monkeypatch):
    """The long one waits in its middle until the short one is done: with a lock over all it would for ever."""
    in_the_middle, short_is_done = Event(), Event()
    story = pdf._story

    def waiting(paper):
        for number, flowable in enumerate(story(paper)):
            if paper.number == "LONG" and number == 5:
                in_the_middle.set()
                assert short_is_done.wait(20)
            yield flowable

    monkeypatch.setattr(pdf, "_story", waiting)
    long = Paper(
        "sheet", "Sheet", "LONG", "zh", "Co", "F1", sections=(Section("C", paragraphs=("客\n" * 500,)),)
    )
    drawn: list[bytes] = []
    drawing = Thread(target=lambda: drawn.append(render_pdf(long)))
    drawing.start()
    assert in_the_middle.wait(20)

    assert render_pdf(placed("paragraph", "short")).startswith(b"%PDF")
    short_is_done.set()
    drawing.join(20)

    assert drawn
