"""Do the doors of the records work: written, corrected, signed, read by whom they are for, and printed?"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
import pytest_asyncio
from pypdf import PdfReader
from sqlalchemy import text

from shared.policy.records import RecordField, RecordKind
from tests.routing.builders import COMPLAINT, NUMBER, RULES, registered
from tests.routing.workplace import a_workplace

REPORT = RecordKind(
    {"zh": "现场调查报告", "en": "Survey Report"},
    number="Q/SX-07",
    needed_before="investigate",
    signed_by=("department.manager", "customer"),
    fields=(
        RecordField("storage", {"zh": "存放条件", "en": "Storage conditions"}),
        RecordField("seen-on", {"zh": "日期", "en": "Seen on"}, "date"),
        RecordField("anomaly", {"zh": "异常", "en": "Anomaly"}, "flag"),
        RecordField(
            "way", {"zh": "方式", "en": "Way"}, "choice", choices={"car": {"zh": "汽车", "en": "By car"}}
        ),
        RecordField("count", {"zh": "数量", "en": "Quantity"}, "number", required=False),
    ),
)
INSPECTION = RecordKind({"zh": "检验", "en": "Inspection"}, by="quality", fields=(REPORT.fields[0],))
SECRET = "仓库潮湿，王小明 <b>"
BODY = {
    "record": "survey-report",
    "fields": {"storage": SECRET, "seen-on": "2026-03-01", "anomaly": True, "way": "car", "count": 12.5},
}


@pytest_asyncio.fixture
async def place(routing_database):
    records = {"survey-report": REPORT, "inspection": INSPECTION}
    profile = replace(RULES.profiles["test"], records=records)
    async with a_workplace(routing_database, replace(RULES, profiles={"test": profile})) as found:
        await found.hears(registered(sealed=None))
        yield found


async def post(place, path: str, body: object, *, who="chen", role="handler", headers=None, **scope):
    token = place.token(who, role, **scope)
    return await place.client.post(f"/cases/{COMPLAINT}/{path}", json=body, headers=token | (headers or {}))


async def get(place, path: str, *, who="chen", role="handler", **scope):
    return await place.client.get(f"/cases/{NUMBER}{path}", headers=place.token(who, role, **scope))


async def test_a_record_is_written_signed_and_lets_the_case_go_on(place):
    """INV-09, DSP-09."""
    await post(place, "accept", None)
    found = {"liability": "own", "valid": True, "cause_code": "worn-tool"}
    held = await post(place, "investigation", found)
    written = await post(place, "records", BODY)
    by_head = await post(place, "records/survey-report/signatures", {"version": 1}, who="li", role="manager")
    by_customer = {"version": 1, "customer": True, "evidence": "scan-7"}
    signed = await post(place, "records/survey-report/signatures", by_customer)
    goes_on = await post(place, "investigation", found)

    assert (held.status_code, held.json()["code"]) == (409, "record-missing")
    assert held.json()["field"] == "records.survey-report.storage"
    assert written.status_code == 200, written.text
    (version,) = written.json()["items"][0]["versions"]
    assert version["fields"] == {
        "storage": SECRET, "seen-on": "2026-03-01", "anomaly": "yes", "way": "car", "count": "12.5",
    }  # fmt: skip
    assert written.json()["needed"][0]["unsigned"] == ["department.manager", "customer"]
    assert by_head.status_code == 200, by_head.text
    assert (signed.json()["items"][0]["complete"], signed.json()["needed"]) == (True, [])
    assert goes_on.status_code == 200, goes_on.text
    assert goes_on.json()["records"][0]["record"] == "survey-report"


async def test_what_somebody_wrote_lies_sealed_in_the_database_and_in_the_event(place):
    """PRV-01."""
    await post(place, "records", BODY)

    async with place.database.reading() as connection:
        rows = (await connection.execute(text("select state::text from cases"))).scalars().all()
        told = (
            (await connection.execute(text("select convert_from(body, 'utf-8') from outbox"))).scalars().all()
        )

    assert "survey-report" in rows[0]
    assert any("case.recorded.v1" in one for one in told)
    for kept in (*rows, *told):
        assert "仓库潮湿" not in kept
        assert "\\u4ed3" not in kept.lower()


async def test_a_word_in_a_field_that_policy_does_not_know_is_refused_and_never_shown(place):
    no = await post(place, "records", {"record": "survey-report", "fields": {"where-it-lay": SECRET}})

    assert (no.status_code, no.json()["code"], no.json()["field"]) == (422, "unknown-field", "where-it-lay")
    assert "仓库" not in no.text


async def test_who_has_read_an_older_version_of_the_case_is_refused_and_a_repeat_writes_once(place):
    read = await get(place, "/records")
    key = {"Idempotency-Key": "once"}
    first = await post(place, "records", BODY, headers=key)
    again = await post(place, "records", BODY, headers=key)
    late = await post(place, "records", BODY, headers={"If-Match": read.headers["etag"]})

    assert (first.status_code, again.status_code) == (200, 200)
    assert len((await get(place, "/records")).json()["items"][0]["versions"]) == 1
    assert (late.status_code, late.json()["code"]) == (409, "changed-meanwhile")


async def test_an_auditor_reads_facts_and_no_words_and_a_stranger_nothing(place):
    """PRV-01, RCS-02."""
    await post(place, "records", BODY)

    seen = await get(place, "/records", who="audit", role="auditor")
    strange = await get(place, "/records", who="sun", departments=("billing",))
    case = await get(place, "", who="audit", role="auditor")

    fields = seen.json()["items"][0]["versions"][0]["fields"]
    assert (fields["storage"], fields["anomaly"]) == (None, "yes")
    assert (strange.status_code, strange.json()["code"]) == (403, "out-of-scope")
    assert case.json()["records_needed"][0]["before"] == "investigate"


async def test_the_department_that_fills_a_record_in_sees_that_one_of_a_case_of_others(place):
    """INV-06."""
    await post(place, "records", BODY)
    body = {"record": "inspection", "fields": {"storage": "ok"}}

    written = await post(place, "records", body, who="qian", departments=("quality",))
    refused = await post(place, "records", BODY, who="qian", departments=("quality",))

    assert [one["record"] for one in written.json()["items"]] == ["inspection"]
    assert (refused.status_code, refused.json()["code"]) == (403, "out-of-scope")


@pytest.mark.parametrize(
    ("lang", "title", "way"), [("zh", "现场调查报告", "汽车"), ("en", "Survey Report", "By car")]
)
async def test_a_record_is_printed_as_page_and_as_pdf_with_its_name_number_and_signatures(
    place, lang, title, way
):
    """CLS-13."""
    await post(place, "records", BODY)
    await post(place, "records/survey-report/signatures", {"version": 1}, who="li", role="manager")
    query = f"/documents/case-record?record=survey-report&lang={lang}"

    page = await get(place, query)
    pdf = await get(place, f"{query}&format=pdf")
    closed = await get(place, query, who="audit", role="auditor")

    for wanted in (title, "Q/SX-07", "仓库潮湿，王小明 &lt;b&gt;", "2026-03-01", way, "12.5", "Li"):
        assert wanted in page.text, wanted
    assert "record=survey-report" in page.text
    assert title in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    assert "仓库" not in closed.text


async def test_the_handling_sheet_lists_the_records_that_lie_with_the_case(place):
    before = await get(place, "/documents/handling-sheet?lang=en")
    await post(place, "records", BODY | {"item": "s-1"})
    after = await get(place, "/documents/handling-sheet?lang=en")

    assert "Survey Report" not in before.text
    assert "Survey Report s-1" in after.text


async def test_an_empty_form_is_printed_to_be_filled_in_by_hand(place):
    page = await get(place, "/documents/case-record?record=survey-report&lang=en")
    none = await get(place, "/documents/case-record?record=survey-report&version=3")
    unknown = await get(place, "/documents/case-record?record=nothing")

    assert page.status_code == 200
    assert "Storage conditions" in page.text
    assert "The customer" in page.text
    assert (none.status_code, none.json()["code"]) == (404, "no-such-version")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-record")
