"""What do people print? Sheets, letters and agreements, with the sources' record names, in zh and en."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from services.routing.domain.case import Case
from services.routing.pages.corrective_sheet import corrective_sheet
from services.routing.pages.handling_sheet import handling_sheet
from services.routing.pages.letters import reply_letter, settlement_agreement
from services.routing.pages.paper import Paper
from services.routing.pages.pdf import render_pdf
from services.routing.pages.wording import TEMPLATES, TEXTS, wording
from shared.errors import Conflict, NotFound, Rejected
from shared.lifecycle import Status
from shared.policy.liability import LiabilityRule
from shared.policy.model import Rulebook
from shared.policy.records import RecordKind
from shared.policy.vocabulary import KINDS, LIABILITIES, SEVERITIES
from shared.web.languages import LANGUAGES
from shared.web.pages import render
from tests.routing.actions import a_capa, a_step, an_order, completion, judgement, rules_with, then
from tests.routing.builders import (
    NOW,
    RULES,
    a_finding,
    a_fulfilled_case,
    a_proposal,
    a_proposed_case,
    after,
    an_accepted_case,
    an_assigned_case,
    an_investigated_case,
    euros,
)

PERSONAL = {
    "name": "王小明",
    "phone": "13800000000",
    "email": "wang@example.com",
    "narrative": "罐头盖生锈，打开后有异味。",
    "desired_outcome": "退款",
}
WRITTEN = {"task": "检查全部库存", "done": "已隔离 120 箱"}


def with_records(**records: RecordKind) -> Rulebook:
    profile = replace(RULES.profiles["test"], records={k.replace("_", "-"): v for k, v in records.items()})
    return replace(RULES, profiles={"test": profile})


def sheet_of(case: Case, language: str = "zh", rules: Rulebook = RULES, personal=PERSONAL) -> Paper:
    return handling_sheet(case, rules, wording(case, rules, language), personal, NOW)


def report_of(
    case: Case, language: str = "zh", rules: Rulebook = RULES, *, opener=WRITTEN.get, **given
) -> Paper:
    given = {"sheet": None, "for_customer": False, **given}
    return corrective_sheet(
        case, rules, wording(case, rules, language), PERSONAL, NOW, opener=opener, **given
    )


def letter_of(case: Case, language: str = "zh", rules: Rulebook = RULES, personal=PERSONAL) -> Paper:
    return reply_letter(case, rules, wording(case, rules, language), personal, NOW)


def agreement_of(case: Case, language: str = "zh", rules: Rulebook = RULES) -> Paper:
    return settlement_agreement(case, rules, wording(case, rules, language), PERSONAL, NOW)


def an_8d_case() -> Case:
    steps = (a_step("D3", sealed="task"), a_step("D4"))
    return then(a_fulfilled_case(euros()), an_order(*steps), completion(sealed="done"))


def text_of(pdf: bytes) -> str:
    """All its text, without the breaks of lines."""
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "")


def html_of(paper: Paper) -> str:
    return render(
        "paper.html", language=paper.language, directories=(TEMPLATES,), paper=paper, pdf="?format=pdf"
    )


def test_the_handling_sheet_tells_the_case_from_the_words_of_the_customer_to_the_end():
    """INT-01, CLS-01: the sheet on which a complaint is investigated, handled and confirmed."""
    text = text_of(render_pdf(sheet_of(an_8d_case())))

    for wanted in (
        "客户投诉处理单",
        "SH01-2026-000001",
        "王小明",
        "罐头盖生锈",
        "本公司",
        "worn-tool",
        "更换",
        "120.50",
        "Zhao",
        "围堵措施",
        "总经理",
    ):
        assert wanted in text, wanted


def test_in_english_it_says_the_same():
    text = text_of(render_pdf(sheet_of(an_8d_case(), "en")))

    for wanted in (
        "Complaint Handling Sheet",
        "Justified",
        "ourselves",
        "replacement",
        "Containment",
    ):
        assert wanted in text, wanted


def test_a_case_that_has_only_begun_has_a_sheet_too():
    paper = sheet_of(an_assigned_case())

    assert "尚未完成" in text_of(render_pdf(paper))
    assert "（无）" in html_of(paper)


def test_without_the_right_to_it_nothing_personal_is_on_the_sheet():
    for text in (
        html_of(sheet_of(an_8d_case(), personal=None)),
        text_of(render_pdf(sheet_of(an_8d_case(), personal=None))),
    ):
        assert "个人信息，未公开" in text
        assert not [secret for secret in PERSONAL.values() if secret in text]


@pytest.mark.parametrize(
    ("key", "name"),
    [("investigation_sheet", "客户投诉调查处理表"), ("objection_report", "客户异议处理报告")],
)
def test_a_paper_carries_the_record_name_and_the_form_number_of_the_company(key, name):
    """CLS-13: each record has its form code and version."""
    record = RecordKind({"zh": name, "en": "Investigation Sheet"}, number="Q/SX·G4·G09-05")
    rules = with_records(**{key: record})
    chinese, english = (sheet_of(an_8d_case(), language, rules) for language in ("zh", "en"))

    assert (chinese.title, english.title) == (name, "Investigation Sheet")
    assert "Q/SX·G4·G09-05" in text_of(render_pdf(chinese))
    assert "policy-1" in chinese.form


def test_the_record_that_the_row_of_the_matrix_names_comes_first():
    both = with_records(
        investigation_sheet=RecordKind({"zh": "甲"}), complaint_record=RecordKind({"zh": "乙"})
    )
    profile = both.profiles["test"]
    rows = tuple(replace(row, records=("complaint-record",)) for row in profile.routing)
    rules = replace(both, profiles={"test": replace(profile, routing=rows)})

    assert sheet_of(an_assigned_case(), rules=rules).title == "乙"


def test_the_8d_sheet_has_a_part_for_each_step_with_what_was_done():
    """CAP-01: 质量问题"八步法"处理表."""
    rules = with_records(eight_steps=RecordKind({"zh": '质量问题"八步法"处理表', "en": "8-step (8D) Sheet"}))
    paper = report_of(an_8d_case(), rules=rules)

    assert paper.title == '质量问题"八步法"处理表'
    assert [one.heading for one in paper.sections] == ["D3 围堵措施", "D4 根本原因"]
    text = text_of(render_pdf(paper))
    assert "已隔离 120 箱" in text
    assert "检查全部库存" in text


def test_the_sheet_for_the_customer_names_no_owner_no_task_and_nothing_of_a_supplier():
    """CAP-02, CAP-07: the sheet goes to the customer, who comments on it."""
    case = then(an_8d_case(), an_order(a_capa(), party="supplier", supplier_ref="S-7"))

    paper = report_of(case, for_customer=True)

    text = text_of(render_pdf(paper)) + html_of(paper)
    assert "已隔离 120 箱" in text
    assert "客户意见" in text
    assert not [inside for inside in ("Qian", "检查全部库存", "S-7", "责任人") if inside in text]
    with pytest.raises(NotFound, match="unknown-sheet"):
        report_of(case, for_customer=True, sheet=2)


def test_a_plain_capa_is_a_slip_and_the_newest_sheet_is_shown_unless_one_is_named():
    """CAP-05: 纠正和预防措施处理单."""
    case = then(an_8d_case(), an_order(a_capa()))

    assert report_of(case).title == "纠正和预防措施处理单"
    assert report_of(case, sheet=1).title == "8D报告"
    assert report_of(case, "en").title == "Corrective and Preventive Action Slip"


def test_every_attempt_and_its_effect_stay_on_the_sheet():
    case = then(an_8d_case(), judgement(effective=False))

    text = text_of(render_pdf(report_of(case)))

    assert "无效" in text


def test_a_case_without_actions_has_no_such_sheet():
    with pytest.raises(NotFound, match="unknown-sheet"):
        report_of(an_investigated_case())


def test_the_letter_apologises_for_our_fault_and_explains_where_it_is_not_ours():
    """INF-09: answered in writing; DSP-07: an explanation that rests on evidence."""
    rules = rules_with(liability={"customer": LiabilityRule(template="explanation", evidence=True)})
    theirs = after(after(an_accepted_case(), a_finding(liability="customer")), a_proposal())

    ours = text_of(render_pdf(letter_of(a_proposed_case(), rules=rules)))
    explained = text_of(render_pdf(letter_of(theirs, rules=rules)))

    assert "尊敬的王小明" in ours
    assert "深表歉意" in ours
    assert "深表歉意" not in explained
    assert "证据" in explained


def test_an_english_letter_is_dated_and_worded_as_letters_are():
    text = text_of(render_pdf(letter_of(a_fulfilled_case(euros()), "en")))

    for wanted in ("Dear 王小明", "2 March 2026", "€120.50", "Yours sincerely", "replacement"):
        assert wanted in text, wanted


@pytest.mark.parametrize("make", [letter_of, agreement_of])
def test_no_letter_and_no_agreement_leaves_without_every_signature(make):
    """APR-13."""
    with pytest.raises(Conflict, match="signature-missing"):
        make(a_proposed_case(euros()))
    with pytest.raises(Conflict, match="no-proposal"):
        make(an_investigated_case())


def test_the_agreement_has_its_terms_and_a_line_for_each_party():
    """DSP-16, CLS-14: 处理协议."""
    rules = with_records(settlement_agreement=RecordKind({"zh": "处理协议", "en": "Settlement Agreement"}))
    paper = agreement_of(a_fulfilled_case(euros()), rules=rules)

    text = text_of(render_pdf(paper))

    for wanted in (
        "处理协议",
        "王小明",
        "1. 公司对上述投诉采取以下措施：更换",
        "2. 公司向客户赔付",
        "公司代表",
    ):
        assert wanted in text, wanted
    assert paper.signatures == ("公司代表", "客户")


def test_what_the_customer_wrote_is_text_on_the_page_and_in_the_pdf_and_never_markup():
    mean = {
        **PERSONAL,
        "name": "<b>Müller & Söhne</b>",
        "narrative": "<script>alert('x')</script>\n<br/>第二行",
    }
    paper = sheet_of(an_8d_case(), personal=mean)

    html = html_of(paper)

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    text = text_of(render_pdf(paper))
    assert "<b>Müller & Söhne</b>" in text
    assert "<script>alert('x')</script>" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_strange_letters_and_very_long_words_do_not_stop_the_printing(language):
    strange = "\x00\x07\u200b😀𠮷" + "x" * 3000 + "字" * 3000
    paper = sheet_of(an_8d_case(), language, personal={"name": strange[:200], "narrative": strange})

    assert len(PdfReader(BytesIO(render_pdf(paper))).pages) > 1


def test_the_same_paper_gives_the_same_bytes():
    assert render_pdf(sheet_of(an_8d_case())) == render_pdf(sheet_of(an_8d_case()))


def test_a_language_that_nobody_writes_is_refused():
    with pytest.raises(Rejected, match="unknown-language"):
        wording(an_assigned_case(), RULES, "tlh")


def test_every_code_of_policy_and_contract_has_words():
    wanted = {f"status.{one.value}" for one in Status}
    wanted |= {f"kind.{one}" for one in KINDS} | {f"liability.{one}" for one in LIABILITIES}
    wanted |= {f"severity.{one}" for one in SEVERITIES}
    assert wanted <= set(TEXTS)
