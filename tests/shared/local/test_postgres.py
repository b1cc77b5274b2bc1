"""Does the embedded PostgreSQL keep what was committed, whatever ends it?"""

from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.local import postgres_files
from shared.local.databases import create_database, database_url, drop_database, run_sql
from shared.local.directories import Claim
from shared.local.postgres import PostgresServer, local_postgres, running_url


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    place = tmp_path_factory.mktemp("postgres")
    for folder in (place, *place.parents[:2]):
        folder.chmod(0o755)
    claim, server = Claim(place), PostgresServer(place)
    assert claim.take()
    server.start()
    yield server
    server.stop("immediate")
    claim.give_back()


@pytest.fixture
def kept(server):
    url = create_database(server.url, "kesu_kept")
    run_sql(url, "CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (7)")
    yield url
    drop_database(server.url, "kesu_kept")


@pytest.mark.servers
def test_committed_rows_survive_kill_9(server, kept):
    before = server.pid

    server.kill9()
    assert server.pid is None
    server.start()

    assert server.pid not in {None, before}
    assert run_sql(kept, "SELECT id FROM kept") == "7"


@pytest.mark.servers
def test_committed_rows_survive_an_immediate_stop(server, kept):
    server.stop("immediate")
    assert server.pid is None
    server.start()

    assert run_sql(kept, "SELECT id FROM kept") == "7"


@pytest.mark.servers
def test_the_server_is_durable_and_tuned(server):
    def shown(name):
        return run_sql(server.url, f"SHOW {name}")

    assert shown("fsync") == "on"
    assert shown("synchronous_commit") == "on"
    assert shown("jit") == "off"
    assert shown("listen_addresses") == ""
    assert shown("idle_in_transaction_session_timeout") == "10s"


@pytest.mark.servers
def test_making_a_database_twice_keeps_the_first(server, kept):
    assert create_database(server.url, "kesu_kept") == kept
    assert run_sql(kept, "SELECT id FROM kept") == "7"


@pytest.mark.servers
def test_a_server_that_runs_already_is_shared_and_left_running(server):
    with local_postgres(server.directory) as same:
        assert same.url == server.url
        assert run_sql(same.url, "SELECT 1") == "1"
        assert running_url(server.directory) == server.url
    assert server.pid is not None


@pytest.mark.servers
def test_an_orphaned_server_is_taken_over_and_ended(tmp_path):
    tmp_path.chmod(0o755)
    orphan = PostgresServer(tmp_path, durable=False)
    orphan.start()

    with local_postgres(tmp_path) as taken_over:
        assert isinstance(taken_over, PostgresServer)
        assert taken_over.pid == orphan.pid

    assert orphan.pid is None
    orphan.stop()


@pytest.mark.servers
def test_a_refused_statement_is_unavailable_with_the_servers_words(server):
    with pytest.raises(Unavailable, match="no_such_table"):
        run_sql(server.url, "SELECT * FROM no_such_table")


def test_a_url_that_nobody_answers_is_a_plain_sentence(tmp_path):
    url = f"postgresql://postgres@/postgres?host={tmp_path}"

    with pytest.raises(Unavailable) as refused, local_postgres(tmp_path, url=url):
        pass

    assert refused.value.code == "database-refused"
    assert "KESU_DATABASE_URL" in refused.value.sentence()


def test_the_url_of_a_database_keeps_host_and_login():
    assert (
        database_url("postgresql://u:p@h:5432/postgres?sslmode=require", "kesu_intake")
        == "postgresql://u:p@h:5432/kesu_intake?sslmode=require"
    )
    assert database_url("postgresql:///postgres?host=/a", "kesu_x") == "postgresql:///kesu_x?host=/a"


@pytest.mark.parametrize("name", ["", "Kesu", "a-b", "a;drop database b", "1a"])
def test_a_name_that_needs_quoting_is_no_database_name(name):
    with pytest.raises(ValueError, match="plain database name"):
        database_url("postgresql://h/postgres", name)


def test_a_deep_directory_gets_a_short_socket():
    deep = Path("/") / ("deep" * 30)

    assert len(str(postgres_files.socket_directory(deep))) < 85
    assert postgres_files.socket_directory(deep) == postgres_files.socket_directory(deep)
    assert postgres_files.socket_directory(Path("/srv/kesu")) == Path("/srv/kesu/socket")
