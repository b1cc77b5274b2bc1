"""Does a running service notice that its files have changed, and survive that they are wrong?"""

from __future__ import annotations

import pytest

from shared.policy.problems import PolicyErrors
from shared.policy.source import RulebookSource
from shared.policy.workload import Workload


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def a_source(files) -> tuple[RulebookSource, Stopwatch]:
    watch = Stopwatch()
    return RulebookSource(files.organisation, [files.profiles], monotonic=watch), watch


def target_of(source: RulebookSource) -> str:
    return str(source.current().profile_of("sh01").clocks[0].limits[0].target)


def test_a_changed_file_is_in_force_a_moment_later(files):
    source, watch = a_source(files)

    files.spoil("target: 3 wd", "target: 14 wd")
    assert target_of(source) == "3 wd"
    watch.seconds += 2

    assert target_of(source) == "14 wd"
    assert source.error is None


def test_a_file_that_has_become_wrong_leaves_the_last_good_one_in_force(files):
    source, watch = a_source(files)

    files.spoil("target: 3 wd", "target: 3 weeks")
    watch.seconds += 2

    assert target_of(source) == "3 wd"
    assert "own.yaml:15" in (source.error or "")


def test_a_mended_file_is_in_force_again(files):
    source, watch = a_source(files)
    files.spoil("target: 3 wd", "target: 3 weeks")
    watch.seconds += 2
    source.current()

    files.spoil("target: 3 weeks", "target: 21 wd")
    watch.seconds += 2

    assert target_of(source) == "21 wd"
    assert source.error is None


def test_a_new_profile_in_the_folder_is_noticed(files):
    source, _ = a_source(files)
    (files.profiles / "heir.yaml").write_text("profile: heir\ninherits: own\n", "utf-8")

    assert source.refresh()
    assert "heir" in source.current().profiles


def test_files_that_were_touched_but_not_changed_change_nothing(files):
    source, _ = a_source(files)
    files.profile.write_text(files.profile.read_text("utf-8") + "# the end\n", "utf-8")

    assert not source.refresh()


def test_nothing_starts_on_wrong_files(files):
    files.spoil("target: 3 wd", "target: 3 weeks")

    with pytest.raises(PolicyErrors):
        a_source(files)


def test_versions_name_what_is_in_force(files):
    source, _ = a_source(files)

    assert set(source.versions) == {"organisation", "own"}


def test_an_organisation_that_has_become_wrong_leaves_the_last_good_one_in_force(files):
    source, watch = a_source(files)
    good = source.current().organisation.version

    files.spoil("stand_in: boss", "stand_in: wang")
    watch.seconds += 2

    assert source.current().organisation.version == good
    assert "people.wang.stand_in: goes round in a circle" in (source.error or "")


def test_the_load_is_carried_over_a_change_of_the_files(files):
    source, watch = a_source(files)
    source.carry(Workload({"wang": 7}))

    files.spoil("target: 3 wd", "target: 14 wd")
    watch.seconds += 2

    assert source.current().workload.of("wang") == 7
    assert target_of(source) == "14 wd"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"sites: " + b"[" * 5000 + b"]" * 5000, id="deeper than the reader goes"),
        pytest.param(b"sites: \xff\xfe\x00", id="no text"),
        pytest.param(b"sites: !!python/object:os.system {}", id="a tag"),
        pytest.param(b"extends: organisation.yaml\n", id="itself"),
        pytest.param(b"", id="empty"),
    ],
)
def test_whatever_is_wrong_with_the_file_the_last_good_policy_holds_and_the_error_is_told(files, content):
    source, watch = a_source(files)
    before = target_of(source)
    good = files.organisation.read_bytes()

    files.organisation.write_bytes(content)
    watch.seconds += 10
    assert target_of(source) == before
    assert source.error

    files.organisation.write_bytes(good + b"\n")
    watch.seconds += 10
    assert target_of(source) == before
    assert source.error is None


@pytest.mark.parametrize(
    "error", [RecursionError("deep"), MemoryError(), OSError(5, "I/O"), ZeroDivisionError()]
)
def test_a_reader_that_fails_by_itself_ends_nobody_who_asks(files, monkeypatch, error):
    source, watch = a_source(files)
    before = target_of(source)

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("shared.policy.source.extended", fails)
    files.organisation.write_bytes(files.organisation.read_bytes() + b"\n")
    watch.seconds += 10

    assert target_of(source) == before
    assert type(error).__name__ in str(source.error)
