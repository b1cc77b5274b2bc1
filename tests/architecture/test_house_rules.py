"""Does the house keep its own rules? Those that a linter's configuration cannot say (architecture.md section 1)."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from shared.events.base import EVENTS
from shared.messaging.topology import ORDERED_FROM, SERVICES, heard_by

ROOT = Path(__file__).parents[2]
CODE = sorted(path for room in ("services", "shared") for path in (ROOT / room).rglob("*.py"))
PURE = sorted(
    path
    for service in SERVICES
    for room in ("domain", "handlers")
    for path in (ROOT / "services" / service / room).rglob("*.py")
)
ROOMS = {"domain", "handlers", "jobs", "api", "pages", "store"}
FILES = {"__init__.py", "__main__.py", "app.py", "settings.py", "metrics.py"}
ALLOWED = {
    "__future__", "base64", "bisect", "collections", "contextlib", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib", "heapq",
    "itertools", "math", "operator", "re", "typing", "types", "unicodedata", "uuid", "zoneinfo",
    "shared.changing", "shared.deciding", "shared.errors", "shared.events", "shared.ids", "shared.lifecycle", "shared.participation", "shared.policy",
    "shared.worktime",
}  # fmt: skip
LONGEST_MODULE = 300


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def calls(path: Path) -> set[str]:
    return {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    }


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_domain_and_handlers_import_only_from_the_list(path):
    service = path.relative_to(ROOT).parts[1]
    own = f"services.{service}."

    strangers = {
        name
        for name in imports(path)
        if not name.startswith(own) and not any(name == ok or name.startswith(f"{ok}.") for ok in ALLOWED)
    }

    assert strangers == set()


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_domain_does_not_know_handlers_or_the_contract(path):
    if "domain" not in path.parts:
        return
    assert not {name for name in imports(path) if ".handlers" in name or ".store" in name}


def test_only_the_clock_reads_the_clock():
    forbidden = ("datetime.now", "datetime.utcnow", "date.today", "time.time", "time.monotonic")
    readers = {name_of(path) for path in CODE for call in calls(path) if call.endswith(forbidden)}

    assert readers <= {"shared/clock.py", "shared/local/waiting.py"}


def test_only_the_transaction_commits():
    committers = {
        name_of(path) for path in CODE for call in calls(path) if call.endswith((".commit", "engine.begin"))
    }

    assert committers == {"shared/database/transaction.py"}


def test_only_the_relay_publishes_and_only_ladder_parking_succession_and_feeding_move_copies():
    publishers = {name_of(path) for path in CODE for call in calls(path) if call.endswith(".publish")}

    assert publishers <= {
        "shared/outbox/relay.py",
        "shared/messaging/post.py",
        "shared/messaging/parking.py",
        "shared/messaging/succession.py",
        "shared/messaging/feeding.py",
        "shared/messaging/provision.py",  # a word into a queue that it made anew, no event
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_only_the_known_rooms(service):
    here = ROOT / "services" / service

    rooms = {path.name for path in here.iterdir() if path.is_dir() and path.name != "__pycache__"}
    files = {path.name for path in here.iterdir() if path.is_file()}

    assert rooms <= ROOMS
    assert files <= FILES


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_what_its_reactions_are_for_and_what_the_topology_sends(service):
    reactions = importlib.import_module(f"services.{service}.handlers").REACTIONS
    plan = importlib.import_module(f"services.{service}.app").PLAN

    assert {event.type_name for event in reactions} <= set(heard_by(service))
    assert plan.ordered_from == ORDERED_FROM[service]
    assert {EVENTS[name].producer for name in heard_by(service)} >= plan.ordered_from


@pytest.mark.parametrize("service", SERVICES)
def test_the_docstring_says_what_it_hears_tells_and_keeps(service):
    docstring = importlib.import_module(f"services.{service}").__doc__ or ""

    assert all(word in docstring for word in ("Hears", "Tells", "Keeps"))


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_a_module_says_what_it_is_for_and_is_short_enough_to_read(path):
    text = path.read_text()

    assert ast.get_docstring(ast.parse(text)), "begin with a docstring"
    assert len(text.splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_nothing_reads_the_environment_outside_settings(path):
    if path.name == "settings.py" or "local" in path.parts:
        return
    assert not {call for call in calls(path) if call.startswith(("os.getenv", "os.environ"))}


STORES = sorted((ROOT / "services").glob("*/store/*.py"))


@pytest.mark.parametrize("path", STORES, ids=name_of)
def test_documents_are_read_through_their_store_which_leaves_out_rows_that_only_mark_a_sequence(path):
    """`STORE.states()` instead of `select(table.c.state)`: such a row has no document to show."""
    chosen = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "select"
        if any(ast.unparse(one).endswith("c.state") for one in node.args)
    ]

    assert chosen == [], "use STORE.states()"
