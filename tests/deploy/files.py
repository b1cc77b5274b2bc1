"""What do the files of deploy/ say, in terms that a test can compare?"""

from __future__ import annotations

import functools
import importlib
import re
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY

from shared.database.migrate import SERVICES
from shared.settings import ServiceSettings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
RULE_TESTS = sorted((DEPLOY / "prometheus" / "tests").glob("*.yml"))
_METRIC = re.compile(r"\b(?:kesu|process|rabbitmq)_[a-z_0-9]+|\bup\b")


@functools.cache
def compose() -> dict[str, Any]:
    """docker-compose.yml with its anchors resolved, variables as written."""
    return yaml.safe_load((DEPLOY / "docker-compose.yml").read_text())


def settings_of(service: str) -> type[ServiceSettings]:
    """The settings class of a service."""
    return importlib.import_module(f"services.{service}.settings").Settings


def setting_names() -> set[str]:
    """Every environment variable that some service reads."""
    return {f"KESU_{name.upper()}" for service in SERVICES for name in settings_of(service).model_fields}


def alerts() -> dict[str, dict[str, Any]]:
    """Every alert by name."""
    return {rule["alert"]: rule for rule in _rules() if "alert" in rule}


def _rules() -> list[dict[str, Any]]:
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def metrics_used() -> set[str]:
    """The names of all series that alerts and recording rules ask for, but those that are recorded here."""
    return {name for rule in _rules() for name in _METRIC.findall(rule["expr"])}


def metrics_exported() -> set[str]:
    """The names of all series that some service exports; `_created` ones are left out."""
    importlib.import_module("shared.observability.metrics")
    for service in SERVICES:
        importlib.import_module(f"services.{service}.metrics")
    known = REGISTRY._names_to_collectors
    return {
        name for name in known if name.startswith(("kesu_", "process_")) and not name.endswith("_created")
    }


def table_of_operations(heading: str) -> dict[str, tuple[str, ...]]:
    """First column without backticks -> other columns, of the table below a heading of docs/operations.md."""
    text = (ROOT / "docs" / "operations.md").read_text()
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    body = next(part for part in section if part.startswith(heading + "\n"))
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in body.splitlines()
        if line.startswith("| `")
    ]
    return {row[0].strip().split("`")[1]: tuple(row[1:]) for row in rows}
