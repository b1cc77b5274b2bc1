"""Which part of the installation's secret does a service need? `kesu secret`, for its environment alone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from shared.access.tokens import Tokens
from shared.cli.settings import CliSettings
from shared.clock import SystemClock
from shared.errors import Rejected
from shared.sealed.sealer import ring_of

PURPOSES = {
    "intake": ("links", "pseudonyms"),
    "routing": ("links",),
    "escalation": ("links", "audit-statement"),
    "surveys": ("links",),
}
"""What each service derives keys for. None makes tokens: that is `kesu token`."""


def secret_command(
    service: Annotated[str, typer.Argument(help="intake, routing, escalation or surveys")],
) -> None:
    """Print a KESU_SECRET and KESU_TOKEN_PUBLIC_KEY with which this service can make no tokens."""
    if service not in PURPOSES:
        raise Rejected(
            "unknown-service",
            f"no service {service}",
            field="service",
            remedy=f"Services are: {', '.join(PURPOSES)}.",
        )
    secret = CliSettings().need("secret")
    sys.stdout.write(f"KESU_SECRET={ring_of(secret, PURPOSES[service])}\n")
    sys.stdout.write(f"KESU_TOKEN_PUBLIC_KEY={Tokens(secret, SystemClock()).public_key}\n")
