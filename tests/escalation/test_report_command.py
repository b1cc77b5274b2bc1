"""Does `kesu report clocks` show what escalation counted?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from shared.cli.main import app
from shared.errors import Rejected

LINE = {"site": "us01", "group": "NYPD", "clock": "promise", "started": 3, "met": 1, "late": 1, "overdue": 1}
REST = {"running": 0, "paused": 0, "cancelled": 0}
SCORE = {
    "clock": "promise",
    "asked": 123,
    "missed": 0.25,
    "forecast": 0.11,
    "base_rate": 0.19,
    "skill": 0.42,
    "calibration_error": 0.031,
}
SCORE |= {"is_shown": True, "bins": []}
pytestmark = pytest.mark.loopback


class Service(BaseHTTPRequestHandler):
    asked: ClassVar[list[dict[str, list[str]]]] = []
    status = 200

    def do_GET(self) -> None:
        type(self).asked.append(parse_qs(urlsplit(self.path).query))
        items = [LINE | REST, LINE | REST | {"clock": "answer"}]
        body = {"as_of": "2014-05-02", "by": "department", "items": items}
        if self.status != 200:
            body = {"code": "out-of-scope", "detail": "your token does not cover site us01"}
        if self.path.startswith("/reports/forecast"):
            body = {"split_at": "2014-05-02T00:00:00Z", "items": [SCORE]}
        raw = json.dumps(body).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[tuple[str, type[Service]]]:
    door = type("Door", (Service,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), door)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", door
    server.shutdown()
    server.server_close()
    thread.join()


def report(url: str, *more: str):
    return CliRunner().invoke(app, ["report", "clocks", "--token", "t", "--url", url, *more])


def test_the_report_asks_for_the_day_and_shows_sums(service):
    url, door = service

    shown = report(url, "--as-of", "2014-05-02", "--site", "us01", "--clock", "promise", "--json")

    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.output)
    assert door.asked == [{"as_of": ["2014-05-02"], "site": ["us01"], "by": ["department"]}]
    assert found["total"] == {"started": 3, "met": 1, "late": 1, "overdue": 1} | REST
    assert [item["clock"] for item in found["items"]] == ["promise"]


def test_the_table_names_the_day_and_the_groups(service):
    url, _ = service

    shown = report(url)

    assert "Promises as of 2014-05-02" in shown.output
    assert "NYPD" in shown.output


def test_a_refusal_is_told_as_one(service):
    url, door = service
    door.status = 403

    shown = report(url)

    assert isinstance(shown.exception, Rejected)
    assert shown.exception.code == "out-of-scope"


def test_the_forecast_is_shown_with_both_scores(service):
    url, _ = service

    shown = CliRunner().invoke(app, ["report", "forecast", "--token", "t", "--url", url])

    assert shown.exit_code == 0, shown.output
    assert "0.110" in shown.output
    assert "0.190" in shown.output
    assert "yes" in shown.output


@pytest.mark.parametrize("columns", ["20", "80"])
def test_no_column_is_cut_however_narrow_the_terminal_is(service, monkeypatch, columns):
    url, _ = service
    monkeypatch.setenv("COLUMNS", columns)
    long = "Department of Environmental Protection and Consumer Affairs, Second Floor"
    monkeypatch.setitem(LINE, "group", long)

    shown = report(url)
    forecast = CliRunner().invoke(app, ["report", "forecast", "--token", "t", "--url", url])

    assert long in shown.output
    for word in ("department", "overdue", "running", "cancelled"):
        assert word in shown.output
    assert "calibration error" in forecast.output
    assert "…" not in shown.output + forecast.output


@pytest.mark.parametrize("given", [("from=2026-01-01",), ("--from", "2026-01-01"), ("--to=2026-02-01",)])
def test_what_the_report_does_not_read_is_an_error(service, given):
    url, door = service

    refused = report(url, *given)

    assert refused.exit_code == 2
    assert door.asked == []
