"""Does a case keep the records that policy asks for, and does no step pass without them?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.routing.domain.case import Case
from services.routing.domain.offering import Amount, Option
from services.routing.domain.record import CaseRecord, SealedText
from services.routing.domain.record_entry import MOST_RECORDS
from services.routing.domain.recording import lacking
from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.decide_proposal import ApproveProposal
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.recuse_person import RecusePerson
from services.routing.handlers.sign_record import SignRecord
from services.routing.store.tables import STORE
from shared.deciding import Decision
from shared.errors import Conflict, NotFound, Rejected
from shared.events.intake import CustomerReplied
from shared.events.routing import CaseRecorded, ResolutionProposed
from shared.policy.model import Rulebook
from shared.policy.records import GATES, RecordField, RecordKind, RecordWhen
from tests.routing.builders import (
    COMPLAINT,
    HANDLER,
    MANAGER,
    NUMBER,
    RULES,
    a_finding,
    a_proposal,
    an_actor,
    do,
    hear,
    registered,
    replied,
    withdrawn,
)
from tests.routing.papers import writing

WORDS = {"zh": "字", "en": "Words"}


def a_field(code: str, kind: str = "text", **given: Any) -> RecordField:
    return RecordField(code, WORDS, kind, **given)


FIELDS = (
    a_field("opinion"),
    a_field("found", "flag"),
    a_field("seen-on", "date"),
    a_field("count", "number", required=False),
    a_field("how", "choice", choices={"call": WORDS, "visit": WORDS}),
)


def a_kind(before: str = "", *fields: RecordField, **given: Any) -> RecordKind:
    return RecordKind(WORDS, fields=fields or FIELDS, needed_before=before, **given)


def with_records(**kinds: RecordKind) -> Rulebook:
    profile = replace(RULES.profiles["test"], records={k.replace("_", "-"): v for k, v in kinds.items()})
    return replace(RULES, profiles={"test": profile})


def state(decision: Decision[Case]) -> Case:
    assert decision.state is not None
    return decision.state


def arrived(rules: Rulebook, **given: Any) -> Case:
    return state(hear(None, registered(**given), rules))


def steps() -> dict[str, Any]:
    """How each gate is knocked at, in the order of a case's way."""
    return {
        "investigate": a_finding(),
        "propose": a_proposal(),
        "decide": None,
        "answer": AnswerCustomer(COMPLAINT, HANDLER),
        "fulfil": FulfilResolution(COMPLAINT, HANDLER),
        "close": CloseCase(COMPLAINT, HANDLER),
    }


def went(case: Case, rules: Rulebook, until: str) -> Case:
    """The case before this gate: everything that comes earlier is done."""
    case = state(do(case, AcceptCase(COMPLAINT, HANDLER), rules))
    for gate, command in steps().items():
        if gate == until:
            return case
        if gate == "fulfil":
            case = state(hear(case, replied(in_round=case.round), rules))
        case = state(do(case, command, rules)) if command is not None else case
    return case


def write(case: Case, rules: Rulebook, record: str = "sheet", actor=HANDLER, **given: Any) -> Decision[Case]:
    kind = rules.profile_of("sh01").records[record]
    return do(case, writing(record, kind, actor, **given), rules)


def refused(case: Case, command: Any, rules: Rulebook) -> Rejected:
    with pytest.raises(Rejected) as found:
        do(case, command, rules)
    return found.value


@pytest.mark.parametrize("gate", [one for one in GATES if one != "decide"])
def test_no_step_passes_without_its_record_and_the_refusal_names_record_field_and_remedy(gate):
    """SEV-05, INV-04, INV-09, INV-13, DSP-09."""
    rules = with_records(sheet=a_kind(gate))
    ready = went(arrived(rules), with_records(), gate)
    if gate == "fulfil":
        ready = state(hear(ready, replied(), rules))

    no = refused(ready, steps()[gate], rules)
    half = state(write(ready, rules, only=("found",)))
    still = refused(half, steps()[gate], rules)

    assert isinstance(no, Conflict)
    assert (no.code, no.field) == ("record-missing", "records.sheet.opinion")
    assert "opinion, found, seen-on, how" in (no.remedy or "")
    assert (still.code, still.remedy) == ("record-missing", "Record sheet with: opinion, seen-on, how.")
    assert do(state(write(half, rules)), steps()[gate], rules).tells


def test_a_signature_is_not_given_before_the_record_that_the_decision_rests_on():
    """SEV-06: the minute comes before whoever decides."""
    rules = with_records(minute=a_kind("decide"))
    case = went(arrived(rules), rules, "propose")
    offered = state(do(case, a_proposal(Amount(Decimal(5), "CNY"), actor=HANDLER), rules))
    sign = ApproveProposal(COMPLAINT, an_actor("zhao", "director"), 1)

    no = refused(offered, sign, rules)

    assert no.code == "record-missing"
    assert do(state(write(offered, rules, "minute")), sign, rules).tells


def test_a_record_before_the_decision_is_asked_for_where_nobody_has_to_decide():
    rules = with_records(minute=a_kind("decide"))

    ready = went(arrived(rules), with_records(), "answer")

    assert refused(ready, steps()["answer"], rules).code == "record-missing"


@pytest.mark.parametrize(
    ("gate", "later"), [("investigate", "propose"), ("propose", "answer"), ("answer", "close")]
)
def test_a_record_that_became_necessary_after_its_step_is_asked_for_at_the_next(gate, later):
    """Nobody passes a gate by being what they are only afterwards."""
    rules = with_records(sheet=a_kind(gate, when=RecordWhen(liability=("own",))))
    ready = went(arrived(rules), with_records(), later)

    assert refused(ready, steps()[later], rules).code == "record-missing"


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        (RecordWhen(), True),
        (RecordWhen(category=("quality",)), True),
        (RecordWhen(category=("refund",)), False),
        (RecordWhen(severity=("serious",)), False),
        (RecordWhen(remedies=("replace", "rework")), True),
        (RecordWhen(remedies=("refund",)), False),
        (RecordWhen(liability=("own",)), True),
        (RecordWhen(liability=("supplier",)), False),
        (RecordWhen(visited=False), True),
        (RecordWhen(visited=True), False),
        (RecordWhen(answers={"other.found": ("yes",)}), False),
    ],
)
def test_a_record_is_asked_of_the_cases_that_it_is_about(when, asked):
    rules = with_records(sheet=a_kind("propose", when=when), other=a_kind())
    ready = went(arrived(rules), with_records(), "propose")

    found = lacking(ready, "propose", rules, ("rework",))

    assert [one.record for one in found] == (["sheet"] if asked else [])


def test_the_answer_in_one_record_calls_for_another():
    """INV-14, SEV-08."""
    rules = with_records(
        sheet=a_kind("close", when=RecordWhen(answers={"other.found": ("yes",)})), other=a_kind()
    )
    case = state(write(arrived(rules), rules, "other"))
    found = state(write(case, rules, "other", only=("found",), values={"found": "yes"}))

    assert lacking(case, "close", rules) == ()
    assert [one.record for one in lacking(found, "close", rules)] == ["sheet"]


def test_a_correction_is_a_version_and_what_stood_there_before_stays():
    rules = with_records(sheet=a_kind("propose"))
    first = write(arrived(rules), rules, values={"count": "12.50"})
    second = write(
        state(first), rules, only=("found",), values={"found": "yes"}, without=("count",), reason_code="typo"
    )

    (record,) = state(second).records
    old, new = record.versions
    (told,) = second.tells
    assert isinstance(told, CaseRecorded)
    assert (old.version, old.values["found"], old.values["count"]) == (1, "no", "12.50")
    assert (new.version, new.values, new.texts) == (
        2,
        {"found": "yes", "seen-on": "2026-03-03", "how": "call"},
        old.texts,
    )
    assert (told.step, told.version, told.by, told.reason_code) == ("corrected", 2, "chen", "typo")
    assert (told.values["found"], told.complete, told.missing) == ("yes", True, ())
    assert state(second).version == state(first).version + 1


def test_the_event_tells_codes_in_the_open_and_words_only_sealed():
    """PRV-01."""
    rules = with_records(sheet=a_kind("propose", signed_by=("site.manager",)))

    (told,) = write(arrived(rules), rules, only=("opinion", "found")).tells

    assert isinstance(told, CaseRecorded)
    assert (told.complaint_no, told.step, told.complete) == (NUMBER, "recorded", False)
    assert told.values == {"found": "no"}
    assert [(one.field, one.sealed) for one in told.texts] == [("opinion", "k1.opinion")]
    assert (told.missing, told.unsigned) == (("seen-on", "how"), ("site.manager",))


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"values": {"fond": "yes"}}, "unknown-field", "fond"),
        ({"values": {"found": "maybe"}}, "bad-choice", "found"),
        ({"values": {"how": "letter"}}, "bad-choice", "how"),
        ({"values": {"seen_on": "3 March"}}, "bad-date", "seen-on"),
        ({"values": {"seen_on": "2026-03-03T10:00"}}, "bad-date", "seen-on"),
        ({"values": {"count": "many"}}, "bad-number", "count"),
        ({"values": {"count": "NaN"}}, "bad-number", "count"),
        ({"values": {"count": "１２"}}, "bad-number", "count"),
        ({"values": {"count": "1_2"}}, "bad-number", "count"),
        ({"values": {"opinion": "in the open"}}, "field-in-the-open", "opinion"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_with_the_field(given, code, field):
    rules = with_records(sheet=a_kind())

    with pytest.raises(Rejected) as no:
        write(arrived(rules), rules, **given)

    assert (no.value.code, no.value.field) == (code, field)


def test_a_moment_with_a_time_zone_is_a_date_and_a_sealed_number_is_none():
    rules = with_records(sheet=a_kind())
    kept = state(write(arrived(rules), rules, values={"seen_on": "2026-03-03T10:00+08:00"}))
    sealed = replace(writing("sheet", a_kind(), HANDLER), texts=(SealedText("count", "k1.x"),))

    assert kept.records[0].last.values["seen-on"] == "2026-03-03T10:00:00+08:00"
    assert refused(arrived(rules), sealed, rules).code == "field-sealed"


def test_nothing_is_written_on_a_record_that_policy_does_not_know_nor_after_the_end():
    rules = with_records(sheet=a_kind(), name=RecordKind(WORDS))
    case = arrived(rules)
    ended = state(hear(case, withdrawn(), rules))
    entry = writing("sheet", a_kind(), HANDLER)

    assert isinstance(refused(case, replace(entry, record="sheets"), rules), NotFound)
    assert refused(case, replace(entry, record="name"), rules).code == "unknown-record"
    assert refused(case, replace(entry, values={}, texts=()), rules).code == "nothing-written"
    assert refused(ended, entry, rules).code == "status-forbids"


def test_a_record_that_comes_first_comes_first():
    """INV-08: the visit is agreed with the customer before anything is recorded on site."""
    rules = with_records(report=a_kind("propose", after=("appointment",)), appointment=a_kind("propose"))
    case = arrived(rules)

    no = refused(case, writing("report", a_kind(), HANDLER), rules)
    agreed = state(write(case, rules, "appointment"))

    assert (no.code, no.remedy) == ("record-too-early", "Complete appointment first.")
    assert len(state(write(agreed, rules, "report")).records) == 2


def test_a_record_is_written_by_the_department_that_policy_names():
    """INV-06, RTE-28."""
    rules = with_records(sheet=a_kind(by="quality"))
    case = arrived(rules)
    sales, quality = an_actor("chen", departments=("sales",)), an_actor("qian", departments=("quality",))

    assert refused(case, writing("sheet", a_kind(), sales), rules).code == "out-of-scope"
    assert state(write(case, rules, actor=quality)).records[0].last.by == "qian"


def test_a_record_is_written_by_who_holds_the_role_that_policy_names():
    rules = with_records(sheet=a_kind(by="department.manager"))
    case = arrived(rules)

    no = refused(case, writing("sheet", a_kind(), HANDLER), rules)

    assert (no.code, no.remedy) == ("not-the-writer", "Who may now: li.")
    assert state(write(case, rules, actor=MANAGER)).records


# Signatures.


SIGNED = with_records(notice=a_kind("close", signed_by=("handler", "department.manager")))


def sign(person: str, *roles: str, version: int = 1, **given: Any) -> SignRecord:
    return SignRecord(COMPLAINT, an_actor(person, *roles), "notice", version, **given)


def noticed(rules: Rulebook = SIGNED) -> Case:
    """A case with the notice written by somebody who has nothing to sign on it."""
    case = state(do(arrived(rules), AcceptCase(COMPLAINT, HANDLER), rules))
    return state(write(case, rules, "notice", an_actor("zhou")))


def test_each_role_signs_once_and_two_roles_are_two_people():
    """RTE-29: the receiver's and the superior's signatures."""
    case = noticed()
    half = state(do(case, sign("chen"), SIGNED))
    whole = do(half, sign("li", "manager"), SIGNED)

    assert refused(half, sign("chen"), SIGNED).code == "already-signed"
    assert lacking(half, "close", SIGNED)[0].unsigned == ("department.manager",)
    assert lacking(state(whole), "close", SIGNED) == ()
    (told,) = whole.tells
    assert isinstance(told, CaseRecorded)
    assert (told.step, told.by, told.role, told.complete) == ("signed", "li", "department.manager", True)
    assert told.texts == ()
    assert refused(state(whole), sign("zhao", "director"), SIGNED).code == "no-signature-needed"


def test_an_unsigned_record_holds_the_case_and_the_refusal_says_whose_name_is_missing():
    rules = with_records(notice=a_kind("investigate", signed_by=("department.manager",)))

    no = refused(noticed(rules), a_finding(), rules)

    assert (no.code, no.field) == ("record-unsigned", "records.notice.signed_by")
    assert no.remedy == "Have it signed by: department.manager."


def test_a_correction_has_to_be_signed_anew_and_an_old_version_is_not_signed():
    signed = state(do(noticed(), sign("li", "manager"), SIGNED))
    corrected = state(write(signed, SIGNED, "notice", an_actor("zhou"), only=("found",)))

    no = refused(corrected, sign("li", "manager"), SIGNED)

    assert no.code == "record-superseded"
    assert corrected.records[0].last.signatures == ()
    assert corrected.records[0].versions[0].signatures[0].by == "li"
    assert do(corrected, sign("li", "manager", version=2), SIGNED).tells


def test_nobody_signs_half_a_record_or_what_was_never_written():
    case = arrived(SIGNED)
    half = state(write(case, SIGNED, "notice", only=("found",)))

    assert refused(case, sign("li", "manager"), SIGNED).code == "no-such-record"
    assert refused(half, sign("li", "manager"), SIGNED).code == "record-missing"


def test_who_wrote_it_does_not_sign_it_as_somebody_above_and_an_administrator_signs_nothing():
    """Four eyes."""
    rules = with_records(notice=a_kind("close", signed_by=("department.manager",)))
    case = state(write(arrived(rules), rules, "notice", MANAGER))

    assert refused(case, sign("li", "manager"), rules).code == "not-the-signer"
    assert refused(case, sign("root", "admin"), rules).code == "role-missing"
    assert refused(case, sign("chen"), rules).code == "not-the-signer"


def test_the_customers_signature_is_attested_with_the_paper():
    """DSP-09, INF-21."""
    rules = with_records(notice=a_kind("close", signed_by=("customer",)))
    case = state(write(arrived(rules), rules, "notice"))

    no = refused(case, sign("chen", customer=True), rules)
    signed = state(do(case, sign("chen", customer=True, evidence="scan-7"), rules))

    assert (no.code, no.field) == ("evidence-missing", "evidence")
    assert refused(case, sign("chen"), rules).code == "no-signature-needed"
    (signature,) = signed.records[0].last.signatures
    assert (signature.role, signature.by, signature.evidence) == ("customer", "chen", "scan-7")
    again = sign("chen", customer=True, evidence="scan-8")
    assert refused(signed, again, rules).code == "no-signature-needed"
    assert refused(noticed(), sign("chen", customer=True, evidence="s"), SIGNED).code == "no-signature-needed"


def test_what_a_person_complained_about_wrote_or_signed_counts_for_nothing():
    """RCS-01."""
    rules = with_records(notice=a_kind("investigate", signed_by=("department.manager",)))
    signed = state(do(noticed(rules), sign("li", "manager"), rules))
    boss = an_actor("wang", "manager")
    without_signer = state(do(signed, RecusePerson(COMPLAINT, boss, "li"), rules))
    without_writer = state(do(signed, RecusePerson(COMPLAINT, boss, "zhou"), rules))

    assert lacking(signed, "investigate", rules) == ()
    assert lacking(without_signer, "investigate", rules)[0].unsigned == ("department.manager",)
    assert lacking(without_writer, "investigate", rules)[0].absent


# Rounds and several of a kind.


@pytest.mark.parametrize(("each", "code"), [(True, "record-missing"), (False, None)])
def test_a_record_of_each_round_is_written_anew_in_the_next(each, code):
    rules = with_records(sheet=a_kind("answer", each_round=each))
    case = state(write(went(arrived(rules), rules, "answer"), rules))
    answered = state(do(case, steps()["answer"], rules))
    refusing = CustomerReplied(complaint_no=NUMBER, at=answered.received_at, round=1, accepts=False)
    again = state(hear(answered, refusing, rules))
    again = state(do(again, a_proposal(), rules))

    if code is None:
        assert do(again, steps()["answer"], rules).tells
    else:
        assert refused(again, steps()["answer"], rules).code == code
        assert do(state(write(again, rules)), steps()["answer"], rules).tells


def test_an_option_prepared_beforehand_is_not_offered_by_itself_without_its_record():
    """DSP-13: what is offered next may need papers of its own."""
    rules = with_records(slip=a_kind("propose", when=RecordWhen(remedies=("return",))))
    case = went(arrived(rules), rules, "propose")
    case = state(do(case, replace(a_proposal(), others=(Option(("return",)),)), rules))
    answered = state(do(case, steps()["answer"], rules))

    heard = hear(answered, replied(accepts=False), rules)

    assert state(heard).status == "refused"
    assert not [one for one in heard.tells if isinstance(one, ResolutionProposed)]


def test_several_of_a_kind_are_told_apart_and_each_has_to_be_complete():
    """RTE-29: every notice."""
    rules = with_records(notice=a_kind("close"))
    one = state(write(arrived(rules), rules, "notice", item="n-1"))
    two = state(write(one, rules, "notice", item="n-2", only=("found",)))

    assert [(one.kind, one.item, len(one.versions)) for one in two.records] == [
        ("notice", "n-1", 1),
        ("notice", "n-2", 1),
    ]
    assert [(lack.item, lack.fields) for lack in lacking(two, "close", rules)] == [
        ("n-2", ("opinion", "seen-on", "how"))
    ]


def test_a_case_does_not_grow_without_bounds():
    rules = with_records(sheet=a_kind())
    case = state(write(arrived(rules), rules))
    (record,) = case.records
    full = replace(case, records=(CaseRecord("sheet", "", record.versions * MOST_RECORDS),))
    many = replace(case, records=tuple(replace(record, item=str(n)) for n in range(MOST_RECORDS)))
    entry = writing("sheet", a_kind(), HANDLER)

    assert refused(full, entry, rules).code == "too-many-records"
    assert refused(many, entry, rules).code == "too-many-records"


def test_records_survive_their_document():
    signed = state(do(noticed(), sign("li", "manager"), SIGNED))

    assert STORE.decode(STORE.encode(signed)) == signed


def test_a_voluntary_record_holds_nothing_up():
    """RTE-12, INF-12."""
    rules = with_records(sheet=a_kind())

    assert went(arrived(rules), rules, "").status == "closed"
