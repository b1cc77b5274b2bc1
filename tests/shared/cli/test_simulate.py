"""Are made-up complaints plausible, repeatable and harmless?"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from services.intake.api.bodies import ComplaintBody
from shared.cli import door
from shared.cli.simulate import SITES, simulate, simulate_command
from shared.policy import model
from tests.shared.cli.import_register import a_register

BODIES = list(simulate(7, 400))


def test_the_same_seed_makes_the_same_complaints_whatever_the_count():
    assert list(simulate(7, 50)) == BODIES[:50]
    assert list(simulate(8, 50)) != BODIES[:50]


def test_each_body_is_one_that_the_register_takes():
    for body in BODIES:
        ComplaintBody.model_validate(body)


def test_shanghai_writes_chinese_and_berlin_english():
    for body in BODIES:
        chinese = bool(re.search(r"[\u4e00-\u9fff]", body["narrative"]))
        assert chinese == (body["site"] == "sh01")
        assert body["language"] == ("zh" if chinese else "en")


def test_sites_kinds_and_channels_are_mixed():
    assert {body["site"] for body in BODIES} == set(SITES)
    assert {body["site"] for body in simulate(7, 2)} == set(SITES)
    assert Counter(body["kind"] for body in BODIES).most_common(1)[0][0] == "complaint"
    assert len({body["kind"] for body in BODIES}) == 5
    assert len({body["channel"] for body in BODIES}) >= 6


def test_categories_and_types_are_those_of_the_generic_profile():
    path = Path(model.__file__).parent / "profiles" / "generic-1-3.yaml"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))["categories"]

    assert {(b["category"], b["type"]) for b in BODIES} <= {(c, t) for c in known for t in known[c]}


def test_nobody_real_can_be_reached_by_what_is_made_up():
    for body in BODIES:
        customer = body["customer"]
        assert customer["email"].endswith(".example")
        assert customer["phone"].startswith(("+86 21 0000 ", "+49 30 23125 "))


def run(url: str, *more: str):
    app = typer.Typer()
    app.command()(simulate_command)
    given = ["--token", "t", "--url", url, *more]
    return CliRunner().invoke(app, given, env={"COLUMNS": "200"})


@pytest.mark.loopback
def test_the_command_registers_as_many_as_it_is_told():
    with a_register() as register:
        result = run(register.url, "--count", "25", "--site", "ber1")

    assert result.exit_code == 0
    assert "25 registered, 0 refused" in result.output
    assert {body["site"] for body in register.posted} == {"ber1"}
    assert len(set(register.keys)) == 25


@pytest.mark.loopback
def test_the_command_says_what_was_refused():
    with a_register(status=401) as register:
        result = run(register.url, "--count", "3")

    assert result.exit_code == 1
    assert "0 registered, 3 refused" in result.output
    assert "needs a bearer token" in result.output


@pytest.mark.loopback
def test_the_command_ends_with_three_without_a_register(monkeypatch):
    monkeypatch.setattr(door, "PAUSES_SECONDS", ())
    with a_register() as register:
        gone = register.url

    assert run(gone, "--count", "3").exit_code == 3
