"""How do the services get behind a link that the rig can break?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from shared.local.ports import free_ports
from tests.faults.proxy import Proxy
from tests.faults.rig import Rig


@asynccontextmanager
async def through_proxy(rig: Rig) -> AsyncIterator[Proxy]:
    """While it lasts all four services reach the broker through the proxy only."""
    parts = urlsplit(rig.broker.url)
    (port,) = free_ports(1)
    proxy = Proxy(port, parts.port or 5672)
    await proxy.open()
    login, _, host = parts.netloc.rpartition("@")
    name = host.partition(":")[0]
    bent = urlunsplit(parts._replace(netloc=f"{login}@{name}:{port}"))
    await rig.start_services(KESU_AMQP_URL=bent)
    rig.note("the services reach the broker through the proxy")
    try:
        yield proxy
    finally:
        proxy.let_pass()
        await rig.start_services()
        await proxy.close()
        rig.note("the services reach the broker directly again")
