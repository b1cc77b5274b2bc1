"""Does `kesu seal rotate` bring everything at rest under the new key, whatever else goes on?"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from services.intake.domain.complaint import Reply
from services.intake.store.tables import STORE as REGISTER
from services.routing.store.tables import STORE as CASES
from services.surveys.store.tables import STORE as INVITATIONS
from shared.cli import sealing
from shared.cli.operations import seal_app
from shared.database.documents import DocumentStore, Stored
from shared.database.resealing import places, resealed
from shared.database.transaction import Database
from shared.deciding import Notice
from shared.errors import Rejected
from shared.ids import new_id
from shared.notify.table import write_notices
from shared.sealed.rotation import keys_in, reseal
from shared.sealed.sealer import Sealer
from tests.escalation.stand import prepare_escalation
from tests.intake.builders import NOW, a_complaint
from tests.intake.workplace import prepare as prepare_intake
from tests.routing.builders import an_assigned_case
from tests.routing.workplace import prepare as prepare_routing
from tests.surveys.builders import an_answered_one, hear, reopened
from tests.surveys.stand import prepare_surveys

SECRET = "a secret that is long enough for tests"
K1, K2, LOST = b"1" * 32, b"2" * 32, b"?" * 32
OLD = Sealer({"k1": K1}, secret=SECRET)
NEW = Sealer({"k2": K2, "k1": K1}, secret=SECRET)
ONLY_NEW = Sealer({"k2": K2}, secret=SECRET)
RING = ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in (("k2", K2), ("k1", K1)))


@dataclass(frozen=True)
class Urls:
    intake: str
    routing: str
    escalation: str
    surveys: str


@pytest.fixture
def urls(database_from) -> Urls:
    return Urls(
        database_from("intake", prepare_intake),
        database_from("routing", prepare_routing),
        database_from("escalation", prepare_escalation),
        database_from("surveys", prepare_surveys),
    )


@pytest.fixture
def register_url(database_from) -> str:
    return database_from("intake", prepare_intake)


@pytest.fixture
async def register(register_url):
    database = Database(register_url, service="intake")
    yield database
    await database.close()


def a_sealed_complaint(number: int = 1, sealer: Sealer = OLD):
    complaint = new_id()
    return a_complaint(
        complaint_id=complaint,
        complaint_no=f"SH01-2026-{number:06d}",
        sealed=sealer.seal({"name": f"Person {number}"}, about=complaint),
        reply=Reply(1, False, NOW, sealer.seal({"comment": "No."}, about=complaint)),
    )


def a_sealed_invitation():
    """One that was answered, with a comment, and reopened: the answer lies among the earlier forms."""
    answered = an_answered_one(comment_sealed="later")
    sealed = OLD.seal({"comment": "Too slow."}, about=answered.complaint_id)
    answered = replace(
        answered,
        sealed=OLD.seal({"email": "fang@example.org"}, about=answered.complaint_id),
        form=replace(answered.form, answer=replace(answered.form.answer, comment_sealed=sealed)),
    )
    return hear(answered, reopened(NOW.replace(year=2027))).state


async def keep(database: Database, store: DocumentStore, *states) -> None:
    rows = [Stored(s.complaint_id, s.site, s, version=0, told=3, heard={"intake": 2}) for s in states]
    async with database.batch() as connection:
        await store.save(connection, rows)


async def kept(database: Database, store: DocumentStore, *ids: UUID) -> dict[UUID, Stored]:
    async with database.batch() as connection:
        return await store.load(connection, ids)


async def rotate(database: Database, sealer: Sealer = NEW, **given):
    """Everything of one database; the tally of its documents."""
    documents, notices = await places(database)
    tallies = {}
    for place in (documents, notices):
        async for tally in resealed(database, sealer, place, **given):
            tallies[place] = tally
    return tallies[documents]


def a_notice(complaint: UUID, number: int) -> Notice:
    sealed = OLD.seal({"email": "fang@example.org"}, about=complaint)
    return Notice(f"n{number}", "customer", "complaint-closed", "en", {}, sealed)


def test_a_text_is_found_however_deep_it_lies_and_everything_else_stays():
    about = new_id()
    value = {"sealed": OLD.seal({"a": 1}, about=about), "told": ["sealed", None, 3.5], "earlier": [{"comment_sealed": OLD.seal({"b": 2}, about=about)}]}  # fmt: skip

    after = reseal(value, NEW, about=about)

    assert (after.changed, after.unopened) == (2, 0)
    assert keys_in(after.value) == {"k2": 2}
    assert ONLY_NEW.open(after.value["sealed"], about=about) == {"a": 1}
    assert ONLY_NEW.open(after.value["earlier"][0]["comment_sealed"], about=about) == {"b": 2}
    assert after.value["told"] == value["told"]
    assert reseal(after.value, NEW, about=about).changed == 0


@pytest.mark.parametrize("sealed", ["sealed-person", "k1.%%%", "k9.AAAA", ""])
def test_what_no_key_opens_is_counted_and_left_alone(sealed):
    after = reseal({"sealed": sealed}, NEW, about=new_id())

    assert after.value == {"sealed": sealed}
    assert (after.changed, after.unopened) == (0, 1)


def test_a_text_about_another_complaint_is_not_sealed_anew_under_a_false_name():
    value = {"sealed": OLD.seal({"a": 1}, about=new_id())}

    assert reseal(value, NEW, about=new_id()).value == value


async def test_every_text_of_a_complaint_opens_with_only_the_new_key_and_nothing_else_changed(register):
    before = a_sealed_complaint()
    await keep(register, REGISTER, before)

    tally = await rotate(register)

    row = (await kept(register, REGISTER, before.complaint_id))[before.complaint_id]
    assert (tally.rows, tally.changed, tally.unopened) == (1, 2, [])
    assert ONLY_NEW.open(row.state.sealed, about=before.complaint_id) == {"name": "Person 1"}
    assert ONLY_NEW.open(row.state.reply.sealed, about=before.complaint_id) == {"comment": "No."}
    unsealed = replace(row.state, sealed=before.sealed, reply=before.reply)
    assert (unsealed, row.version, row.told, row.heard) == (before, 2, 3, {"intake": 2})


async def test_a_second_run_changes_nothing_and_locks_nothing(register):
    await keep(register, REGISTER, a_sealed_complaint())
    await rotate(register)

    async with register.transaction() as holder:
        before = (await holder.execute(text("SELECT version, state FROM complaints FOR UPDATE"))).all()
        tally = await asyncio.wait_for(rotate(register), 10)
        after = (await holder.execute(text("SELECT version, state FROM complaints"))).all()

    assert tally.changed == 0
    assert before == after


async def test_a_dry_run_counts_and_writes_nothing(register):
    complaint = a_sealed_complaint()
    lost = a_sealed_complaint(2, Sealer({"k0": LOST}, secret=SECRET))
    await keep(register, REGISTER, complaint, lost)

    tally = await rotate(register, dry_run=True)

    assert (tally.changed, tally.unopened, tally.found) == (2, [lost.complaint_id], {"k1": 2, "k0": 2})
    row = (await kept(register, REGISTER, complaint.complaint_id))[complaint.complaint_id]
    assert (row.state, row.version) == (complaint, 1)


async def test_a_run_that_was_interrupted_goes_on_where_it_was(register):
    complaints = [a_sealed_complaint(number) for number in range(1, 11)]
    await keep(register, REGISTER, *complaints)
    (place, _) = await places(register)

    first = resealed(register, NEW, place, chunk=4)
    done = (await anext(first)).changed
    await first.aclose()
    rest = await rotate(register, chunk=4)

    assert (done, rest.changed) == (8, 12)
    for row in (await kept(register, REGISTER, *(c.complaint_id for c in complaints))).values():
        assert ONLY_NEW.open(row.state.sealed, about=row.complaint_id)
        assert row.version == 2


async def test_a_chunk_that_fails_leaves_nothing_half_done(register):
    class Breaking(Sealer):
        left = 5

        def seal(self, values, *, about):
            self.left -= 1
            if not self.left:
                raise OSError("no more randomness")
            return super().seal(values, about=about)

    await keep(register, REGISTER, *(a_sealed_complaint(number) for number in range(1, 7)))

    with pytest.raises(OSError, match="randomness"):
        await rotate(register, Breaking({"k2": K2, "k1": K1}, secret=SECRET), chunk=6)
    tally = await rotate(register)

    assert (tally.found, tally.changed) == ({"k1": 12}, 12)


async def test_a_row_that_a_service_is_writing_keeps_what_the_service_wrote(register):
    complaint = a_sealed_complaint()
    await keep(register, REGISTER, complaint)

    async with register.batch() as connection:
        (row,) = (await REGISTER.load(connection, [complaint.complaint_id])).values()
        rotation = asyncio.create_task(rotate(register))
        await _is_waiting_for_a_lock(register)
        row.state = replace(row.state, department="quality")
        await REGISTER.save(connection, [row])
    await asyncio.wait_for(rotation, 10)

    row = (await kept(register, REGISTER, complaint.complaint_id))[complaint.complaint_id]
    assert (row.state.department, row.version) == ("quality", 3)
    assert ONLY_NEW.open(row.state.sealed, about=complaint.complaint_id)


async def _is_waiting_for_a_lock(database: Database) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(10), database.reading() as connection:
        while not (await connection.execute(waiting)).scalar():
            await asyncio.sleep(0.01)


async def _fill(urls: Urls) -> UUID:
    complaint, case, invitation = a_sealed_complaint(), an_assigned_case(), a_sealed_invitation()
    case = replace(case, sealed=OLD.seal({"email": "a@example.org"}, about=case.complaint_id))
    lost = a_sealed_complaint(2, Sealer({"k0": LOST}, secret=SECRET))
    for url, store, states in (
        (urls.intake, REGISTER, (complaint, lost)),
        (urls.routing, CASES, (case,)),
        (urls.surveys, INVITATIONS, (invitation,)),
    ):
        database = Database(url, service="test")
        await keep(database, store, *states)
        async with database.batch() as connection:
            about = states[0].complaint_id
            await write_notices(connection, [(about, a_notice(about, n)) for n in range(3)])
        await database.close()
    return lost.complaint_id


async def _keys_at_rest(urls: Urls) -> dict[str, dict[str, int]]:
    """Read by another way than the rotation does: as the text of whole rows."""
    found: dict[str, dict[str, int]] = {}
    for service, tables in (
        ("intake", ("complaints", "notices")),
        ("routing", ("cases", "notices")),
        ("surveys", ("invitations", "notices")),
    ):
        database = Database(getattr(urls, service), service="test")
        async with database.reading() as connection:
            for table in tables:
                rows = await connection.execute(
                    text(
                        f"SELECT found[1], count(*) FROM {table} one, "
                        "regexp_matches(one::text, '(k[0-9])\\.[A-Za-z0-9_=-]{40,}', 'g') AS found GROUP BY 1"
                    )
                )
                found[f"{service}.{table}"] = dict(tuple(row) for row in rows)
        await database.close()
    return found


def run(monkeypatch, urls: Urls, *given: str):
    monkeypatch.setattr(sealing, "database_of", lambda _, service: getattr(urls, service))
    env = {"KESU_SEAL_KEYS": RING, "KESU_DATABASE_URL": "postgresql://127.0.0.1:1", "COLUMNS": "250"}
    return CliRunner().invoke(seal_app, ["rotate", *given], env=env)


def test_the_command_re_seals_all_four_services_and_names_what_it_cannot_open(urls, monkeypatch):
    lost = asyncio.run(_fill(urls))

    first = run(monkeypatch, urls, "--chunk", "2")
    at_rest = asyncio.run(_keys_at_rest(urls))
    second = run(monkeypatch, urls)

    assert at_rest == {
        "intake.complaints": {"k2": 2, "k0": 2},
        "routing.cases": {"k2": 1},
        "surveys.invitations": {"k2": 2},
        "intake.notices": {"k2": 3},
        "routing.notices": {"k2": 3},
        "surveys.notices": {"k2": 3},
    }
    assert "intake complaints: 2 rows, 2 texts re-sealed with k2 (found: k0 2, k1 2)" in first.output
    assert f"1 could not be opened: {lost}" in first.output
    assert "surveys invitations: 1 rows, 2 texts re-sealed with k2 (found: k1 2)" in first.output
    assert "escalation sheets: 0 rows" in first.output
    assert "routing notices: 3 rows, 0 texts re-sealed with k2 (found: k2 3)" in second.output
    assert (first.exit_code, second.exit_code) == (1, 1)


@pytest.mark.loopback
def test_a_server_that_is_away_is_one_sentence_with_a_remedy(monkeypatch):
    nowhere = "postgresql://127.0.0.1:1/nothing"
    result = run(monkeypatch, Urls(nowhere, nowhere, nowhere, nowhere))

    assert "Run it again" in result.exception.sentence()


def test_an_empty_ring_is_refused(monkeypatch):
    result = CliRunner().invoke(seal_app, ["rotate"], env={"KESU_SEAL_KEYS": ""})

    assert isinstance(result.exception, Rejected)
