"""How is one process of the yardstick run? `python -m benchmarks.yardstick intake|routing|escalation`."""

from __future__ import annotations

import sys

import uvicorn

from benchmarks.yardstick import escalation, intake, routing
from benchmarks.yardstick.settings import YardstickSettings

APPS = {"intake": intake.app, "routing": routing.app, "escalation": escalation.app}


def main() -> None:
    """Serve until SIGTERM, with what Kesu's services are served with too."""
    settings = YardstickSettings()  # pyright: ignore[reportCallIssue]  # the environment has the rest
    uvicorn.run(
        APPS[sys.argv[1]](settings),
        host="127.0.0.1",
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
