"""How does a developer keep one PostgreSQL and one RabbitMQ running for many test runs?

`python -m shared.local` starts both under `var/shared`, prints the variables that make the tests
use them, and ends them at Ctrl-C. The tests' database is not durable: it is thrown away.
"""

from __future__ import annotations

import signal
import sys

from shared.errors import Unavailable
from shared.local.postgres import local_postgres
from shared.local.rabbitmq import local_rabbitmq
from shared.local.settings import LocalSettings


def main() -> int:
    """Exit status 0 after Ctrl-C, 1 when a server is not to be had."""
    place = LocalSettings().var / "shared"
    try:
        with (
            local_postgres(place / "postgres", durable=False) as database,
            local_rabbitmq(place / "rabbitmq") as broker,
        ):
            print(f"export KESU_TEST_DATABASE_URL='{database.url}'")
            print(f"export KESU_TEST_AMQP_URL='{broker.url}'")
            print(f"export KESU_TEST_AMQP_MANAGEMENT_URL='{broker.management_url}'")
            print("# Both run until Ctrl-C.", flush=True)
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except Unavailable as failure:
        print(failure.sentence(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
