"""Does a template become a page in the reader's language, and never more than what was meant?"""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from shared.errors import Rejected
from shared.web.pages import render


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "texts.yaml").write_text("hello: {zh: '你好，{name}', en: 'Hello {name}'}\n", "utf-8")
    (tmp_path / "hello.html").write_text(
        '{% extends "base.html" %}{% block main %}<p>{{ say("hello", name=name) }}</p>{% endblock %}'
    )
    return tmp_path


def test_a_service_page_stands_in_the_base_page_and_speaks_the_language(folder):
    zh = render("hello.html", language="zh", directories=(folder,), name="李")
    en = render("hello.html", language="en", directories=(folder,), name="Li")

    assert '<html lang="zh-Hans">' in zh
    assert "<p>你好，李</p>" in zh
    assert '<html lang="en">' in en
    assert "<p>Hello Li</p>" in en


def test_what_people_typed_never_becomes_markup(folder):
    page = render("hello.html", language="en", directories=(folder,), name="<script>alert(1)</script>")

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_value_that_was_forgotten_is_an_error_and_not_a_hole(folder):
    with pytest.raises(UndefinedError):
        render("hello.html", language="en", directories=(folder,))


def test_the_switch_offers_every_language_and_marks_the_present_one(folder):
    page = render("hello.html", language="en", directories=(folder,), name="Li")

    assert 'href="?lang=zh" lang="zh-Hans"' in page
    assert 'href="?lang=en" lang="en" hreflang="en" aria-current="true"' in page
    assert page.count("aria-current") == 1


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(folder):
    page = render("hello.html", language="en", directories=(folder,), name="Li")

    assert "//" not in page.replace("<!doctype html>", "")
    assert "style=" not in page
    assert page.count("<script") == page.count("<script src=")


def test_a_text_without_its_translation_is_refused_by_name(tmp_path):
    (tmp_path / "texts.yaml").write_text("bye: {en: Bye}\n")
    (tmp_path / "x.html").write_text("x")

    with pytest.raises(Rejected) as raised:
        render("x.html", language="en", directories=(tmp_path,))

    assert (raised.value.code, raised.value.field) == ("text-untranslated", "bye")


def test_a_broken_catalogue_is_refused_by_name(tmp_path):
    (tmp_path / "texts.yaml").write_text("bye: [en\n")
    (tmp_path / "x.html").write_text("x")

    with pytest.raises(Rejected) as raised:
        render("x.html", language="en", directories=(tmp_path,))

    assert raised.value.code == "text-malformed"


def test_an_unknown_text_is_an_error(tmp_path):
    (tmp_path / "x.html").write_text('{{ say("nothing.there") }}')

    with pytest.raises(Rejected) as raised:
        render("x.html", language="en", directories=(tmp_path,))

    assert raised.value.code == "text-unknown"
