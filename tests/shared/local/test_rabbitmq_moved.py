"""Does a node whose directory was copied or moved come back with its queues and its log?"""

import shutil

import pytest

from shared.errors import Unavailable
from shared.local import rabbitmq_programs
from shared.local.rabbitmq_moved import follow
from shared.local.rabbitmq_node import RabbitNode
from shared.messaging import provision

TERM = b"""#{cluster_name => '%%2F_work',
  system_config =>
      #{data_dir =>
            "%(at)s/mnesia/kesu@localhost/quorum/kesu@localhost",
        wal_data_dir =>
            "%(at)s/mnesia/kesu@localhost/quorum/kesu@localhost"}}."""


def _config(directory, at):
    file = directory / "mnesia" / "kesu@localhost" / "quorum" / "kesu@localhost" / "2F_1" / "config"
    file.parent.mkdir(parents=True)
    file.write_bytes(TERM % {b"at": at})
    return file


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_copied_node_serves_beside_its_original(tmp_path):
    programs = rabbitmq_programs.installed()
    if programs is None:
        pytest.skip("needs a RabbitMQ that is installed on this machine")
    original = RabbitNode(tmp_path / "original", programs, plugins=())
    copied = None
    try:
        original.start()
        await provision.apply(original.url)
        original.stop()
        shutil.copytree(tmp_path / "original", tmp_path / "copy")
        original.start()

        copied = RabbitNode(tmp_path / "copy", programs, plugins=())
        copied.start()

        await provision.apply(copied.url)
        assert await provision.check(copied.url) == []
        assert copied.url != original.url
        assert await provision.check(original.url) == []
    finally:
        for node in filter(None, (original, copied)):
            node.kill9()
            node.stop()


def test_every_path_follows_and_the_rest_stays(tmp_path):
    file = _config(tmp_path, b"/old/place/var/rabbitmq")

    follow(tmp_path)

    assert file.read_bytes() == TERM % {b"at": str(tmp_path).encode()}
    assert [one.name for one in file.parent.iterdir()] == ["config"]


def test_data_that_lie_where_they_were_made_are_not_written(tmp_path):
    file = _config(tmp_path, str(tmp_path).encode())
    before = file.stat().st_mtime_ns

    follow(tmp_path)

    assert file.stat().st_mtime_ns == before


def test_a_path_that_erlang_writes_otherwise_is_refused_with_a_remedy(tmp_path):
    file = _config(tmp_path / "客诉", b"/old/place")
    before = file.read_bytes()

    with pytest.raises(Unavailable, match="cannot follow") as refused:
        follow(tmp_path / "客诉")

    assert refused.value.code == "broker-moved"
    assert "plain ASCII" in refused.value.sentence()
    assert file.read_bytes() == before
