"""A register for the importing commands to talk to: real HTTP on loopback, answers from memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread


@dataclass
class FakeRegister:
    """Remembers rows by source and ref, as the real one does; `fail_first` answers 503 that often."""

    url: str = ""
    known: dict[tuple[str, str], dict] = field(default_factory=dict)
    posted: list[dict] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    refuse: Callable[[dict], bool] = lambda row: False
    answer_to: Callable[[dict], dict] = lambda row: {}
    """What is answered of a row beside its number and the usual."""
    fail_first: int = 0
    status: int = 200
    lock: Lock = field(default_factory=Lock)

    def answer(self, path: str, body: dict, key: str | None) -> tuple[int, dict]:
        with self.lock:
            self.posted.append(body)
            self.keys.append(key)
            if self.fail_first:
                self.fail_first -= 1
                return 503, {"code": "database-away", "detail": "the database does not answer"}
            if self.status >= 400:
                return self.status, {"code": "no-token", "detail": "this door needs a bearer token"}
            if path == "/complaints":
                return 201, {"complaint_no": f"N-{len(self.posted)}"}
            return 200, {"results": [self._row(body["source"], row) for row in body["rows"]]}

    def _row(self, source: str, row: dict) -> dict:
        if self.refuse(row):
            return {
                "row": row["row"],
                "status": "rejected",
                "code": "unknown-kind",
                "detail": "no",
                "field": "kind",
            }
        status = "known" if (source, row["ref"]) in self.known else "registered"
        self.known[(source, row["ref"])] = row
        return {"row": row["row"], "status": status, "complaint_no": "N-1"} | self.answer_to(row)


@contextmanager
def a_register(**given) -> Iterator[FakeRegister]:
    register = FakeRegister(**given)

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, answer = register.answer(self.path, body, self.headers.get("idempotency-key"))
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    register.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield register
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
