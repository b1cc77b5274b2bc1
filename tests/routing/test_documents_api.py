"""Who may print what? The doors of the papers, with what is sealed opened for those entitled."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.routing.actions import DUE
from tests.routing.builders import COMPLAINT, NUMBER, registered, replied
from tests.routing.test_api import FOUND, post

PERSONAL = {"name": "王小明 & Söhne", "email": "wang@example.com", "narrative": "<b>罐头盖生锈</b>"}
PAPERS = ("handling-sheet", "8d-sheet", "reply-letter", "settlement-agreement")


async def arrived(place) -> None:
    """A complaint with everything on it, answered and with an 8D sheet."""
    sealed = place.desk.sealer.seal(PERSONAL, about=COMPLAINT)
    await place.hears(registered(sealed=sealed))
    await post(place, "accept")
    await post(place, "investigation", FOUND)
    await post(place, "proposals", {"remedies": ["replacement"]})
    await post(place, "answer", {"form": "written"})
    await place.hears(replied(), sequence=2)
    step = {"discipline": "D3", "department": "quality", "due_at": DUE.isoformat(), "task": "检查库存"}
    answer = await post(place, "actions", {"steps": [step]})
    assert answer.status_code == 200, answer.text


async def printed(place, paper: str, query: str = "", *, who="chen", role="handler", case=NUMBER, **scope):
    return await place.client.get(
        f"/cases/{case}/documents/{paper}{query}", headers=place.token(who, role, **scope)
    )


@pytest.mark.parametrize("paper", PAPERS)
async def test_a_handler_prints_every_paper_as_page_and_as_pdf_in_both_languages(workplace, paper):
    await arrived(workplace)

    for language in ("zh", "en"):
        page = await printed(workplace, paper, f"?lang={language}")
        pdf = await printed(workplace, paper, f"?lang={language}&format=pdf", case=COMPLAINT)

        assert (page.status_code, pdf.status_code) == (200, 200), page.text
        assert "王小明 &amp; Söhne" in page.text
        assert page.headers["content-language"] == language
        assert pdf.headers["content-type"] == "application/pdf"
        assert f"{NUMBER}-{paper}.pdf" in pdf.headers["content-disposition"]
        assert "王小明 & Söhne" in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
        for answer in (page, pdf):
            assert answer.headers["cache-control"] == "no-store"


async def test_what_the_customer_wrote_cannot_become_markup(workplace):
    await arrived(workplace)

    page = await printed(workplace, "handling-sheet")

    assert "&lt;b&gt;罐头盖生锈&lt;/b&gt;" in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize("role", ["agent", "auditor"])
async def test_whoever_does_not_handle_cases_gets_the_facts_without_the_person(workplace, role):
    await arrived(workplace)

    for paper in ("handling-sheet", "8d-sheet"):
        page = await printed(workplace, paper, who="aud", role=role)
        assert page.status_code == 200
        assert not [secret for secret in ("王小明", "罐头盖", "检查库存", "wang@") if secret in page.text]
    letter = await printed(workplace, "reply-letter", who="aud", role=role)
    assert (letter.status_code, letter.json()["code"]) == (403, "personal")


async def test_of_another_site_or_about_oneself_nothing_is_printed(workplace):
    await workplace.hears(registered(accused_refs=("li",)))

    assert (await printed(workplace, "handling-sheet", sites=("bj01",))).status_code == 403
    assert (await printed(workplace, "handling-sheet", who="li", role="manager")).status_code == 403
    assert (await printed(workplace, "handling-sheet", case="SH01-2026-999999")).status_code == 404
    assert (await workplace.client.get(f"/cases/{NUMBER}/documents/handling-sheet")).status_code == 401


async def test_without_a_proposal_there_is_no_letter(workplace):
    await workplace.hears(registered(sealed=None))

    answer = await printed(workplace, "reply-letter")

    assert (answer.status_code, answer.json()["code"]) == (409, "no-proposal")


async def test_it_is_in_the_language_of_the_customer_unless_asked_otherwise(workplace):
    await workplace.hears(registered(sealed=None, language="en-GB"))

    assert "Complaint Handling Sheet" in (await printed(workplace, "handling-sheet")).text
    assert "客户投诉处理单" in (await printed(workplace, "handling-sheet", "?lang=zh")).text
    assert (await printed(workplace, "handling-sheet", "?lang=tlh")).status_code == 422


async def test_the_page_links_to_its_pdf_and_its_style(workplace):
    await arrived(workplace)

    page = await printed(workplace, "8d-sheet", "?lang=en&sheet=1&audience=customer")

    assert "?format=pdf&amp;lang=en&amp;sheet=1&amp;audience=customer" in page.text
    style = page.text.split('href="/static/paper.css')[1].split('"')[0]
    assert (await workplace.client.get(f"/static/paper.css{style}")).status_code == 200
    assert "Qian" not in page.text
