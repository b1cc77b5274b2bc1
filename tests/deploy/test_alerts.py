"""Do the alerts ask for figures that exist, fire when they should, and say what to do?"""

import re
import shutil
import subprocess

import pytest
import yaml

from shared.database.migrate import SERVICES
from tests.deploy.files import (
    DEPLOY,
    ROOT,
    RULE_TESTS,
    RULES,
    alerts,
    metrics_exported,
    metrics_used,
    settings_of,
    table_of_operations,
)

PROMETHEUS = DEPLOY / "prometheus"
OF_RABBITMQ = {"rabbitmq_alarms_memory_used_watermark", "rabbitmq_alarms_free_disk_space_watermark"}

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt-get install prometheus)"
)


@promtool
def test_promtool_accepts_configuration_and_rules():
    subprocess.run(
        ["promtool", "check", "config", PROMETHEUS / "prometheus.yml"], check=True, capture_output=True
    )


@promtool
def test_every_alert_fires_when_it_should_and_only_then():
    done = subprocess.run(
        ["promtool", "test", "rules", *RULE_TESTS], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_figure_that_an_alert_asks_for_exists():
    assert metrics_used() - OF_RABBITMQ - {"up"} <= metrics_exported()


@pytest.mark.parametrize("name", sorted(alerts()))
def test_an_alert_is_tested_and_says_what_to_do(name):
    alert = alerts()[name]
    tested = {
        case["alertname"]
        for file in RULE_TESTS
        for test in yaml.safe_load(file.read_text())["tests"]
        for case in test.get("alert_rule_test", ())
        if case.get("exp_alerts")
    }

    assert name in tested
    assert alert["labels"]["severity"] in {"warning", "critical"}
    assert alert["annotations"]["runbook"] == f"docs/operations.md#{name.lower()}"
    assert re.search(rf"^### {name}$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)


def test_no_section_is_about_an_alert_that_is_gone():
    described = set(
        re.findall(r"^### (Kesu\w+)$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    )

    assert described == set(alerts())


def test_every_service_and_the_broker_are_scraped():
    configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    targets = {
        target
        for job in configuration["scrape_configs"]
        for static in job["static_configs"]
        for target in static["targets"]
    }

    assert {f"{name}:{settings_of(name).model_fields['port'].default}" for name in SERVICES} <= targets
    assert "rabbitmq:15692" in targets
    assert RULES


def test_every_figure_of_ours_is_explained():
    exported = {
        re.sub(r"_(bucket|count|sum)$", "", name) for name in metrics_exported() if name.startswith("kesu_")
    }
    whole = {name for name in exported if f"{name}_total" not in exported}

    assert set(table_of_operations("Metrics")) == whole
