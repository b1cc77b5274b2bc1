"""Who may do what on the two servers? `kesu accounts`: a role and a user for each service, with its rights.

Run after `kesu migrate` and `kesu topology apply`, with an administrator's URLs, any number of times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import quote

from rich.console import Console

from shared.cli.settings import CliSettings
from shared.database.migrate import SERVICES
from shared.database.roles import give_access
from shared.errors import Rejected
from shared.local.amqp_greeting import door
from shared.local.management import Management
from shared.messaging.rights import rights, topics

_out = Console()


def accounts_command() -> None:
    """Make kesu_intake, kesu_routing, kesu_escalation and kesu_surveys on database and broker.

    KESU_ACCOUNTS holds their passwords: intake:PASSWORD,routing:PASSWORD,escalation:...,surveys:...
    """
    settings = CliSettings()
    passwords = passwords_in(settings.need("accounts"))
    broker = Management(settings.need("amqp_management_url"))
    vhost = door(settings.need("amqp_url")).vhost
    for service, password in passwords.items():
        asyncio.run(give_access(settings.need("database_url"), service, password))
        give_broker(broker, vhost, service, password)
        _out.print(f"kesu_{service}: its own database and its own queues.")


def passwords_in(text: str) -> Mapping[str, str]:
    """The password of each service. Raises Rejected('bad-accounts')."""
    pairs = (one.partition(":") for one in text.split(","))
    found = {service.strip(): password for service, _, password in pairs}
    if set(found) != set(SERVICES) or not all(found.values()):
        raise Rejected(
            "bad-accounts",
            f"it must name a password for each of {', '.join(SERVICES)}",
            field="KESU_ACCOUNTS",
            remedy="Write intake:PASSWORD,routing:PASSWORD,escalation:PASSWORD,surveys:PASSWORD.",
        )
    return found


def give_broker(broker: Management, vhost: str, service: str, password: str, *, user: str = "") -> None:
    """Make the service's user, kesu_<service> unless named, and set its rights. Raises Unavailable."""
    user = user or f"kesu_{service}"
    place = f"{quote(vhost, safe='')}/{quote(user, safe='')}"
    broker.call("PUT", f"/api/users/{quote(user, safe='')}", {"password": password, "tags": ""})
    broker.call("PUT", f"/api/permissions/{place}", dict(rights(service)))
    for exchange, keys in topics(service).items():
        wanted = {"exchange": exchange, "write": keys, "read": "^$"}
        broker.call("PUT", f"/api/topic-permissions/{place}", wanted)
